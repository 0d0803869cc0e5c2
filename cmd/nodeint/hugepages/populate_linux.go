//go:build amd64 || arm64

package hugepages

import "syscall"

// mapCode maps this program's code, which is in the memory of the system, in one call: each
// 64 KiB would be a fault. Of its constants, too few are used.
func mapCode() {
	fd, err := syscall.Open("/proc/self/maps", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	text := make([]byte, 512)
	n, _ := syscall.Read(fd, text)
	_ = syscall.Close(fd)
	madvise(codeIn(text[:max(n, 0)]), madvPopulateRead)
}

// codeIn returns the first mapping in the text of /proc/PID/maps that can be executed: those of
// a program come before those of its libraries.
func codeIn(maps []byte) span {
	for len(maps) > 0 {
		from, rest := hexadecimal(maps)
		to, rest := hexadecimal(rest[min(1, len(rest)):]) // after "-"
		if len(rest) > 3 && rest[3] == 'x' {              // after " r-"
			return span{from, to}
		}
		for len(rest) > 0 && rest[0] != '\n' {
			rest = rest[1:]
		}
		maps = rest[min(1, len(rest)):]
	}
	return span{}
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
