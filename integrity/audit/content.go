package audit

import (
	"bytes"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// The thresholds. They were chosen on the installed packages of real programs: docs/audit.md
// has the numbers.
const (
	minSource = 1 << 10 // bytes: a smaller source is not called minified

	longLine  = 500 // bytes: lines of minified code are longer, those of people are not
	longShare = 0.5 // of the bytes of a minified source that are in long lines
	codeEvery = 60  // bytes of a long line with code, on average, from one of "({;" to the next

	minBase64  = 2048 // characters of a literal
	minEntropy = 4.5  // bits per character of a base64 literal: text has less
	minHex     = 1024 // digits of a literal
	minEscapes = 512  // \x or \u escapes in a row
	minHidden  = 16   // invisible characters in a row

	minObfuscated = 30 // names such as _0x3fa2b1

	textHead = 64 << 10 // bytes of a text that are looked at for binary content
)

// kindOf returns what content begins with head: a format of machine code, WebAssembly or an
// archive. code is "" if it is none of them.
func kindOf(head []byte) (code, format string) {
	switch {
	case nodejs.IsMachineCode(head):
		switch {
		case bytes.HasPrefix(head, []byte("\x7fELF")):
			format = "ELF"
		case bytes.HasPrefix(head, []byte("MZ")):
			format = "PE"
		default:
			format = "Mach-O"
		}
		return NativeBinary, format
	case bytes.HasPrefix(head, []byte("\x00asm")):
		return Wasm, "WebAssembly"
	}
	for _, f := range archives {
		if len(head) >= f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return Archive, f.name
		}
	}
	return "", ""
}

// archives are the formats of archives and of compressed data, by the bytes at an offset.
var archives = []struct {
	name, magic string
	at          int
}{
	{"gzip", "\x1f\x8b\x08", 0},
	{"zip", "PK\x03\x04", 0},
	{"zip", "PK\x05\x06", 0},
	{"xz", "\xfd7zXZ\x00", 0},
	{"bzip2", "BZh", 0},
	{"7z", "7z\xbc\xaf\x27\x1c", 0},
	{"zstd", "\x28\xb5\x2f\xfd", 0},
	{"lz4", "\x04\x22\x4d\x18", 0},
	{"rar", "Rar!\x1a\x07", 0},
	{"tar", "ustar", 257},
}

// names are the extensions that fit a code.
var names = map[string]string{
	NativeBinary: ".node .so .dylib .dll .exe .bin .o .a .lib .obj .pyd .pdb",
	Wasm:         ".wasm",
	Archive:      ".tgz .gz .zip .xz .txz .bz2 .7z .zst .lz4 .rar .tar .jar .vsix .crx .whl .apk .docx .xlsx .pptx .odt .epub .nupkg .br",
}

// fitsName reports whether a file of a kind may have a name. A program without an extension
// fits.
func fitsName(code, name string) bool {
	ext := strings.ToLower(path.Ext(name))
	if code == NativeBinary && (ext == "" || nodejs.IsLibraryName(name)) {
		return true
	}
	return ext != "" && slices.Contains(strings.Fields(names[code]), ext)
}

// texts are the extensions of files that hold text.
var texts = strings.Fields(".js .cjs .mjs .jsx .ts .cts .mts .tsx .json .md .markdown .txt .css .html .htm .yml .yaml .xml .svg .sh .flow .toml .ini .csv .log .snap")

func isTextName(name string) bool {
	return slices.Contains(texts, strings.ToLower(path.Ext(name)))
}

// isSourceName reports whether a file holds code by its name, for the marks of sources.
func isSourceName(name string) bool {
	switch path.Ext(name) {
	case ".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx":
		return !strings.HasSuffix(strings.TrimSuffix(name, path.Ext(name)), ".d")
	}
	return false
}

// isBinary reports whether text that a file should hold is something else: it has a NUL, or
// control characters in more than one of 20 bytes. UTF-16 with its mark is text.
func isBinary(head []byte) bool {
	if isUTF16(head) {
		return false
	}
	control := 0
	for _, c := range head {
		if c == 0 {
			return true
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			control++
		}
	}
	return control*20 > len(head)
}

// isUTF16 reports whether a text begins with the mark of UTF-16.
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
}

// isMinified reports whether most of a source is in long lines with code. A line with little
// but a long literal does not count.
func isMinified(src []byte) bool {
	if len(src) < minSource {
		return false
	}
	long := 0
	for line := range bytes.Lines(src) {
		if len(line) > longLine && codeIn(line)*codeEvery > len(line) {
			long += len(line)
		}
	}
	return float64(long) > longShare*float64(len(src))
}

// codeIn returns how often a line has a character that code has and data does not.
func codeIn(line []byte) int {
	n := 0
	for _, c := range line {
		if c == '(' || c == '{' || c == ';' {
			n++
		}
	}
	return n
}

// encoded returns what encoded data a text has: the longest literal of each encoding that is
// long enough. It returns "" if it has none. Inline source maps do not count.
func encoded(src []byte) string {
	var found []string
	base64, hex, escapes, hidden := longest(src)
	if base64 >= minBase64 {
		found = append(found, fmt.Sprintf("%d characters of base64", base64))
	}
	if hex >= minHex {
		found = append(found, fmt.Sprintf("%d hexadecimal digits", hex))
	}
	if escapes >= minEscapes {
		found = append(found, fmt.Sprintf("%d escapes in a row", escapes))
	}
	if hidden >= minHidden {
		found = append(found, fmt.Sprintf("%d invisible characters in a row", hidden))
	}
	return strings.Join(found, ", ")
}

// The classes of bytes in encoded.
const (
	inBase64 = 1 << iota
	inHex
)

var classes = func() (table [256]byte) {
	for c := range 256 {
		isDigit, isLower, isUpper := c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z'
		if isDigit || isLower || isUpper || c == '+' || c == '/' || c == '=' || c == '-' || c == '_' {
			table[c] |= inBase64
		}
		if isDigit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			table[c] |= inHex
		}
	}
	return table
}()

// longest returns the lengths of the longest run of each encoding in a text.
func longest(src []byte) (base64, hex, escapes, hidden int) {
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case classes[c] != 0:
			run := runOf(src[i:], inBase64)
			if digits := runOf(src[i:], inHex); digits == run && digits >= minHex {
				hex = max(hex, digits)
			} else if run >= minBase64 && run > base64 && entropy(src[i:i+run]) >= minEntropy && !isSourceMap(src[:i]) {
				base64 = run
			}
			i += run
		case c == '\\':
			n, size := escapesIn(src[i:])
			escapes = max(escapes, n)
			i += max(size, 1)
		case c >= 0xE2:
			n, size := hiddenIn(src[i:])
			hidden = max(hidden, n)
			i += max(size, 1)
		default:
			i++
		}
	}
	return base64, hex, escapes, hidden
}

func runOf(src []byte, class byte) int {
	n := 0
	for n < len(src) && classes[src[n]]&class != 0 {
		n++
	}
	return n
}

// isSourceMap reports whether a literal is that of an inline source map: it is in a comment
// which begins the line.
func isSourceMap(before []byte) bool {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return len(line) < 200 && bytes.HasPrefix(line, []byte("//# sourceMappingURL=data:"))
}

// entropy returns the bits per byte of a run, by the frequencies of its bytes.
func entropy(run []byte) float64 {
	var counts [256]int
	for _, c := range run {
		counts[c]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(run))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// escapesIn returns the number of \x and \u escapes that src begins with, and their size.
func escapesIn(src []byte) (n, size int) {
	for {
		rest := src[size:]
		switch {
		case len(rest) >= 4 && rest[0] == '\\' && rest[1] == 'x' && runOf(rest[2:4], inHex) == 2:
			size += 4
		case len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' && runOf(rest[2:6], inHex) == 4:
			size += 6
		default:
			return n, size
		}
		n++
	}
}

// hiddenIn returns the number of invisible characters that src begins with, and their size:
// variation selectors, tags, and zero-width characters.
func hiddenIn(src []byte) (n, size int) {
	for size < len(src) {
		r, width := utf8.DecodeRune(src[size:])
		switch {
		case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r >= 0xE0000 && r <= 0xE007F, r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0x3164:
		default:
			return n, size
		}
		n, size = n+1, size+width
	}
	return n, size
}

// obfuscated returns the number of names such as _0x3fa2b1, which tools for obfuscation give.
func obfuscated(src []byte) int {
	n := 0
	for rest := src; ; {
		i := bytes.Index(rest, []byte("_0x"))
		if i < 0 {
			return n
		}
		isName := i == 0 || !isWord(rest[i-1])
		rest = rest[i+3:]
		if digits := runOf(rest, inHex); isName && digits >= 4 && digits <= 8 {
			n++
		}
	}
}

// isWord reports whether c is part of an identifier in ASCII.
func isWord(c byte) bool {
	return c == '_' || c == '$' || classes[c] != 0 && c != '+' && c != '/' && c != '=' && c != '-'
}

// sizeOf returns a size for a person.
func sizeOf(n int64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%d MB", n/1_000_000)
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d bytes", n)
}
