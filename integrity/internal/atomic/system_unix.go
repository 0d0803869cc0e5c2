//go:build unix

package atomic

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// lock locks a temporary file. kept is false if another process removed the file before.
// The lock belongs to a duplicate of the descriptor, so that the file can be closed
// before it is renamed. If the file system has no locks, as some network file systems,
// lock succeeds without one.
func lock(f *os.File) (unlock func(), kept bool, err error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, false, &fs.PathError{Op: "dup", Path: f.Name(), Err: err}
	}
	for {
		if err = unix.Flock(fd, unix.LOCK_EX); err != unix.EINTR {
			break
		}
	}
	var st unix.Stat_t
	if err == nil {
		err = unix.Fstat(fd, &st)
		kept = st.Nlink > 0
	} else if noLocks(err) {
		kept, err = true, nil
	}
	if err != nil || !kept {
		unix.Close(fd)
	}
	if err != nil {
		err = &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return func() { unix.Close(fd) }, kept, err
}

// noLocks reports whether an error of flock means that the file system has no locks.
func noLocks(err error) bool {
	return errors.Is(err, unix.ENOLCK) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL)
}

// removeUnlocked removes a regular file unless a process has locked it. A process that
// has just created the file and not locked it yet notices the removal in lock.
func removeUnlocked(path string) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	os.Remove(path)
}

// syncDir flushes a directory, so that a rename in it survives a power failure. It
// ignores a file system that cannot flush directories, and a directory that may be
// written but not read.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}
