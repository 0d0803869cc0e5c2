package jsscan

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Escape sequences (ECMA-262 §12.9.4.2).

// decodeEscapes returns the value of the inside of a string or template literal, or of
// an identifier. Lone surrogates become U+FFFD.
func decodeEscapes(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '\r': // in a template
			out.WriteByte('\n')
			if i++; i < len(b) && b[i] == '\n' {
				i++
			}
		case c != '\\' || i+1 == len(b):
			out.WriteByte(c)
			i++
		default:
			i += decodeEscape(&out, b[i:])
		}
	}
	return out.String()
}

// decodeEscape writes the value of the escape sequence that b begins with, and returns
// its length.
func decodeEscape(out *strings.Builder, b []byte) int {
	switch c := b[1]; c {
	case 'n':
		out.WriteByte('\n')
	case 't':
		out.WriteByte('\t')
	case 'r':
		out.WriteByte('\r')
	case 'b':
		out.WriteByte('\b')
	case 'f':
		out.WriteByte('\f')
	case 'v':
		out.WriteByte('\v')
	case '\n':
	case '\r':
		if len(b) > 2 && b[2] == '\n' {
			return 3
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return decodeOctal(out, b)
	case 'x':
		if r, ok := hex(b, 2, 4); ok {
			out.WriteRune(r)
			return 4
		}
		out.WriteByte(c)
	case 'u':
		return decodeUnicode(out, b)
	case 0xE2:
		if n, newline := spaceAt(b[1:]); newline {
			return 1 + n
		}
		out.WriteByte(c)
	default:
		out.WriteByte(c)
	}
	return 2
}

func decodeOctal(out *strings.Builder, b []byte) int {
	v, n := rune(0), 1
	for n < len(b) && n < 4 && b[n] >= '0' && b[n] <= '7' && v*8+rune(b[n]-'0') <= 255 {
		v = v*8 + rune(b[n]-'0')
		n++
	}
	out.WriteRune(v)
	return n
}

func decodeUnicode(out *strings.Builder, b []byte) int {
	r, n, ok := unicodeEscape(b)
	if !ok {
		out.WriteByte('u')
		return 2
	}
	if utf16.IsSurrogate(r) && n < len(b) && b[n] == '\\' {
		if r2, n2, ok := unicodeEscape(b[n:]); ok {
			if pair := utf16.DecodeRune(r, r2); pair != utf8.RuneError {
				out.WriteRune(pair)
				return n + n2
			}
		}
	}
	out.WriteRune(r)
	return n
}

// unicodeEscape reads \uXXXX or \u{…}.
func unicodeEscape(b []byte) (r rune, n int, ok bool) {
	if len(b) < 3 || b[1] != 'u' {
		return 0, 0, false
	}
	if b[2] != '{' {
		r, ok = hex(b, 2, 6)
		return r, 6, ok
	}
	end := strings.IndexByte(string(b[3:min(len(b), 16)]), '}')
	if end < 0 {
		return 0, 0, false
	}
	r, ok = hex(b, 3, 3+end)
	return r, 3 + end + 1, ok && r <= utf8.MaxRune
}

func hex(b []byte, from, to int) (rune, bool) {
	if to > len(b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[from:to]), 16, 31)
	return rune(v), err == nil
}
