//go:build !(linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package hasher

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A rootDir is the open root directory. An os.Root opens nothing outside itself,
// but it follows symbolic links within. So each element of a path is examined
// first. A process that replaces a directory by a link between the two steps can
// make the reader open another file below the root.
type rootDir struct{ root *os.Root }

func openRoot(root string) (*rootDir, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &rootDir{r}, nil
}

func (d *rootDir) close() { d.root.Close() }

func (d *rootDir) newReader() *reader { return &reader{root: d.root} }

// A reader opens files for one worker.
type reader struct {
	root *os.Root
	dir  string // the directory that was examined last
}

// open opens a path that validPath accepts, if it is a regular file.
func (r *reader) open(path string) (file, error) {
	if err := r.checkDir(path); err != nil {
		return file{}, err
	}
	name := filepath.FromSlash(path)
	before, err := r.root.Lstat(name)
	if err != nil {
		return file{}, err
	}
	if kind := kindOf(before.Mode()); kind != regularFile {
		return file{}, &KindError{Path: path, Kind: kind}
	}
	f, err := r.root.Open(name)
	if err != nil {
		return file{}, err
	}
	return file{path: path, f: f, before: before}, nil
}

// checkDir checks that every parent of path is a directory.
func (r *reader) checkDir(path string) error {
	dir := path[:max(0, strings.LastIndexByte(path, '/'))]
	if dir == r.dir {
		return nil
	}
	for end := range len(dir) + 1 {
		if end < len(dir) && dir[end] != '/' {
			continue
		}
		info, err := r.root.Lstat(filepath.FromSlash(dir[:end]))
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return &KindError{Path: dir[:end], Kind: kindOf(info.Mode())}
		}
	}
	r.dir = dir
	return nil
}

// release makes the reader examine the directory again.
func (r *reader) release() { r.dir = "" }

func (r *reader) close() {}

// A file is an open file of a reader.
type file struct {
	path   string
	f      *os.File
	before fs.FileInfo // of path before it was opened
}

func (f file) close() { f.f.Close() }

// fstat returns the size of the file, in bytes, if it is the one that was examined
// before it was opened.
func (f file) fstat() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	if kind := kindOf(info.Mode()); kind != regularFile {
		return 0, &KindError{Path: f.path, Kind: kind}
	}
	if !os.SameFile(info, f.before) {
		return 0, &fs.PathError{Op: "open", Path: f.path, Err: ErrChanged}
	}
	return info.Size(), nil
}

// read reads bytes at an offset. At the end of the file it returns 0.
func (f file) read(buf []byte, at int64) (int, error) {
	n, err := f.f.ReadAt(buf, at)
	if err == io.EOF {
		return n, nil
	}
	return n, err
}

const (
	regularFile = "regular file"
	directory   = "directory"
)

func kindOf(mode fs.FileMode) string {
	switch mode.Type() {
	case 0:
		return regularFile
	case fs.ModeDir:
		return directory
	case fs.ModeSymlink:
		return "symbolic link"
	case fs.ModeNamedPipe:
		return "FIFO"
	case fs.ModeSocket:
		return "socket"
	case fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice:
		return "device"
	}
	return "special file" // a junction on Windows, for example
}

// isTemporary returns false: no temporary error is known for these systems.
func isTemporary(error) bool { return false }

// validOnSystem rejects names that Windows reads as another file or as a device:
// "a\b", "a.js::$DATA", "a.js.", "NUL".
func validOnSystem(path string) bool {
	if runtime.GOOS != "windows" {
		return true
	}
	for name := range strings.SplitSeq(path, "/") {
		if strings.ContainsAny(name, `\:`) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
			return false
		}
	}
	return filepath.IsLocal(filepath.FromSlash(path))
}

// stamp does nothing: stamps are not supported.
func (f file) stamp(*Stamp) {}
