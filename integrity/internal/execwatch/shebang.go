package execwatch

import "bytes"

// HeadSize is the number of bytes from which the kernel takes the first line of a script.
const HeadSize = 256

// Shebang returns the interpreter and the argument that the kernel takes from the
// beginning of a script (fs/binfmt_script.c). The rest of the line is one argument, with
// its spaces. ok is false if the kernel does not start it as a script.
func Shebang(head []byte) (interpreter, argument string, ok bool) {
	head = head[:min(len(head), HeadSize)]
	line, isScript := bytes.CutPrefix(head, []byte("#!"))
	if !isScript {
		return "", "", false
	}
	line, _, whole := bytes.Cut(line, []byte("\n"))
	if !whole {
		// The name must not be cut off: a space or NUL follows it, or the file is shorter.
		name := bytes.TrimLeft(line, " \t")
		if len(head) == HeadSize && !bytes.ContainsAny(name, " \t\x00") {
			return "", "", false
		}
	}
	line = bytes.Trim(line, " \t")
	end := bytes.IndexAny(line, " \t\x00")
	switch {
	case len(line) == 0 || end == 0:
		return "", "", false
	case end < 0:
		return string(line), "", true
	case line[end] == 0:
		return string(line[:end]), "", true
	}
	rest := bytes.TrimLeft(line[end:], " \t")
	rest, _, _ = bytes.Cut(rest, []byte{0})
	return string(line[:end]), string(rest), true
}
