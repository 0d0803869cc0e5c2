//go:build amd64 || arm64

package execwatch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Listener gets the notifications of a filter.
type Listener struct {
	fd           int
	wake         int // an eventfd that ends Serve
	notification int // sizes, in bytes
	response     int

	answers sync.WaitGroup

	mu     sync.RWMutex // guards fd against use after Close
	closed bool
}

// NewListener returns a listener for a descriptor of [Install], which it closes if it fails.
func NewListener(fd int) (*Listener, error) {
	l := &Listener{fd: fd, wake: -1}
	var err error
	if l.notification, l.response, err = sizes(); err == nil {
		l.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	// The caller then runs on the processor that answered. Linux before 6.6 does not know it.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	return l, nil
}

// Offsets in struct seccomp_notif and the size of its fields, in bytes.
const (
	offsetPID        = 8
	offsetData       = 16
	offsetArgs       = offsetData + 16
	sizeNotification = offsetArgs + 6*8
	sizeResponse     = 24
)

// Serve calls decide for each call of execve and execveat, in a goroutine of its own, and
// answers it with the error number that decide returns, or lets it go on for 0. Serve
// returns nil when no process has the filter any more, or after Close.
func (l *Listener) Serve(decide func(*Exec) syscall.Errno) error {
	for {
		fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}, {Fd: int32(l.wake), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return fmt.Errorf("waiting for seccomp notifications: %w", err)
		}
		switch {
		case fds[1].Revents != 0:
			return nil
		case fds[0].Revents&unix.POLLIN != 0:
			if err := l.receive(decide); err != nil {
				return err
			}
		case fds[0].Revents != 0: // POLLHUP
			return nil
		}
	}
}

// receive reads one notification and starts to answer it.
func (l *Listener) receive(decide func(*Exec) syscall.Errno) error {
	n := make([]byte, l.notification)
	switch err := ioctl(l.fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n[0])); err {
	case nil:
	case unix.ENOENT, unix.EINTR: // the process was killed or interrupted in between
		return nil
	default:
		return fmt.Errorf("reading a seccomp notification: %w", err)
	}
	l.answers.Go(func() {
		e := newExec(l, n)
		defer e.close()
		l.answer(e.id, decide(e))
	})
	return nil
}

// answer answers a notification. An error means that nobody waits for the answer.
func (l *Listener) answer(id uint64, errno syscall.Errno) {
	r := make([]byte, l.response)
	binary.NativeEndian.PutUint64(r, id)
	if errno == 0 {
		binary.NativeEndian.PutUint32(r[20:], unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE)
	} else {
		binary.NativeEndian.PutUint32(r[16:], uint32(-int32(errno)))
	}
	_ = l.call(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r[0]))
}

// isValid reports whether the process still waits for the answer to a notification.
func (l *Listener) isValid(id uint64) bool {
	return l.call(unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id)) == nil
}

// Unused reports whether no process or thread has the filter any more, and waits until d
// for the last one to end.
func (l *Listener) Unused(d time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(l.fd)}}
	for end := time.Now().Add(d); ; {
		_, err := unix.Poll(fds, int(max(0, time.Until(end)).Milliseconds()))
		if err == nil || !errors.Is(err, unix.EINTR) {
			return err == nil && fds[0].Revents&unix.POLLHUP != 0
		}
	}
}

// Stop makes Serve return.
func (l *Listener) Stop() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(l.wake, one[:])
}

// FD returns the descriptor, for another process that then calls [NewListener].
func (l *Listener) FD() int { return l.fd }

// Wait waits until every call is answered that Serve has received, at most for d.
func (l *Listener) Wait(d time.Duration) {
	done := make(chan struct{})
	go func() {
		l.answers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(d):
	}
}

// Close closes the listener. Serve must have returned.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return errors.Join(unix.Close(l.fd), unix.Close(l.wake))
}

// call calls ioctl, unless the listener is closed.
func (l *Listener) call(request uint, arg unsafe.Pointer) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return unix.EBADF
	}
	return ioctl(l.fd, request, arg)
}

func ioctl(fd int, request uint, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}
