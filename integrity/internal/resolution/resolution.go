package resolution

import (
	"net/url"
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A Resolver resolves specifiers and records what it consults.
type Resolver struct {
	record   *Record
	tree     *tree.Tree
	tables   *pnp.Tables // nil without Plug'n'Play
	nodePath []string    // directories of NODE_PATH

	conditions []string // of exports and imports, beside Node's own
	packageMap *PackageMap
	seen       map[question]bool
	manifests  map[string]*manifest // by directory; nil for those without a package.json
}

// A question is a specifier and what its meaning depends on.
type question struct {
	dir, specifier string
	isImport       bool
}

// New returns a Resolver over t with an empty record. tables is nil if the project
// does not use Plug'n'Play.
func New(t *tree.Tree, tables *pnp.Tables) *Resolver {
	return &Resolver{
		record:    newRecord(t),
		tree:      t,
		tables:    tables,
		seen:      make(map[question]bool),
		manifests: make(map[string]*manifest),
	}
}

// SetNodePath sets the directories of NODE_PATH, in which require looks for a package
// that is in no node_modules.
func (r *Resolver) SetNodePath(dirs []string) { r.nodePath = dirs }

// Record returns the record, which later resolutions extend.
func (r *Resolver) Record() *Record { return r.record }

// Resolve resolves a specifier of a module in the directory dir, and records what it
// consults. It reports whether the specifier resolves to something. dir may be a
// virtual path of Plug'n'Play. The error is that of a directory or package.json that
// cannot be read.
func (r *Resolver) Resolve(dir, specifier string, isImport bool) (found bool, err error) {
	q := question{dir, specifier, isImport}
	if found, ok := r.seen[q]; ok {
		return found, nil
	}
	r.seen[q] = true // for cycles: "#a" of imports may name "#a"
	found, err = r.resolve(q)
	r.seen[q] = found
	return found, err
}

func (r *Resolver) resolve(q question) (bool, error) {
	s := q.specifier
	if q.isImport {
		s = decode(s)
	}
	virtual := q.dir
	if r.tables != nil {
		q.dir = pnp.Real(q.dir)
	}
	switch {
	case s == "" || strings.Contains(s, "\x00"):
		return true, nil
	case len(s) > 5 && strings.EqualFold(s[:5], "file:"):
		u, err := url.Parse(s)
		if err != nil {
			return true, nil
		}
		return r.resolveAbsolute(u.Path)
	case path.IsAbs(s):
		return r.resolveAbsolute(s)
	case s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../"):
		return r.resolveRelative(q.dir, s)
	case strings.HasPrefix(s, "#"):
		if owned, err := r.resolveImports(q); owned || err != nil || q.isImport {
			return true, err
		}
		_, err := r.resolveBare(q.dir, s, s, false)
		return true, err
	case strings.Contains(s, ":"):
		if q.isImport || strings.HasPrefix(s, "node:") {
			return true, nil // data:, node:, https:
		}
		_, err := r.resolveBare(q.dir, s, s, false)
		return true, err
	case nodejs.IsAlwaysBuiltin(s):
		return true, nil
	}
	if found, owned, err := r.resolvePnP(virtual, s, q.specifier, q.isImport); owned {
		return found, err
	}
	found, err := r.resolveBare(q.dir, s, q.specifier, q.isImport)
	if err != nil {
		return found, err
	}
	mapped, err := r.resolveMapped(q.dir, s, q.specifier, q.isImport)
	return found || mapped, err
}

// decode returns the path in an import specifier: without query and fragment, and
// with its percent escapes decoded. require takes a specifier literally.
func decode(s string) string {
	if strings.HasPrefix(s, "#") || !strings.ContainsAny(s, "%?#") {
		return s
	}
	if i := strings.IndexAny(s, "?#"); i > 0 {
		s = s[:i]
	}
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

func (r *Resolver) resolveAbsolute(abs string) (bool, error) {
	p, inside := r.tree.Rel(path.Clean(abs))
	if !inside {
		return false, nil
	}
	return r.fileOrMissing(p)
}

func (r *Resolver) resolveRelative(dir, s string) (bool, error) {
	p := path.Join(dir, s)
	if isAboveRoot(p) {
		inRoot, inside := r.tree.Rel(r.tree.Abs(p)) // the path may go back into the root
		if !inside {
			return true, r.resolveAbove(p)
		}
		p = inRoot
	}
	if p == "." {
		p = ""
	}
	if namesDirectory(s) {
		return r.directoryOrMissing(p)
	}
	return r.fileOrMissing(p)
}

// namesDirectory reports whether a path can only be a directory's: require tries no
// extensions on it.
func namesDirectory(s string) bool {
	base := s[strings.LastIndexByte(s, '/')+1:]
	return base == "" || base == "." || base == ".."
}

// isAboveRoot reports whether a clean path leads above the root. If a file exists
// there, package graph reports it.
func isAboveRoot(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }
