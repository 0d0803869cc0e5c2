//go:build unix && !linux

package launch

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func sysProcAttr() *syscall.SysProcAttr { return nil }

func extraSignals() []syscall.Signal { return nil }

func memfd(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func appendOnly(*os.File) error { return errors.ErrUnsupported }

func seal(*os.File) error { return errors.ErrUnsupported }

// releaseCode does nothing: only Linux tells where the program is mapped.
func releaseCode() {}

func dup2(from, to int) error { return unix.Dup2(from, to) }

// raise sends a signal to this process if Go's action for it is the system's.
func raise(s syscall.Signal) {
	switch s {
	case unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGKILL, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGPIPE:
		signal.Reset(s)
		_ = unix.Kill(os.Getpid(), s)
		time.Sleep(10 * time.Millisecond)
	}
}
