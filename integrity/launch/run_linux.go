package launch

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sysProcAttr makes the kernel kill node when nodeint is killed: nothing would forward
// signals to it or report how it ended.
func sysProcAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL} }

// extraSignals returns the signals that only Linux has. The C library reserves the
// first three real-time signals.
func extraSignals() []syscall.Signal {
	list := []syscall.Signal{unix.SIGPWR}
	for s := syscall.Signal(35); s <= 64; s++ {
		list = append(list, s)
	}
	return list
}

// memfd creates a file in memory, with a high number, that node inherits.
func memfd(name string) (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	// Some systems require MFD_NOEXEC_SEAL, and old ones do not know it.
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_NOEXEC_SEAL)
	if err != nil {
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	return inheritable(f)
}

// appendOnly makes every write with the descriptor of f, and its copies, append to the file.
func appendOnly(f *os.File) error {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETFL, unix.O_RDWR|unix.O_APPEND)
	return err
}

// seal makes the content of the file immutable for every process.
func seal(f *os.File) error {
	_, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	return err
}

func dup2(from, to int) error { return unix.Dup3(from, to, 0) }

// raise sends a signal to this thread with the system's default action in place: Go's
// action for SIGQUIT, SIGSEGV and others is to print and exit.
func raise(s syscall.Signal) {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // no core file, and none piped to a program
	var standard [64]byte                            // struct sigaction: SIG_DFL is 0
	const sizeOfSet = 8
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&standard)), 0, sizeOfSet, 0, 0)
	if errno != 0 && s != unix.SIGKILL {
		return
	}
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), s)
	time.Sleep(10 * time.Millisecond)
}
