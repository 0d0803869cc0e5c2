//go:build amd64 || arm64

package execwatch

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Open opens the file that the call executes, for reading. The error is a [unix.Errno] that
// the kernel would give, or that of opening a file which may be executed but not read;
// then File is nil, and info describes it.
func (e *Exec) Open() (file *os.File, info *unix.Stat_t, err error) {
	path, err := e.Path()
	if err != nil {
		return nil, nil, err
	}
	if path == "" && e.flags&unix.AT_EMPTY_PATH == 0 {
		return nil, nil, unix.ENOENT
	}
	return e.open(e.dirfd, path, e.flags&unix.AT_SYMLINK_NOFOLLOW == 0)
}

// OpenPath opens the file that a path means to the caller, as [Exec.Open] does: the
// interpreter of a script.
func (e *Exec) OpenPath(path string) (*os.File, *unix.Stat_t, error) {
	if path == "" {
		return nil, nil, unix.ENOENT
	}
	return e.open(unix.AT_FDCWD, path, true)
}

func (e *Exec) open(dirfd int, path string, follow bool) (*os.File, *unix.Stat_t, error) {
	if e.view == nil {
		e.view = &view{tid: e.PID, root: -1}
	}
	fd, err := e.view.find(dirfd, path, follow)
	if err != nil {
		return nil, nil, err
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return nil, nil, err
	}
	if info.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, nil, unix.EACCES
	}
	f, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	return f, &info, err
}

// A view is how a process sees the file system. It follows a path step by step: the
// kernel would follow absolute links, and links of /proc, as those of this process.
type view struct {
	tid  int
	root int // descriptor of the root, or -1
}

func (v *view) close() {
	if v.root >= 0 {
		unix.Close(v.root)
	}
}

// maxLinks is the number of links that the kernel follows.
const maxLinks = 40

const openPath = unix.O_PATH | unix.O_CLOEXEC

// find returns a descriptor (O_PATH) of the file that path means. A link at its end is
// followed if follow is set, else the error is ELOOP.
func (v *view) find(dirfd int, path string, follow bool) (fd int, err error) {
	if v.root < 0 {
		if v.root, err = unix.Open(fmt.Sprintf("/proc/%d/root", v.tid), openPath|unix.O_DIRECTORY, 0); err != nil {
			return -1, err
		}
	}
	at, err := v.start(dirfd, path)
	if err != nil {
		return -1, err
	}
	rest := path
	for links := 0; ; {
		name, after, more := strings.Cut(rest, "/")
		rest = after
		next, target, err := v.step(at, name, more && after != "" || follow)
		unix.Close(at)
		if err != nil {
			return -1, err
		}
		at = next
		if target != "" {
			if links++; links > maxLinks || !more && !follow {
				unix.Close(at)
				return -1, unix.ELOOP
			}
			if target[0] == '/' {
				unix.Close(at)
				if at, err = dup(v.root); err != nil {
					return -1, err
				}
			}
			if rest = target; more {
				rest += "/" + after
			}
			continue
		}
		if !more {
			return at, nil
		}
	}
}

// start returns a descriptor of the directory from which a path is followed.
func (v *view) start(dirfd int, path string) (int, error) {
	switch {
	case strings.HasPrefix(path, "/"):
		return dup(v.root)
	case dirfd == unix.AT_FDCWD:
		return unix.Open(fmt.Sprintf("/proc/%d/cwd", v.tid), openPath|unix.O_DIRECTORY, 0)
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/fd/%d", v.tid, dirfd), openPath, 0)
	if err == unix.ENOENT {
		err = unix.EBADF
	}
	return fd, err
}

// step follows one name from a directory. If it is a link, next is the directory itself
// and target is what the link has.
func (v *view) step(at int, name string, follow bool) (next int, target string, err error) {
	switch {
	case name == "" || name == ".":
		next, err = dup(at)
		return next, "", err
	case name == "..":
		next, err = v.parent(at)
		return next, "", err
	}
	fd, err := unix.Openat(at, name, openPath|unix.O_NOFOLLOW, 0)
	if err != nil {
		return -1, "", err
	}
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		unix.Close(fd)
		return -1, "", err
	}
	if info.Mode&unix.S_IFMT != unix.S_IFLNK {
		return fd, "", nil
	}
	defer unix.Close(fd)
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return -1, "", err
	}
	if fs.Type == unix.PROC_SUPER_MAGIC {
		if next, handled, err := v.procLink(at, name, follow); handled {
			return next, "", err
		}
	}
	text := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", text)
	if err != nil {
		return -1, "", err
	}
	if n == 0 {
		return -1, "", unix.ENOENT
	}
	next, err = dup(at)
	return next, string(text[:n]), err
}

// parent returns a descriptor of the directory above one. The caller's root is its own.
func (v *view) parent(dir int) (int, error) {
	var a, root unix.Stat_t
	if err := unix.Fstat(dir, &a); err != nil {
		return -1, err
	}
	if err := unix.Fstat(v.root, &root); err != nil {
		return -1, err
	}
	if a.Dev == root.Dev && a.Ino == root.Ino {
		return dup(dir)
	}
	return unix.Openat(dir, "..", openPath, 0)
}

// procRoot is the number of the root of a /proc.
const procRoot = 1

// procLink follows a link in /proc: self and thread-self are those of the caller, and
// the links of a process lead to files whatever their text. The others have a text.
func (v *view) procLink(at int, name string, follow bool) (next int, handled bool, err error) {
	var dir unix.Stat_t
	if err := unix.Fstat(at, &dir); err != nil {
		return -1, true, err
	}
	path := ""
	switch {
	case dir.Ino != procRoot && !follow:
		return -1, true, unix.ELOOP
	case dir.Ino != procRoot:
		next, err = unix.Openat(at, name, openPath, 0)
		return next, true, err
	case name == "self":
		process, err := v.process()
		if err != nil {
			return -1, true, err
		}
		path = fmt.Sprintf("/proc/%d", process)
	case name == "thread-self":
		path = fmt.Sprintf("/proc/%d/task/%d", v.tid, v.tid)
	default:
		return -1, false, nil
	}
	next, err = unix.Open(path, openPath, 0)
	return next, true, err
}

// process returns the number of the process of the thread.
func (v *view) process() (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.tid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if number, ok := strings.CutPrefix(line, "Tgid:"); ok {
			return strconv.Atoi(strings.TrimSpace(number))
		}
	}
	return 0, unix.ESRCH
}

func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }
