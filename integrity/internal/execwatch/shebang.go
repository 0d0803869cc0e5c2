package execwatch

import "bytes"

// HeadSize is the number of bytes from which the kernel takes the first line of a script.
const HeadSize = 256

// Shebang returns the interpreter, and its argument if it gets one, that the kernel takes from
// the beginning of a script (load_script in fs/binfmt_script.c). The rest of the line is one
// argument, with its spaces; it may be empty. ok is false if the kernel does not start the
// file as a script.
func Shebang(head []byte) (words []string, ok bool) {
	var buf [HeadSize]byte // what is after the end of the file is NUL
	copy(buf[:], head)
	if buf[0] != '#' || buf[1] != '!' {
		return nil, false
	}
	end := lineEnd(buf[:])
	if end < 0 {
		return nil, false
	}
	for isSpace(buf[end-1]) {
		end--
	}
	name := skipSpace(buf[:], 2, end)
	if name < 0 || name == end || buf[name] == 0 {
		return nil, false
	}
	argument := -1
	after := nextTerminator(buf[:], name, end)
	if after >= 0 && buf[after] != 0 {
		argument = skipSpace(buf[:], after, end)
	}
	buf[end] = 0
	if argument < 0 {
		return []string{text(buf[name:])}, true
	}
	buf[after] = 0
	return []string{text(buf[name:]), text(buf[argument:])}, true
}

// lineEnd returns the offset of the end of the first line. Without one, the name of the
// interpreter must not be cut off: a space or NUL follows it.
func lineEnd(buf []byte) int {
	if end := bytes.IndexByte(buf, '\n'); end >= 0 && bytes.IndexByte(buf[:end], 0) < 0 {
		return end
	}
	last := len(buf) - 1
	name := skipSpace(buf, 2, last)
	if name < 0 || nextTerminator(buf, name, last) < 0 {
		return -1
	}
	return last
}

// skipSpace returns the offset of the first byte from first to last that is no space, or -1.
func skipSpace(buf []byte, first, last int) int {
	for ; first <= last; first++ {
		if !isSpace(buf[first]) {
			return first
		}
	}
	return -1
}

// nextTerminator returns the offset of the first space or NUL from first to last, or -1.
func nextTerminator(buf []byte, first, last int) int {
	for ; first <= last; first++ {
		if isSpace(buf[first]) || buf[first] == 0 {
			return first
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// text returns the text before the first NUL.
func text(b []byte) string {
	before, _, _ := bytes.Cut(b, []byte{0})
	return string(before)
}
