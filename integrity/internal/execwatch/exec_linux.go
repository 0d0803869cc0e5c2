//go:build amd64 || arm64

package execwatch

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// An Exec is a call of execve or execveat. Its methods may be called until the decision is
// returned, from one goroutine.
type Exec struct {
	PID int // of the calling thread, as this process sees it

	id       uint64
	listener *Listener
	abi      abi
	dirfd    int
	flags    int
	path     uint64 // addresses in the caller
	argv     uint64
	env      uint64
	memory   *memory
	view     *view
}

// newExec reads a struct seccomp_notif.
func newExec(l *Listener, n []byte) *Exec {
	word := func(offset int) uint32 { return binary.NativeEndian.Uint32(n[offset:]) }
	arg := func(i int) uint64 { return binary.NativeEndian.Uint64(n[offsetArgs+8*i:]) }
	e := &Exec{PID: int(word(offsetPID)), listener: l, id: binary.NativeEndian.Uint64(n), dirfd: unix.AT_FDCWD}
	e.abi, _ = abiOf(word(offsetData + offsetArch))
	if word(offsetData+offsetNumber) == e.abi.execveat {
		e.dirfd = int(int32(arg(0)))
		e.path, e.argv, e.env, e.flags = arg(1), arg(2), arg(3), int(arg(4))
	} else {
		e.path, e.argv, e.env = arg(0), arg(1), arg(2)
	}
	if e.abi.pointer == 4 {
		e.path, e.argv, e.env = uint64(uint32(e.path)), uint64(uint32(e.argv)), uint64(uint32(e.env))
	}
	return e
}

func (e *Exec) close() {
	if e.memory != nil {
		e.memory.file.Close()
	}
	if e.view != nil {
		e.view.close()
	}
}

// Pending reports whether the caller still waits. If it does not, another process may
// have its number by now, and what the methods returned means nothing.
func (e *Exec) Pending() bool { return e.listener.isValid(e.id) }

// Path returns the path as the caller wrote it. It is empty for a call with a descriptor
// alone.
func (e *Exec) Path() (string, error) {
	m, err := e.mem()
	if err != nil {
		return "", err
	}
	return m.text(e.path, unix.PathMax)
}

// Limits of the kernel: MAX_ARG_STRLEN, and the largest size of arguments and environment
// together.
const (
	maxString  = 128 << 10
	maxStrings = 6 << 20
)

// Argv returns the arguments. Without any, the kernel passes one that is empty.
func (e *Exec) Argv() ([]string, error) {
	argv, err := e.strings(e.argv)
	if err == nil && len(argv) == 0 {
		argv = []string{""}
	}
	return argv, err
}

// Env returns the environment.
func (e *Exec) Env() ([]string, error) { return e.strings(e.env) }

func (e *Exec) strings(address uint64) ([]string, error) {
	m, err := e.mem()
	if err != nil || address == 0 {
		return nil, err
	}
	var list []string
	for size := 0; ; address += uint64(e.abi.pointer) {
		at, err := m.pointer(address, e.abi.pointer)
		if err != nil || at == 0 {
			return list, err
		}
		s, err := m.text(at, maxString)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
		if size += len(s) + 1 + e.abi.pointer; size > maxStrings {
			return nil, unix.E2BIG
		}
	}
}

// mem opens the memory of the caller.
func (e *Exec) mem() (*memory, error) {
	if e.memory == nil {
		f, err := os.Open(fmt.Sprintf("/proc/%d/mem", e.PID))
		if err != nil {
			return nil, err
		}
		e.memory = &memory{file: f}
	}
	return e.memory, nil
}

// A memory is the memory of a process. The descriptor stays that of the process, also
// when another one has got its number.
type memory struct {
	file  *os.File
	pages [2]page // the last that were read: of pointers, and of text
}

const pageSize = 4096 // the smallest there is

type page struct {
	at   uint64 // address
	full bool
	data [pageSize]byte
}

// read returns the bytes from an address to the end of its page.
func (m *memory) read(which int, address uint64) ([]byte, error) {
	p := &m.pages[which]
	if at := address &^ (pageSize - 1); !p.full || p.at != at {
		p.full = false
		if _, err := unix.Pread(int(m.file.Fd()), p.data[:], int64(at)); err != nil {
			return nil, unix.EFAULT // as the kernel would answer
		}
		p.at, p.full = at, true
	}
	return p.data[address&(pageSize-1):], nil
}

// pointer reads a pointer.
func (m *memory) pointer(address uint64, size int) (uint64, error) {
	var b [8]byte
	for n := 0; n < size; {
		part, err := m.read(0, address+uint64(n))
		if err != nil {
			return 0, err
		}
		n += copy(b[n:size], part)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// text reads a text that ends with NUL, and has less than limit bytes.
func (m *memory) text(address uint64, limit int) (string, error) {
	var text []byte
	for len(text) < limit {
		part, err := m.read(1, address+uint64(len(text)))
		if err != nil {
			return "", err
		}
		for i, c := range part {
			if c == 0 {
				return string(append(text, part[:i]...)), nil
			}
		}
		text = append(text, part...)
	}
	if limit == unix.PathMax {
		return "", unix.ENAMETOOLONG
	}
	return "", unix.E2BIG
}
