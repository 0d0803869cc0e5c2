package installhook

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// process returns the command line and the parent of a process.
func process(pid int) (words []string, parent int, ok bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return nil, 0, false
	}
	// The number of arguments, the path of the program, zeros, the arguments.
	text, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil || len(text) < 4 {
		return nil, 0, false
	}
	n := int(binary.NativeEndian.Uint32(text))
	_, text, _ = bytes.Cut(text[4:], []byte{0})
	text = bytes.TrimLeft(text, "\x00")
	for range min(n, bytes.Count(text, []byte{0})) {
		var word []byte
		word, text, _ = bytes.Cut(text, []byte{0})
		words = append(words, string(word))
	}
	return words, int(info.Eproc.Ppid), true
}
