// Package tree is a read-only view of the folder that a map's keys are relative
// to: what its folders hold, where its symbolic links point, and what lies at a
// path once the links on the way are followed. A file can be mounted as a folder, as
// Yarn's zips are.
//
// Paths are slash-separated and relative to the root; "" is the root itself. A
// folder is read once and remembered, without its entries' sizes and times:
// one system call more than opening it. No folder is entered through a symbolic
// link, so nothing that is swapped while nodeint walks leads out of the root.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Kind is what a directory entry is.
type Kind uint8

// The kinds of entries. None is what is not there.
const (
	None Kind = iota
	File
	Directory
	Link  // a symbolic link (on Windows also a junction)
	Other // a FIFO, socket or device
)

func (k Kind) String() string {
	return [...]string{"nothing", "a file", "a folder", "a symbolic link", "a FIFO, socket or device"}[k]
}

// An Entry is one name in a folder.
type Entry struct {
	Name string
	Kind Kind
}

// A Dir is what a folder holds, sorted by name.
type Dir []Entry

// Kind returns what name is in d.
func (d Dir) Kind(name string) Kind {
	i, ok := slices.BinarySearchFunc(d, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return None
	}
	return d[i].Kind
}

// A Tree reads below a root. Its methods may be called from many goroutines.
type Tree struct {
	root string
	os   opener

	mu     sync.RWMutex
	dirs   map[string]listing
	mounts map[string]func(p string) ([]byte, error) // by path of the file that is mounted
}

type listing struct {
	dir Dir
	err error
}

// Open returns a view of the folder root, an absolute path without links.
func Open(root string) (*Tree, error) {
	o, err := openRoot(root)
	if err != nil {
		return nil, fmt.Errorf("opening the root: %w", err)
	}
	return &Tree{root: root, os: o, dirs: make(map[string]listing)}, nil
}

// Close lets go of the root.
func (t *Tree) Close() error { return t.os.close() }

// Root returns the absolute path that the tree was opened with.
func (t *Tree) Root() string { return t.root }

// Abs returns the absolute path of p in the system's form.
func (t *Tree) Abs(p string) string { return filepath.Join(t.root, filepath.FromSlash(p)) }

// Rel returns the path of an absolute path relative to the root, and whether it
// lies in it at all.
func (t *Tree) Rel(abs string) (string, bool) {
	if abs == t.root {
		return "", true
	}
	rest, ok := strings.CutPrefix(abs, strings.TrimSuffix(t.root, string(filepath.Separator))+string(filepath.Separator))
	return filepath.ToSlash(rest), ok
}

// Dir returns what the folder p holds; nil where p is not a folder or is only
// one through a symbolic link. The error is the system's, for a folder that is
// there and cannot be read.
func (t *Tree) Dir(p string) (Dir, error) {
	t.mu.RLock()
	l, ok := t.dirs[p]
	t.mu.RUnlock()
	if !ok {
		l.dir, l.err = t.readDir(p)
		t.mu.Lock()
		t.dirs[p] = l
		t.mu.Unlock()
	}
	return l.dir, l.err
}

func (t *Tree) readDir(p string) (Dir, error) {
	dir, err := t.os.readDir(p)
	if errors.Is(err, errNoFolder) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a folder: %w", err)
	}
	slices.SortFunc(dir, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return dir, nil
}

// errNoFolder is what an opener answers for a path that is no folder, or that
// is reached through a symbolic link.
var errNoFolder = errors.New("not a folder")

// Kind returns what lies at p. A symbolic link on the way makes it None.
func (t *Tree) Kind(p string) (Kind, error) {
	if p == "" {
		return Directory, nil
	}
	dir, err := t.Dir(Parent(p))
	return dir.Kind(path.Base(p)), err
}

// Readlink returns where the symbolic link p points: relative to the root where
// that lies in it ("" is the root), else as the link has it, with inside false.
func (t *Tree) Readlink(p string) (target string, inside bool, err error) {
	raw, err := os.Readlink(t.Abs(p))
	if err != nil {
		return "", false, fmt.Errorf("reading a link: %w", err)
	}
	if filepath.IsAbs(raw) {
		target, inside = t.Rel(filepath.Clean(raw))
		if !inside {
			return raw, false, nil
		}
		return target, true, nil
	}
	target = path.Join(Parent(p), filepath.ToSlash(raw))
	if target == ".." || strings.HasPrefix(target, "../") {
		return filepath.ToSlash(raw), false, nil
	}
	if target == "." {
		target = ""
	}
	return target, true, nil
}

