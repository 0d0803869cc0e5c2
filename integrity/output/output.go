// Package output decides whether nodeint may write to a file that the user names, and
// writes such files.
//
// A file that is written must not replace what the program, its map or the command itself
// is made of. [Guard.Check] refuses, under every spelling of their names:
//
//   - maps and their envelopes;
//   - files that a map pins, and files in node_modules;
//   - files that decide what an install or Node does: package.json, lockfiles, settings of
//     package managers, at every place;
//   - files that the command reads, such as keys, traces and other maps;
//   - another file that the same command writes;
//   - links to nothing, directories, and devices.
//
// It also refuses a new file at a place where the next map would pin it, or where verify
// would report it as unexpected.
package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A File is a file that the user names to be written.
type File struct {
	Flag     string // that names it, such as "--output"
	What     string // with an article: "the report"
	Path     string // absolute
	Appended bool   // the command appends to the file, which may also be a pipe or a device
	Pinnable bool   // a map may pin the file, if Node would not load it instead of another one
}

// Write creates or replaces the file, whole or not at all.
func (f File) Write(text []byte) error {
	err := atomic.Write(f.Path, text)
	if errors.Is(err, fs.ErrNotExist) {
		return problem.NotChecked(f.Path, "create the directory: mkdir -p "+filepath.Dir(f.Path), "writing %s: the directory of %s does not exist", f.What, f.Path)
	}
	if err != nil {
		return atomic.Problem(f.Path, f.What, err)
	}
	return nil
}

// A Guard knows the files that must not be written. The zero value knows that no project was
// found.
type Guard struct {
	root    string         // real; "" if it is not known
	own     []string       // maps and envelopes
	inputs  []string       // files that the command reads
	written []string       // real paths that Check has accepted
	maps    []*mapfile.Map // nil for one that could not be read
}

// NewGuard returns a guard for a project whose keys are relative to root, which is a real path.
func NewGuard(root string) *Guard { return &Guard{root: root} }

// AddMap makes the guard refuse a map, its envelope and what it pins. If the map cannot be
// read, the guard refuses every file that Node could load.
func (g *Guard) AddMap(file string) {
	g.own = append(g.own, file, trust.EnvelopePath(file))
	var m *mapfile.Map
	if text, err := mapfile.ReadText(file); err == nil {
		if _, parsed, err := mapfile.Read(file, text); err == nil {
			m = parsed
		}
	}
	g.maps = append(g.maps, m)
}

// AddText makes the guard refuse what a new map pins, and no longer what the maps so far do.
// file names the map in errors.
func (g *Guard) AddText(file, text string) error {
	_, m, err := mapfile.Read(file, text)
	if err != nil {
		return err
	}
	g.maps, g.written = []*mapfile.Map{m}, nil
	return nil
}

// AddInputs makes the guard refuse files that the command reads, by their absolute paths.
func (g *Guard) AddInputs(files ...string) { g.inputs = append(g.inputs, files...) }

// Check returns an error if the file must not be written.
func (g *Guard) Check(f File) error {
	real, err := f.real()
	if err != nil || real == "" {
		return err
	}
	refuse := func(why string) error {
		verb := "replace"
		if f.Appended {
			verb = "change"
		}
		return problem.BadUsage("choose another file", "%s: %s would %s %s, which is %s", f.Flag, f.What, verb, f.Path, why)
	}
	same := func(other string) bool { return isSame(real, other) }
	switch {
	case slices.ContainsFunc(g.own, same):
		return refuse("the map or its envelope")
	case manager.IsProjectFile(filepath.Base(real)):
		return refuse("a file of the program")
	case slices.ContainsFunc(g.inputs, same):
		return refuse("a file that this command reads")
	case slices.ContainsFunc(g.written, same):
		return refuse("a file that this command also writes")
	}
	if err := g.checkPlace(f, real, refuse); err != nil {
		return err
	}
	g.written = append(g.written, real)
	return nil
}

// checkPlace returns an error for a file of the program, and at a place where a new file
// would become one.
func (g *Guard) checkPlace(f File, real string, refuse func(why string) error) error {
	root := g.root
	if root == "" {
		root = filepath.Dir(f.Path)
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(rel) {
		return nil
	}
	rel = filepath.ToSlash(rel)
	all := g.maps
	if len(all) == 0 {
		all = []*mapfile.Map{nil}
	}
	would := wouldPin
	if f.Pinnable {
		would = precedes
	} else if slices.ContainsFunc(all, func(m *mapfile.Map) bool { return pins(m, rel) }) {
		return refuse("a file of the program")
	}
	if slices.ContainsFunc(all, func(m *mapfile.Map) bool { return would(m, rel) }) {
		return problem.BadUsage("write it outside the project, as ../"+filepath.Base(f.Path)+", or give it another extension, such as .report",
			"%s: %s is where Node could load it, so the next map would pin %s", f.Flag, f.Path, f.What)
	}
	return nil
}

// isSame reports whether two paths name one file, in any way that the system allows: links,
// or upper case. a is a real path.
func isSame(a, b string) bool {
	if infoA, err := os.Stat(a); err == nil {
		if infoB, err := os.Stat(b); err == nil {
			return os.SameFile(infoA, infoB)
		}
	}
	real, err := File{Path: b, Appended: true}.real()
	return err == nil && strings.EqualFold(a, real)
}

// real returns the real path of the file, which may not exist yet. It returns an error if
// something else exists there, and "" for a pipe or a device that the command appends to.
func (f File) real() (string, error) {
	if info, err := os.Stat(f.Path); err == nil {
		switch {
		case info.Mode().IsRegular():
			return filepath.EvalSymlinks(f.Path)
		case f.Appended && !info.IsDir():
			return "", nil
		}
		return "", problem.BadUsage("choose another file", "%s: %s is not a regular file", f.Flag, f.Path)
	}
	if _, err := os.Lstat(f.Path); err == nil {
		return "", problem.BadUsage("delete the link, or choose another file", "%s: %s is a link to nothing", f.Flag, f.Path)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(f.Path))
	if err != nil {
		return filepath.Clean(f.Path), nil // writing it will fail
	}
	return filepath.Join(dir, filepath.Base(f.Path)), nil
}
