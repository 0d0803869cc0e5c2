//go:build amd64 || arm64

package execwatch

import (
	"encoding/binary"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ForkExec starts the program at path from the calling thread, whose filter it inherits,
// and returns its process id. The program gets the descriptors that are not close-on-exec,
// and is killed when the thread ends. Serve must be running.
//
// syscall.ForkExec would not do: it stops the calling thread until the program runs
// (vfork), without giving up its processor to other goroutines. If there is no other, or
// the garbage collector waits for the thread, Serve never answers. Unlike
// syscall.ForkExec, this function leaves the limit of open files as the Go runtime has
// set it; node raises it in the same way.
func ForkExec(path string, argv, env []string) (pid int, err error) {
	c := child{parent: unix.Getpid()}
	if c.path, err = unix.BytePtrFromString(path); err != nil {
		return 0, err
	}
	if c.argv, err = syscall.SlicePtrFromStrings(argv); err != nil {
		return 0, err
	}
	if c.env, err = syscall.SlicePtrFromStrings(env); err != nil {
		return 0, err
	}
	syscall.ForkLock.RLock()
	var pipe [2]int
	err = unix.Pipe2(pipe[:], unix.O_CLOEXEC)
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, os.NewSyscallError("pipe2", err)
	}
	c.pipe = pipe[1]
	number, errno := c.fork()
	runtime.KeepAlive(&c)
	unix.Close(pipe[1])
	defer unix.Close(pipe[0])
	if errno != 0 {
		return 0, os.NewSyscallError("clone", errno)
	}
	var failed [8]byte
	for {
		n, err := unix.Read(pipe[0], failed[:])
		if err == unix.EINTR {
			continue
		}
		if n != len(failed) {
			return int(number), nil
		}
		break
	}
	_, _ = unix.Wait4(int(number), nil, 0, nil)
	return 0, syscall.Errno(binary.NativeEndian.Uint64(failed[:]))
}

// A child is what the new process needs until it executes the program.
type child struct {
	path   *byte
	argv   []*byte
	env    []*byte
	parent int
	pipe   int // gets the error number of execve

	all, mask uint64    // signals
	action    [4]uint64 // struct sigaction
	standard  [4]uint64 // SIG_DFL
	failed    uint64
}

const (
	lastSignal  = 64
	sizeOfSet   = 8
	ignored     = 1 // SIG_IGN
	notExecuted = 127
)

// fork starts a process with a copy of the memory, and executes the program in it. The new
// process has one thread and no Go runtime: until then it may only call the system, and
// must not need more stack. Signals are blocked, since a handler would be Go's.
//
//go:norace
//go:noinline
//go:nosplit
func (c *child) fork() (pid uintptr, errno syscall.Errno) {
	c.all = ^uint64(0)
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&c.all)), uintptr(unsafe.Pointer(&c.mask)), sizeOfSet, 0, 0)
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&c.mask)), 0, sizeOfSet, 0, 0)
		return pid, errno
	}
	for s := uintptr(1); s <= lastSignal; s++ {
		syscall.RawSyscall6(unix.SYS_RT_SIGACTION, s, 0, uintptr(unsafe.Pointer(&c.action)), sizeOfSet, 0, 0)
		if c.action[0] > ignored {
			syscall.RawSyscall6(unix.SYS_RT_SIGACTION, s, uintptr(unsafe.Pointer(&c.standard)), 0, sizeOfSet, 0, 0)
		}
	}
	syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0, 0)
	if parent, _, _ := syscall.RawSyscall6(unix.SYS_GETPPID, 0, 0, 0, 0, 0, 0); int(parent) != c.parent {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, notExecuted, 0, 0, 0, 0, 0) // the parent has just ended
	}
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&c.mask)), 0, sizeOfSet, 0, 0)
	_, _, failed := syscall.RawSyscall6(unix.SYS_EXECVE, uintptr(unsafe.Pointer(c.path)), uintptr(unsafe.Pointer(&c.argv[0])), uintptr(unsafe.Pointer(&c.env[0])), 0, 0, 0)
	c.failed = uint64(failed)
	syscall.RawSyscall6(unix.SYS_WRITE, uintptr(c.pipe), uintptr(unsafe.Pointer(&c.failed)), unsafe.Sizeof(c.failed), 0, 0, 0)
	syscall.RawSyscall6(unix.SYS_EXIT_GROUP, notExecuted, 0, 0, 0, 0, 0)
	return 0, 0 // not reached
}

// OnThread calls f on a thread of its own, and returns when f has returned. The thread
// then ends, and its filter with it.
func OnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() { // the runtime cannot end the main thread
			OnThread(f)
			runtime.UnlockOSThread()
			return
		}
		f()
	}()
	<-done
}
