//go:build amd64 || arm64

package execwatch

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An abi is one interface of the kernel for system calls.
type abi struct {
	arch             uint32 // of seccomp_data
	execve, execveat uint32
	pointer          int    // size of a pointer, in bytes
	limit            uint32 // of the numbers: higher ones belong to another interface. 0 for none
}

// abiOf returns the interface of a notification.
func abiOf(arch uint32) (abi, bool) {
	for _, a := range abis {
		if a.arch == arch {
			return a, true
		}
	}
	return abi{}, false
}

// Offsets in seccomp_data, little-endian.
const (
	offsetNumber = 0
	offsetArch   = 4
)

// program returns the filter: notify for the two calls, allow all other calls of the known
// interfaces, and refuse the calls of others.
func program() []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	answer := func(action uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
	}
	unless := func(test uint16, k uint32, skip int) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jf: uint8(skip), K: k}
	}
	const unknown = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	var all []unix.SockFilter
	for _, a := range abis {
		block := []unix.SockFilter{load(offsetNumber)}
		if a.limit > 0 {
			block = append(block, unless(unix.BPF_JGE, a.limit, 1), answer(unknown))
		}
		for _, call := range []uint32{a.execve, a.execveat} {
			block = append(block, unless(unix.BPF_JEQ, call, 1), answer(unix.SECCOMP_RET_USER_NOTIF))
		}
		block = append(block, answer(unix.SECCOMP_RET_ALLOW))
		all = append(append(all, load(offsetArch), unless(unix.BPF_JEQ, a.arch, len(block))), block...)
	}
	return append(all, answer(unknown))
}

// Supported returns an error if the kernel does not offer what the package needs, or /proc
// is not mounted.
func Supported() error {
	action := uint32(unix.SECCOMP_RET_USER_NOTIF)
	if _, err := seccomp(unix.SECCOMP_GET_ACTION_AVAIL, 0, unsafe.Pointer(&action)); err != nil {
		return fmt.Errorf("asking for seccomp user notification: %w", err)
	}
	if _, err := os.Lstat("/proc/self/mem"); err != nil {
		return err
	}
	return nil
}

// Install installs the filter on the calling thread, which gets no_new_privs, and returns
// a descriptor for [NewListener]. The thread is one of [OnThread], or one that is about to
// execute a program.
func Install() (listener int, err error) {
	if err := Supported(); err != nil {
		return -1, err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, fmt.Errorf("setting no_new_privs: %w", err)
	}
	filter := program()
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
	// Linux before 5.19 does not know WAIT_KILLABLE_RECV: a signal then interrupts a call that
	// is being decided, and the kernel starts it again.
	fd, err := seccomp(unix.SECCOMP_SET_MODE_FILTER, flags|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, unsafe.Pointer(&prog))
	if err == unix.EINVAL {
		fd, err = seccomp(unix.SECCOMP_SET_MODE_FILTER, flags, unsafe.Pointer(&prog))
	}
	runtime.KeepAlive(filter)
	if err != nil {
		return -1, fmt.Errorf("installing a seccomp filter: %w", err)
	}
	return fd, nil
}

// seccomp calls the system call, and returns its result.
func seccomp(operation, flags uint32, arg unsafe.Pointer) (int, error) {
	r, _, errno := unix.Syscall(unix.SYS_SECCOMP, uintptr(operation), uintptr(flags), uintptr(arg))
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// sizes returns the sizes of struct seccomp_notif and struct seccomp_notif_resp in the
// kernel, which may be newer than this package.
func sizes() (notification, response int, err error) {
	var s [3]uint16 // struct seccomp_notif_sizes; the third is seccomp_data
	if _, err := seccomp(unix.SECCOMP_GET_NOTIF_SIZES, 0, unsafe.Pointer(&s)); err != nil {
		return 0, 0, fmt.Errorf("asking for the sizes of seccomp notifications: %w", err)
	}
	return max(int(s[0]), sizeNotification), max(int(s[1]), sizeResponse), nil
}
