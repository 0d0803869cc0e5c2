package importmap

import (
	"fmt"
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

// literal holds the bytes that stand for themselves in a key: all of printable ASCII
// but the URL standard's path percent-encode set and % and \, which a URL parser would
// read otherwise. "|" is not of that set, and stays.
// (https://url.spec.whatwg.org/#path-percent-encode-set)
var literal = func() (t [256]bool) {
	for c := 0x21; c < 0x7F; c++ {
		t[c] = !strings.ContainsRune("\"#<>?^`{}%\\", rune(c))
	}
	return t
}()

// KeyOf returns the key of a file: "./" and the path as a URL's path has it, with every
// other byte as % and two upper-case digits. "lib/a b.js" is "./lib/a%20b.js". The path
// is relative to the root, with slashes and without ".", ".." and empty segments. Names
// need not be UTF-8: they are encoded byte for byte.
func KeyOf(path string) string {
	n := 0
	for i := range len(path) {
		if !literal[path[i]] && path[i] != '/' {
			n++
		}
	}
	if n == 0 {
		return "./" + path
	}
	const hex = "0123456789ABCDEF"
	key := make([]byte, 0, len("./")+len(path)+2*n)
	key = append(key, "./"...)
	for i := range len(path) {
		if c := path[i]; literal[c] || c == '/' {
			key = append(key, c)
		} else {
			key = append(key, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(key)
}

// A KeyError says why a key names no file of nodeint's.
type KeyError struct {
	Key    string
	Reason string
	Want   string // the form in which the key would be accepted; "" where there is none
}

func (e *KeyError) Error() string {
	msg := "key " + quoteShort(e.Key) + ": " + e.Reason
	if e.Want != "" {
		msg += "; write " + quoteShort(e.Want)
	}
	return msg
}

// PathOf returns the path that a key was made of, and refuses, with a *KeyError,
// whatever KeyOf does not make of a path that is relative, clean and below the root:
// one file has one key. The path never leads out of the root by its text (what symbolic
// links do is the caller's to see). On Windows it refuses, too, what Windows would read
// as another name.
func PathOf(key string) (string, error) {
	return pathOf(key, runtime.GOOS == "windows")
}

func pathOf(key string, windows bool) (string, error) {
	rest, ok := strings.CutPrefix(key, "./")
	if !ok {
		return "", &KeyError{key, `does not begin with "./"`, canonical("./" + key)}
	}
	name, reason := unescape(rest)
	if reason == "" {
		reason = unclean(name)
	}
	if reason != "" {
		return "", &KeyError{key, reason, canonical(key)}
	}
	if windows {
		if reason := windowsReads(name); reason != "" {
			return "", &KeyError{key, reason, ""}
		}
	}
	return name, nil
}

// unescape decodes what follows "./" of a key, or says why it is not in KeyOf's form.
func unescape(s string) (name, reason string) {
	i := 0
	for i < len(s) && (literal[s[i]] || s[i] == '/') {
		i++
	}
	if i == len(s) {
		return s, ""
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if literal[c] || c == '/' {
			b = append(b, c)
			continue
		}
		if c != '%' {
			return "", notLiteral(s[i:])
		}
		if i+2 >= len(s) || !upperHex(s[i+1]) || !upperHex(s[i+2]) {
			return "", `has a "%" without two upper-case hexadecimal digits`
		}
		hi, _ := unhex(s[i+1])
		lo, _ := unhex(s[i+2])
		switch c = hi<<4 | lo; {
		case c == '/':
			return "", `has an encoded "/"`
		case c == 0:
			return "", "has an encoded NUL"
		case literal[c]:
			return "", fmt.Sprintf("encodes %q, which stands for itself", c)
		}
		b = append(b, c)
		i += 2
	}
	return string(b), ""
}

func upperHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }

func notLiteral(s string) string {
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '?':
		return "has a query"
	case '#':
		return "has a fragment"
	case utf8.RuneError:
		return "has bytes that are not encoded"
	default:
		return fmt.Sprintf("has %q, which is not encoded", r)
	}
}

// unclean says why a decoded path is not the plain name of a file below the root. A key
// with ".", ".." or "%2E" in a segment's place never resolves to a URL with that text.
func unclean(name string) string {
	if name == "" {
		return "names no file"
	}
	for start := 0; start <= len(name); {
		end := strings.IndexByte(name[start:], '/')
		if end < 0 {
			end = len(name) - start
		}
		switch name[start : start+end] {
		case "":
			return "has an empty segment"
		case ".":
			return `has a segment "."`
		case "..":
			return `has a segment ".."`
		}
		start += end + 1
	}
	return ""
}

// canonical returns the accepted key for the file that a loosely written key names by
// the rules of URLs, "" where that is no file below the root.
func canonical(key string) string {
	if strings.ContainsAny(key, "?#\\") || strings.Contains(key, "://") || strings.HasSuffix(key, "/") {
		return ""
	}
	name := decodeLoosely(strings.TrimPrefix(key, "./"))
	if strings.ContainsRune(name, 0) || strings.HasPrefix(name, "/") {
		return ""
	}
	if name = path.Clean(name); name == ".." || strings.HasPrefix(name, "../") || name == "." {
		return ""
	}
	return KeyOf(name)
}

// decodeLoosely decodes every %xx but the slash's, as the URL standard's percent-decode.
func decodeLoosely(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := unhex(s[i+1])
			lo, ok2 := unhex(s[i+2])
			if c := hi<<4 | lo; ok1 && ok2 && c != '/' {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// windowsReads says why Windows would open something else than the path names: it
// strips dots and spaces, has devices in every folder, reads "\" as a slash and what
// follows ":" as a stream. Short names (PROGRA~1) cannot be told from others by their text.
func windowsReads(name string) string {
	for segment := range strings.SplitSeq(name, "/") {
		if strings.ContainsAny(segment, `\:*?"<>|`) || strings.ContainsFunc(segment, isControl) {
			return "has a character that is not part of a name on Windows"
		}
		if strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") {
			return "ends a segment in a dot or a space, which Windows strips"
		}
		if isDevice(segment) {
			return "is the name of a device on Windows"
		}
	}
	return ""
}

func isControl(r rune) bool { return r < 0x20 }

// isDevice knows the reserved names, with any extension
// (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
func isDevice(segment string) bool {
	base, _, _ := strings.Cut(segment, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(base, "COM")
	if !ok {
		port, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}
