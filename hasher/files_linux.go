package hasher

import (
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// folderFlags open a folder to look up names in it. O_PATH asks for no
// permission to list it.
const folderFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC

// how makes the kernel refuse (ELOOP, EXDEV) any path that goes through a
// symbolic link or leaves the root, see openat2(2).
var how = unix.OpenHow{
	Flags:   folderFlags,
	Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
}

// bestOpenPath tries whether there is openat2: not before Linux 5.6 (ENOSYS),
// nor under an older container's system call filter (EPERM).
func bestOpenPath(root int) func(*reader, string) (int, error) {
	fd, err := ignoringEINTR(func() (int, error) { return unix.Openat2(root, ".", &how) })
	if err != nil {
		return (*reader).openByParts
	}
	unix.Close(fd)
	return (*reader).openBeneath
}

// openBeneath opens the folder of a path in one system call, if it is not that
// of the last file, and the file in another: most files have neighbours, and a
// path of eight parts costs the kernel more than two short ones.
func (r *reader) openBeneath(path string) (int, error) {
	at, name := r.root.fd, path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		if dir := path[:i]; r.dirFd < 0 || dir != r.dir {
			if err := r.enterBeneath(dir); err != nil {
				return -1, err
			}
		}
		at, name = r.dirFd, path[i+1:]
	}
	r.path = append(append(r.path[:0], name...), 0)
	return ignoringEINTR(func() (int, error) { return sysOpenat(at, r.path) })
}

// enterBeneath opens the folder dir as dirFd.
func (r *reader) enterBeneath(dir string) error {
	r.release()
	r.path = append(append(r.path[:0], dir...), 0)
	fd, err := ignoringEINTR(func() (int, error) { return sysOpenat2(r.root.fd, r.path) })
	if err == nil {
		r.dir, r.dirFd = dir, fd
	}
	return err
}

// The calls that every file needs are made without telling Go's scheduler. It
// would take the processor from a worker whose call lasts over 20 µs, as reading
// 100 KB does, and hand it back later: measured on 70,000 files, six times the
// context switches and 6 % of all the time. The price is that a worker keeps
// its processor while a disk makes it wait: see Options.OnWait. unix.Openat and
// unix.Openat2 would allocate a copy of each path, too.

func sysOpenat(dir int, path []byte) (int, error) {
	return result(unix.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(&path[0])), fileFlags, 0, 0, 0))
}

func sysOpenat2(dir int, path []byte) (int, error) {
	return result(unix.RawSyscall6(unix.SYS_OPENAT2, uintptr(dir), uintptr(unsafe.Pointer(&path[0])),
		uintptr(unsafe.Pointer(&how)), unix.SizeofOpenHow, 0, 0))
}

func sysPread(fd int, buf []byte, at int64) (int, error) {
	if strconv.IntSize == 32 { // the offset takes two arguments there, in an order of the processor's
		return unix.Pread(fd, buf, at)
	}
	return result(unix.RawSyscall6(unix.SYS_PREAD64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(buf))),
		uintptr(len(buf)), uintptr(at), 0, 0))
}

func sysFstat(fd int, st *unix.Stat_t) error {
	_, err := result(unix.RawSyscall(unix.SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(st)), 0))
	return err
}

func sysClose(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

func result(n, _ uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

// tellsWaiting is whether waits can tell.
const tellsWaiting = true

// waiting is what waits remembers of a worker.
type waiting struct {
	files  int
	thread int   // that the worker ran on when it was last looked at
	before int64 // how often that thread had waited by then
}

// waits is called once for each file, and reports now and then that the system
// made the worker wait for the last ones: its thread gave its processor away
// (ru_nvcsw, see getrusage(2)) for every fourth of them or more often.
func (r *reader) waits() bool {
	const every = 32
	w := &r.waiting
	if w.files++; w.files%every != 0 {
		return false
	}
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &u) != nil {
		return false
	}
	last := *w
	w.thread, w.before = unix.Gettid(), int64(u.Nvcsw)
	return w.thread == last.thread && w.before-last.before >= every/4
}
