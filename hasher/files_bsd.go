//go:build darwin || freebsd || openbsd || netbsd || dragonfly

package hasher

import "golang.org/x/sys/unix"

// folderFlags open a folder to look up names in it.
const folderFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC | unix.O_NONBLOCK

// bestOpenPath: only Linux has a call that resolves a whole path within a
// folder.
func bestOpenPath(int) func(*reader, string) (int, error) { return (*reader).openByParts }

func sysPread(fd int, buf []byte, at int64) (int, error) { return unix.Pread(fd, buf, at) }
func sysFstat(fd int, st *unix.Stat_t) error             { return unix.Fstat(fd, st) }
func sysClose(fd int)                                    { unix.Close(fd) }

// tellsWaiting: the systems do not count the switches of one thread.
const tellsWaiting = false

type waiting struct{}

func (r *reader) waits() bool { return false }
