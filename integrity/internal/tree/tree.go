// Package tree is a read-only view of the root, the directory that a map's keys are
// relative to. It lists directories, reads symbolic links, and resolves a path by
// following the links on the way. A file can be mounted as a directory, as is done
// for Yarn's zips.
//
// Paths are slash-separated and relative to the root; "" is the root itself. Each
// directory is read once and cached, without the sizes and times of its entries: that
// takes one system call more than opening it.
//
// The kernel follows no link below the root. A path is opened with openat2 and
// RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS on Linux, and one component after the other
// elsewhere. So a directory that is replaced by a link while nodeint walks cannot lead
// out of the root.
package tree

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A Kind is the kind of a directory entry.
type Kind uint8

// The kinds of entries. None means that there is no entry.
const (
	None Kind = iota
	File
	Directory
	Link  // a symbolic link (on Windows also a junction)
	Other // a FIFO, socket or device
)

// String returns the kind with its article, such as "a directory".
func (k Kind) String() string {
	return [...]string{"nothing", "a file", "a directory", "a symbolic link", "a FIFO, socket or device"}[k]
}

// An Entry is one name in a directory.
type Entry struct {
	Name string
	Kind Kind
}

// A Dir is the list of a directory's entries, sorted by name.
type Dir []Entry

// Kind returns the kind of the entry name, or None if d has no such entry.
func (d Dir) Kind(name string) Kind {
	i, ok := slices.BinarySearchFunc(d, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return None
	}
	return d[i].Kind
}

// A Tree reads below a root. Its methods may be called concurrently.
type Tree struct {
	root string
	os   opener

	mu     sync.RWMutex
	dirs   map[string]listing
	mounts map[string]func(p string) ([]byte, error) // by the path of the mounted file or directory
	links  map[string]string                         // targets of mounted links, by path
}

type listing struct {
	dir Dir
	err error
}

// Open returns a view of the directory root, an absolute path without links.
func Open(root string) (*Tree, error) {
	o, err := openRoot(root)
	if err != nil {
		return nil, fmt.Errorf("opening the root: %w", err)
	}
	return &Tree{root: root, os: o, dirs: make(map[string]listing)}, nil
}

// Close closes the root.
func (t *Tree) Close() error { return t.os.close() }

// Root returns the absolute path of the root.
func (t *Tree) Root() string { return t.root }

// Abs returns the absolute path of p, with the system's separators.
func (t *Tree) Abs(p string) string { return filepath.Join(t.root, filepath.FromSlash(p)) }

// Rel returns the path relative to the root of an absolute path. inside is false if
// the path is outside the root.
func (t *Tree) Rel(abs string) (p string, inside bool) {
	if abs == t.root {
		return "", true
	}
	rest, ok := strings.CutPrefix(abs, strings.TrimSuffix(t.root, string(filepath.Separator))+string(filepath.Separator))
	return filepath.ToSlash(rest), ok
}

// Dir returns the entries of the directory p. It returns nil if p does not exist, is
// not a directory, or is reached through a symbolic link. It returns an error if the
// directory exists and cannot be read.
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
	if errors.Is(err, errNotDirectory) || safefile.IsAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a directory: %w", err)
	}
	slices.SortFunc(dir, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return dir, nil
}

// errNotDirectory is the error of an opener for a path that is not a directory, or is
// reached through a symbolic link.
var errNotDirectory = errors.New("not a directory")

// Kind returns the kind of the entry at p, without following links. It returns None if
// a directory on the way is a link.
func (t *Tree) Kind(p string) (Kind, error) {
	if p == "" {
		return Directory, nil
	}
	dir, err := t.Dir(Parent(p))
	return dir.Kind(path.Base(p)), err
}

// Readlink returns the target of the symbolic link p. If the target is inside the root,
// it is relative to the root, and "" for the root itself. Otherwise it is the text of
// the link, and inside is false.
func (t *Tree) Readlink(p string) (target string, inside bool, err error) {
	raw, err := t.LinkText(p)
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

// A Place is the result of resolving a path.
type Place struct {
	Path    string   // the real path, or if Outside, the path of the link that leads out
	Kind    Kind     // File, Directory, Other, or None if nothing exists there
	Links   []string // the links that were followed, in order
	Outside bool     // whether a link on the way leads out of the root
	Rest    string   // if nothing exists at Path: what of the path follows it
	inLink  int      // how many names of Rest come from a link
	isLink  bool     // if nothing exists at Path: whether that name comes from a link
}

// Absent returns the path that the system would look for if nothing exists at a place:
// Path, and the rest of the path behind it. It is "" if something exists, if a link leads
// out of the root, and for too many links.
func (p Place) Absent() string {
	if p.Kind != None || p.Outside || p.Path == "" {
		return ""
	}
	return belowRoot(path.Join(p.Path, p.Rest))
}

// Dangling returns the target of the last link on the way to a place if it does not exist.
// It is "" if there is no such link.
func (p Place) Dangling() string {
	if !p.isLink || p.Outside {
		return ""
	}
	return belowRoot(path.Join(append([]string{p.Path}, splitPath(p.Rest)[:p.inLink]...)...))
}

// belowRoot returns a clean path, or "" if it is that of the root or leads out of it.
func belowRoot(p string) string {
	if p == "." || p == ".." || strings.HasPrefix(p, "../") {
		return ""
	}
	return p
}

// maxLinks is the number of links that Linux follows before it fails with ELOOP.
const maxLinks = 40

// Resolve resolves p as the system would, following all links. If it meets too many
// links, the result has the kind None and those links.
func (t *Tree) Resolve(p string) (Place, error) {
	place := Place{}
	rest := splitPath(p)
	at := ""
	inLink := 0 // how many names of rest come from a link
	for len(rest) > 0 {
		name, isLink := rest[0], inLink > 0
		rest, inLink = rest[1:], max(inLink-1, 0)
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
			raw, err := t.LinkText(next)
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
			names := splitPath(filepath.ToSlash(raw))
			rest, inLink = append(names, rest...), inLink+len(names)
			continue
		case Directory:
			at = next
			continue
		}
		if len(rest) > 0 && kind == File && t.isMounted(next) {
			at = next
			continue
		}
		if len(rest) > 0 { // a file has no entries
			kind = None
		}
		place.Path, place.Kind = next, kind
		if kind == None {
			place.Rest, place.inLink, place.isLink = strings.Join(rest, "/"), inLink, isLink
		}
		return place, nil
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

// Join joins the path of a directory and a name or a path in it.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// Parent returns the directory that contains p. It is "" for an entry of the root, and
// for the root itself.
func Parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return ""
	}
	return p[:i]
}

