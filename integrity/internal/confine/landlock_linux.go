package confine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	landlock "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The rights of Landlock that the policy handles: what no rule permits is forbidden.
const (
	fileWrite = landlock.AccessFSWriteFile | landlock.AccessFSTruncate

	// dirWrite has neither MakeChar nor MakeBlock: only root can make devices, and those
	// would give access to the disk.
	dirWrite = fileWrite | landlock.AccessFSRemoveDir | landlock.AccessFSRemoveFile | landlock.AccessFSMakeDir |
		landlock.AccessFSMakeReg | landlock.AccessFSMakeSock | landlock.AccessFSMakeFifo | landlock.AccessFSMakeSym |
		landlock.AccessFSRefer

	execute = landlock.AccessFSExecute
	handled = dirWrite | landlock.AccessFSMakeChar | landlock.AccessFSMakeBlock | execute
)

// kernelABI returns the version of Landlock's ABI. Tests replace it.
var kernelABI = landlock.LandlockGetABIVersion

// CheckReadOnly returns an error if the kernel cannot make a tree read-only.
func CheckReadOnly() error {
	abi, err := kernelABI()
	switch {
	case errors.Is(err, unix.ENOSYS):
		return errors.New("this kernel has no Landlock, or the container's seccomp profile does not permit it")
	case errors.Is(err, unix.EOPNOTSUPP):
		return errors.New("this kernel has Landlock disabled: landlock is not in its boot parameter lsm=")
	case err != nil:
		return fmt.Errorf("landlock_create_ruleset: %w", err)
	case abi < minABI:
		return fmt.Errorf("version %d of this kernel's Landlock cannot forbid truncating files: Linux 6.2 or newer is needed", abi)
	}
	return nil
}

// restrict applies the policy to this thread, which then executes the program.
func (p *ReadOnly) restrict() error {
	if err := CheckReadOnly(); err != nil {
		return err
	}
	fd, err := landlock.LandlockCreateRuleset(&landlock.RulesetAttr{HandledAccessFS: handled}, 0)
	if err != nil {
		return fmt.Errorf("landlock_create_ruleset: %w", err)
	}
	defer unix.Close(fd)
	set := &ruleset{fd: fd, protected: map[string]bool{}, above: map[string]bool{}, inodes: map[inode]bool{}}
	for _, path := range slices.Concat(p.Protect, p.Execute) {
		if err := set.protect(path); err != nil {
			return err
		}
	}
	if err := set.permitAround("/"); err != nil {
		return err
	}
	for _, path := range p.Execute {
		if err := set.permit(path, execute, execute); err != nil {
			return err
		}
	}
	for _, path := range p.Write {
		if err := set.permit(path, fileWrite, dirWrite); err != nil {
			return err
		}
	}
	if err := landlock.LandlockRestrictSelf(fd, 0); err != nil {
		return fmt.Errorf("landlock_restrict_self: %w", err)
	}
	return nil
}

// An inode identifies a file, whatever its path.
type inode struct{ dev, ino uint64 }

// A ruleset is a Landlock ruleset that is being built.
type ruleset struct {
	fd        int
	protected map[string]bool // real paths
	above     map[string]bool // the directories above them
	inodes    map[inode]bool  // the protected files, which may be mounted elsewhere too
}

// protect adds a path to the protected ones. If it is a link, both the link and its target
// are protected. A path that does not exist is ignored.
func (s *ruleset) protect(path string) error {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	path = filepath.Join(dir, filepath.Base(path))
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Stat(real, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: real, Err: err}
	}
	s.inodes[inode{uint64(st.Dev), st.Ino}] = true
	for _, path := range []string{path, real} {
		s.protected[path] = true
		for path != "/" {
			path = filepath.Dir(path)
			s.above[path] = true
		}
	}
	return nil
}

// permitAround permits writing every entry of dir that is not protected, and has no
// protected file below it. dir is above a protected file.
func (s *ruleset) permitAround(dir string) error {
	if s.protected[dir] {
		return nil
	}
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.EACCES) {
		return s.permitKnown(dir)
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	f := os.NewFile(uintptr(fd), dir)
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		switch {
		case s.protected[path]:
		case s.above[path]:
			err = s.permitAround(path)
		default:
			err = s.permitEntry(fd, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// permitKnown is permitAround for a directory that cannot be listed: only the way to the
// protected files is known.
func (s *ruleset) permitKnown(dir string) error {
	for path := range s.above {
		if filepath.Dir(path) == dir && path != dir {
			if err := s.permitAround(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// permitEntry permits writing an entry of the directory dir. A link has no rule: its target
// may have one. Neither has a protected file or directory that is mounted there once more.
func (s *ruleset) permitEntry(dir int, name string) error {
	fd, err := unix.Openat(dir, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer unix.Close(fd)
	return s.add(fd, name, fileWrite, dirWrite, true)
}

// permit adds a rule for a path: the right file for a file, and directory for a directory.
// It returns an error if there is a link in the path: somebody has changed it.
func (s *ruleset) permit(path string, file, directory uint64) error {
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS})
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	return s.add(fd, path, file, directory, false)
}

// isAbsent reports whether a path needs no rule: without a rule there is no permission.
func isAbsent(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EACCES)
}

// add adds a rule for the opened file. With except it adds none for a protected file.
func (s *ruleset) add(fd int, path string, file, directory uint64, except bool) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	rights := file
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		return nil
	case unix.S_IFDIR:
		rights = directory
	}
	if except && s.inodes[inode{uint64(st.Dev), st.Ino}] {
		return nil
	}
	if err := landlock.LandlockAddPathBeneathRule(s.fd, &landlock.PathBeneathAttr{ParentFd: fd, AllowedAccess: rights}, 0); err != nil {
		return fmt.Errorf("landlock_add_rule for %s: %w", path, err)
	}
	return nil
}
