package launch

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseCode takes the pages of this program's code and constants out of its memory. The
// kernel keeps the file, and gives a page back when it is used: the few that wait for node
// are, and most of what has verified the files never again.
func releaseCode() {
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for _, r := range unchanged(text, self) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, r.from, r.to-r.from, unix.MADV_DONTNEED)
	}
}

// A mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// unchanged returns the mappings of a file in the text of /proc/PID/smaps that cannot be
// written and have no page that differs from the file: a page that differs would be lost.
func unchanged(smaps []byte, file string) []mapping {
	var all []mapping
	var last *mapping // the one that the line belongs to, if its file and its access are right
	for line := range bytes.Lines(smaps) {
		words := strings.Fields(string(line))
		if len(words) < 3 {
			continue
		}
		if !strings.HasSuffix(words[0], ":") {
			last = nil
			if m, ok := parseMapping(words); ok && words[len(words)-1] == file {
				last = &m
			}
		} else if last != nil && words[0] == "Anonymous:" && words[1] == "0" {
			all = append(all, *last)
		}
	}
	return all
}

// parseMapping reads the first line of a mapping. ok is false if it can be written.
func parseMapping(words []string) (m mapping, ok bool) {
	if words[1] != "r-xp" && words[1] != "r--p" {
		return m, false
	}
	from, to, _ := strings.Cut(words[0], "-")
	a, errA := strconv.ParseUint(from, 16, 64)
	b, errB := strconv.ParseUint(to, 16, 64)
	return mapping{uintptr(a), uintptr(b)}, errA == nil && errB == nil && a < b
}