// Mount makes the file archive a directory as well: Dir, Kind, Resolve and ReadFile find
// the files in it. files are their paths in the archive; read returns the bytes of one.
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

// MountDir makes a directory that does not exist appear at dir, with files as in
// Mount, and the directories that are missing on the way to it.
func (t *Tree) MountDir(dir string, files []string, read func(p string) ([]byte, error)) error {
	if err := t.addEntry(dir, Directory); err != nil {
		return err
	}
	t.Mount(dir, files, read)
	return nil
}

// MountLink makes a symbolic link appear at p, which leads to target, a path
// relative to the root.
func (t *Tree) MountLink(p, target string) error {
	if err := t.addEntry(p, Link); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.links == nil {
		t.links = make(map[string]string)
	}
	t.links[p] = target
	return nil
}

// addEntry adds an entry to the list of its directory, and the directories that
// are missing on the way to it.
func (t *Tree) addEntry(p string, kind Kind) error {
	for p != "" {
		dir, err := t.Dir(Parent(p))
		if err != nil {
			return err
		}
		i, found := slices.BinarySearchFunc(dir, path.Base(p), func(e Entry, name string) int { return strings.Compare(e.Name, name) })
		if found {
			return nil
		}
		t.mu.Lock()
		t.dirs[Parent(p)] = listing{dir: slices.Insert(slices.Clone(dir), i, Entry{Name: path.Base(p), Kind: kind})}
		t.mu.Unlock()
		p, kind = Parent(p), Directory
	}
	return nil
}

// LinkText returns the text of a link on disk, or of a mounted one as if it were
// absolute.
func (t *Tree) LinkText(p string) (string, error) {
	t.mu.RLock()
	target, mounted := t.links[p]
	t.mu.RUnlock()
	if mounted {
		return t.Abs(target), nil
	}
	return os.Readlink(t.Abs(p))
}

func (t *Tree) isMounted(p string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.mounts[p] != nil
}

// mounted returns the read function of the mounted archive that contains p, and the path
// of p in it. read is nil if p is not in a mounted archive.
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

// Open opens the regular file p. It is an error if a link is on the way to p.
func (t *Tree) Open(p string) (*os.File, error) { return t.os.open(p) }

// ReadHead returns the first bytes of the regular file p, at most n of them. It is an
// error if a link is on the way to p.
func (t *Tree) ReadHead(p string, n int) ([]byte, error) {
	if read, member := t.mounted(p); read != nil {
		data, err := read(member)
		return data[:min(n, len(data))], err
	}
	f, err := t.os.open(p)
	if err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	defer f.Close()
	data := make([]byte, n)
	n, err = io.ReadFull(f, data)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	return data[:n], nil
}

// ReadFile returns the bytes of the regular file p, at most limit of them. It is an error
// if a link is on the way to p.
func (t *Tree) ReadFile(p string, limit int64) ([]byte, error) {
	data, _, err := t.ReadStamped(p, limit)
	return data, err
}

// ReadStamped is ReadFile, and also returns the stamp that the file had before it was read.
func (t *Tree) ReadStamped(p string, limit int64) ([]byte, Stamp, error) {
	if read, member := t.mounted(p); read != nil {
		data, err := read(member)
		if err == nil && int64(len(data)) > limit {
			err = fmt.Errorf("reading %s: %w of %d bytes", t.Abs(p), safefile.ErrTooLarge, limit)
		}
		return data, Stamp{}, err
	}
	f, err := t.os.open(p)
	if err != nil {
		return nil, Stamp{}, fmt.Errorf("reading a file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, Stamp{}, fmt.Errorf("reading a file: %w", err)
	}
	data, err := safefile.ReadOpen(f, info, limit)
	if err != nil {
		return nil, Stamp{}, fmt.Errorf("reading a file: %w", err)
	}
	return data, stampOf(info), nil
}
