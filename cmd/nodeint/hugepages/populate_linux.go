//go:build amd64 || arm64

package hugepages

import "syscall"

// mapCode maps this program's code and constants, which are in the memory of the system, in
// one call: each 64 KiB would be a fault.
func mapCode() {
	fd, err := syscall.Open("/proc/self/maps", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	text := make([]byte, 512)
	n, _ := syscall.Read(fd, text)
	_ = syscall.Close(fd)
	for _, s := range codeIn(text[:max(n, 0)]) {
		madvise(s, madvPopulateRead)
	}
}

// codeIn returns the mappings in the text of /proc/PID/maps before the first that can be
// written: a program's own are the first, and its code and constants come before its variables.
func codeIn(maps []byte) []span {
	var all []span
	for {
		from, rest := hexadecimal(maps)
		if len(rest) == 0 {
			return all
		}
		to, rest := hexadecimal(rest[1:])    // after "-"
		if len(rest) < 5 || rest[2] != '-' { // after " r"
			return all
		}
		all = append(all, span{from, to})
		for len(rest) > 0 && rest[0] != '\n' {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return all
		}
		maps = rest[1:]
	}
}

// hexadecimal returns the number at the beginning of a text, and what follows it.
func hexadecimal(text []byte) (n uintptr, rest []byte) {
	for i, c := range text {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 + uintptr(c-'0')
		case 'a' <= c && c <= 'f':
			n = n<<4 + uintptr(c-'a') + 10
		default:
			return n, text[i:]
		}
	}
	return n, nil
}
