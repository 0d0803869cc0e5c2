package installhook

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// process returns the command line and the parent of a process.
func process(pid int) (words []string, parent int, ok bool) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil, 0, false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, 0, false
	}
	// The name in parentheses may contain anything. The state and the parent follow.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 2 {
		return nil, 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return strings.Split(strings.TrimRight(string(line), "\x00"), "\x00"), parent, err == nil
}
