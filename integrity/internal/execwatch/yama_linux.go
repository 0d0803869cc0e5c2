//go:build amd64 || arm64

package execwatch

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// scopeFile says how far the security module Yama restricts who may read the memory of other
// processes.
const scopeFile = "/proc/sys/kernel/yama/ptrace_scope"

// AllowReading makes it possible that this process reads the memory of its descendants, and
// returns an error if the system does not let it. Where Yama lets only ancestors read, this
// process becomes the parent of the descendants whose own parent ends: it must collect them.
func AllowReading() error {
	text, err := os.ReadFile(scopeFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	adopts, err := restriction(strings.TrimSpace(string(text)), mayTrace())
	if err != nil || !adopts {
		return err
	}
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// restriction reads the value of scopeFile (Documentation/admin-guide/LSM/Yama.rst). capable
// says that the process has CAP_SYS_PTRACE.
func restriction(scope string, capable bool) (onlyAncestors bool, err error) {
	switch {
	case scope == "0", capable && (scope == "1" || scope == "2"):
		return false, nil
	case scope == "1":
		return true, nil
	}
	return false, fmt.Errorf("kernel.yama.ptrace_scope is %s, so the memory of other processes cannot be read", scope)
}

// mayTrace reports whether this process has CAP_SYS_PTRACE.
func mayTrace() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[0].Effective&(1<<unix.CAP_SYS_PTRACE) != 0
}
