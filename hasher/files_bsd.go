//go:build darwin || freebsd || openbsd || netbsd || dragonfly

package hasher

import "golang.org/x/sys/unix"

// dirFlags open a directory to look up names in it.
const dirFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC | unix.O_NONBLOCK

// bestOpenPath returns openByParts. Only Linux has a system call that resolves a
// whole path within a directory.
func bestOpenPath(int) func(*reader, string) (int, error) { return (*reader).openByParts }

// stamp does nothing: stamps are not supported.
func (f file) stamp(*Stamp) {}