// A Place is where a path leads once all links are followed.
type Place struct {
	Path  string // the real path; where Outside, that of the link that leads out
	Kind  Kind   // File, Directory, Other, or None where nothing is there
	Links []string
	// Outside reports that a link on the way leads out of the root.
	Outside bool
}

// maxLinks is how many links Linux follows before it gives up (ELOOP).
const maxLinks = 40

// Resolve follows p as the system would, and names the links on the way in the
// order in which they were met.
func (t *Tree) Resolve(p string) (Place, error) {
	place := Place{}
	rest := splitPath(p)
	at := ""
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			if at == "" {
				return Place{Path: lastOr(place.Links, p), Outside: true, Links: place.Links}, nil
			}
			at = Parent(at)
			continue
		}
		dir, err := t.Dir(at)
		if err != nil {
			return Place{}, err
		}
		next := Join(at, name)
		kind := dir.Kind(name)
		switch kind {
		case Link:
			if len(place.Links) == maxLinks {
				return Place{Links: place.Links}, nil
			}
			place.Links = append(place.Links, next)
			raw, err := os.Readlink(t.Abs(next))
			if err != nil {
				return Place{}, fmt.Errorf("reading a link: %w", err)
			}
			if filepath.IsAbs(raw) {
				target, inside := t.Rel(filepath.Clean(raw))
				if !inside {
					return Place{Path: next, Outside: true, Links: place.Links}, nil
				}
				at, raw = "", target
			}
			rest = append(splitPath(filepath.ToSlash(raw)), rest...)
			continue
		case Directory:
			at = next
			continue
		}
		if len(rest) > 0 && kind == File && t.isMounted(next) {
			at = next
			continue
		}
		if len(rest) > 0 { // a file cannot be walked through
			kind = None
		}
		return Place{Path: next, Kind: kind, Links: place.Links}, nil
	}
	return Place{Path: at, Kind: Directory, Links: place.Links}, nil
}

func lastOr(links []string, p string) string {
	if len(links) == 0 {
		return p
	}
	return links[len(links)-1]
}

func splitPath(p string) []string {
	parts := strings.Split(p, "/")
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" || s == "." })
}

// Join joins a folder's path and a name.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// Parent returns the folder that p lies in, "" for what lies in the root and for
// the root itself.
func Parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return ""
	}
	return p[:i]
}

// Mount lets the file archive be a folder as well: Dir, Kind, Resolve and ReadFile
// find files in it, by their paths there. read gives the bytes of one.
func (t *Tree) Mount(archive string, files []string, read func(p string) ([]byte, error)) {
	dirs := map[string]Dir{archive: {}}
	for _, f := range files {
		p := Join(archive, f)
		kind := File
		for {
			dir := Parent(p)
			_, known := dirs[dir]
			dirs[dir] = append(dirs[dir], Entry{Name: path.Base(p), Kind: kind})
			if known {
				break
			}
			p, kind = dir, Directory
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, dir := range dirs {
		slices.SortFunc(dir, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
		t.dirs[p] = listing{dir: dir}
	}
	if t.mounts == nil {
		t.mounts = make(map[string]func(string) ([]byte, error))
	}
	t.mounts[archive] = read
}

func (t *Tree) isMounted(p string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.mounts[p] != nil
}

// mounted gives what reads the archive that holds p, nil if none does, and the path
// there.
func (t *Tree) mounted(p string) (read func(string) ([]byte, error), member string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.mounts) == 0 {
		return nil, ""
	}
	for dir := Parent(p); dir != ""; dir = Parent(dir) {
		if read = t.mounts[dir]; read != nil {
			return read, p[len(dir)+1:]
		}
	}
	return nil, ""
}

// Open opens the regular file p, which no link leads to.
func (t *Tree) Open(p string) (*os.File, error) { return t.os.open(p) }

// ReadFile returns the bytes of the regular file p, which no link leads to, if
// there are at most most of them.
func (t *Tree) ReadFile(p string, most int64) ([]byte, error) {
	if read, member := t.mounted(p); read != nil {
		data, err := read(member)
		if err == nil && int64(len(data)) > most {
			err = fmt.Errorf("reading a file: %s is larger than %d bytes", t.Abs(p), most)
		}
		return data, err
	}
	f, err := t.os.open(p)
	if err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	tooLarge := func() ([]byte, error) {
		return nil, fmt.Errorf("reading a file: %s is larger than %d bytes", t.Abs(p), most)
	}
	if info.Size() > most {
		return tooLarge()
	}
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, most+1)); err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	if int64(b.Len()) > most { // it grew
		return tooLarge()
	}
	return b.Bytes(), nil
}
