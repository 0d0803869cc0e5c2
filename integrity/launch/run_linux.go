package launch

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attributes has node killed where nodeint is: nobody would be left to forward
// signals to it or to hear how it ended.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL} }

// moreSignals are those that Linux alone has; the C library keeps the first
// three real-time ones.
func moreSignals() []syscall.Signal {
	list := []syscall.Signal{unix.SIGPWR}
	for s := syscall.Signal(35); s <= 64; s++ {
		list = append(list, s)
	}
	return list
}

// anonymous makes a file in memory, with a high number, that node inherits.
func anonymous(name string) (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	// Some systems insist on this flag, and old ones do not know it.
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

// seal makes what is in the file unchangeable, whoever has it open.
func seal(f *os.File) error {
	_, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	return err
}

func dup2(from, to int) error { return unix.Dup3(from, to, 0) }

// raise sends a signal to this thread with the system's own answer to it in
// place: Go's answer to SIGQUIT, SIGSEGV and the like is to print and exit.
func raise(s syscall.Signal) {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // no core, for one that is piped to a program either
	var standard [64]byte                            // struct sigaction: SIG_DFL is 0
	const sizeOfSet = 8
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&standard)), 0, sizeOfSet, 0, 0)
	if errno != 0 && s != unix.SIGKILL {
		return
	}
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), s)
	time.Sleep(10 * time.Millisecond)
}
