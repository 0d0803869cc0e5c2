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

// A rootDir is the open folder that all paths are relative to. An os.Root
// opens nothing outside itself, but follows links within. So each part of a
// path is looked at first; whoever can replace a folder by a link just then can
// have another file below the root read.
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
	dir  string // the folder that was looked at last
}

// tellsWaiting: the system is not asked.
const tellsWaiting = false

func (r *reader) waits() bool { return false }

// open opens what is at a path that validPath accepts, if it is a regular file.
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

// checkDir looks at every folder on the way to path.
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

// release makes the reader look at the folder again.
func (r *reader) release() { r.dir = "" }

func (r *reader) close() {}

// A file is an open file of a reader.
type file struct {
	path   string
	f      *os.File
	before fs.FileInfo // of what was at path before it was opened
}

func (f file) close() { f.f.Close() }

// stat returns the size of the file, if it is the one that was looked at.
func (f file) stat() (int64, error) {
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

// canGlance is whether read fails for what is no file. Here stat also compares
// the file with what was looked at before.
const canGlance = false

// read reads bytes at an offset, none at the end.
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
	return "special file" // on Windows a junction, too
}

// isTemporary: no error here is known to be.
func isTemporary(error) bool { return false }

// validOnSystem refuses what Windows takes for another name of a file, or for
// no file: "a\b", "a.js::$DATA", "a.js.", "NUL".
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
