package importmap

import (
	"fmt"
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

// literal are the bytes that a key has unencoded: printable ASCII except the path
// percent-encode set of the URL standard, and except % and \, which a URL parser would
// read differently. "|" is not in that set and is not encoded.
// (https://url.spec.whatwg.org/#path-percent-encode-set)
var literal = func() (t [256]bool) {
	for c := 0x21; c < 0x7F; c++ {
		t[c] = !strings.ContainsRune("\"#<>?^`{}%\\", rune(c))
	}
	return t
}()

// KeyOf returns the key of a file: "./" and the path, percent-encoded as in the path
// of a URL. The key of "lib/a b.js" is "./lib/a%20b.js". Every byte that a URL path
// does not have literally is written as % and two upper-case hexadecimal digits.
//
// The path is relative to the root, with slashes and without ".", ".." and empty
// segments. Names need not be UTF-8: they are encoded byte by byte.
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

// A KeyError reports why PathOf rejects a key.
type KeyError struct {
	Key    string
	Reason string
	Want   string // the key that PathOf accepts for the same file; "" if there is none
}

func (e *KeyError) Error() string {
	msg := "key " + quoteShort(e.Key) + ": " + e.Reason
	if e.Want != "" {
		msg += "; write " + quoteShort(e.Want)
	}
	return msg
}

// PathOf returns the path for which KeyOf returns key. One file has one key: PathOf
// returns a [*KeyError] for every key that KeyOf does not return for a path that is
// relative, clean and below the root. The text of the path never leaves the root. The
// caller has to check symbolic links. On Windows, PathOf also rejects a path that
// Windows would read as another name.
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

// unescape decodes the part of a key after "./". If it does not have the form of
// KeyOf, unescape returns the reason.
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
			return "", fmt.Sprintf("encodes %q, which must not be encoded", c)
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

// unclean returns why a decoded path is not the clean path of a file below the root,
// or "". A key with a segment ".", ".." or "%2E" never resolves to a URL with that
// segment.
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

// canonical returns the key that PathOf accepts for the file that a URL parser would
// find for key. It returns "" if that is not a file below the root.
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

// decodeLoosely decodes every %xx except an encoded slash, as percent-decode of the URL
// standard does.
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

// windowsReads returns why Windows would open something other than the file of that
// name, or "". Windows strips dots and spaces at the end, has devices in every
// directory, reads "\" as a slash and the text after ":" as a stream. Short names
// (PROGRA~1) are not detected: their text does not distinguish them from others.
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

// isDevice reports whether a segment is a reserved name, with any extension
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
