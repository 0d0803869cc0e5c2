package shadow

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// CheckParentModules looks above the root for what the program requested and that is not
// below the root: packages that did not exist when the map was made, those that this
// install leaves out, and paths that lead out of the root. Those for which the map has a
// gap were there already.
func (s *Search) CheckParentModules() ([]problem.Finding, error) {
	parents, err := s.findParents()
	if err != nil {
		return nil, err
	}
	var findings []problem.Finding
	for _, p := range parents {
		if slices.Contains(s.m.Gaps, p.gap) {
			continue
		}
		name := strings.TrimPrefix(p.gap.Path, nodejs.NodeModules+"/")
		findings = append(findings, problem.Finding{
			Code: problem.Unexpected, Path: filepath.ToSlash(p.at),
			Detail: fmt.Sprintf("the program loads %q, which is not installed in the project", name),
		})
	}
	for _, name := range s.m.Absent {
		if !strings.HasPrefix(name, "../") {
			continue
		}
		at := s.tree.Abs(name)
		found, err := resolution.IsFoundAt(at)
		if err != nil {
			return nil, problem.NotChecked(at, "run nodeint as a user that can read this path", "looking for a file above the root: %w", err)
		}
		if found {
			findings = append(findings, problem.Finding{
				Code: problem.Unexpected, Path: filepath.ToSlash(at), Detail: File{Reason: Requested}.Detail(),
			})
		}
	}
	return findings, nil
}

// ParentModules returns a gap for each package that the program requested, that is not
// installed below the root, and that is in a node_modules directory above it or in one of
// the global directories. The path of a gap is where the package would be in the root.
// Its text is where it is, relative to the root or to $HOME or $PREFIX.
func (s *Search) ParentModules() ([]problem.Gap, error) {
	parents, err := s.findParents()
	var gaps []problem.Gap
	for _, p := range parents {
		gaps = append(gaps, p.gap)
	}
	return gaps, err
}

// A parentModule is a package outside the root, with its absolute path.
type parentModule struct {
	gap problem.Gap
	at  string
}

func (s *Search) findParents() ([]parentModule, error) {
	if err := s.addLeftOut(); err != nil {
		return nil, err
	}
	var all []parentModule
	add := func(dir, text string, found []string) {
		for _, name := range found {
			gap := problem.Gap{Path: tree.Join(nodejs.NodeModules, name), Text: tree.Join(text, name), Reason: problem.GapAboveRoot}
			all = append(all, parentModule{gap, filepath.Join(dir, filepath.FromSlash(name))})
		}
	}
	above := ".."
	for dir := filepath.Dir(s.tree.Root()); ; dir = filepath.Dir(dir) {
		modules := filepath.Join(dir, nodejs.NodeModules)
		found, err := s.absentIn(modules)
		if err != nil {
			return nil, problem.NotChecked(dir, "run nodeint as a user that can read this path", "looking for packages above the root: %w", err)
		}
		add(modules, tree.Join(above, nodejs.NodeModules), found)
		if dir == filepath.Dir(dir) {
			break
		}
		above += "/.."
	}
	for text, dir := range globalDirs() {
		found, err := s.absentIn(dir)
		if err != nil && !errors.Is(err, fs.ErrPermission) { // Node may not read such a directory either
			return nil, problem.NotChecked(dir, "check the disk, then run the command again", "looking for packages above the root: %w", err)
		}
		add(dir, text, found)
	}
	return all, nil
}

// globalDirs yields the directories in which require looks last, by the text that a gap
// has for each ("Loading from the global folders" in the documentation of Node).
func globalDirs() iter.Seq2[string, string] {
	return func(yield func(text, dir string) bool) {
		home := os.Getenv("HOME")
		if runtime.GOOS == "windows" {
			home = os.Getenv("USERPROFILE")
		}
		if filepath.IsAbs(home) {
			for _, name := range []string{".node_modules", ".node_libraries"} {
				if !yield("$HOME/"+name, filepath.Join(home, name)) {
					return
				}
			}
		}
		node, err := exec.LookPath("node")
		if err == nil {
			node, err = filepath.EvalSymlinks(node)
		}
		if err != nil || !filepath.IsAbs(node) {
			return
		}
		prefix := filepath.Dir(filepath.Dir(node))
		if runtime.GOOS == "windows" {
			prefix = filepath.Dir(node)
		}
		yield("$PREFIX/lib/node", filepath.Join(prefix, "lib", "node"))
	}
}

// addLeftOut adds the names of the packages that this install leaves out to those
// that are looked for above the root.
func (s *Search) addLeftOut() error {
	for dir, p := range s.m.Packages {
		name := mapfile.InstalledName(dir)
		if p.Condition.IsZero() || name == "" {
			continue
		}
		kind, err := s.tree.Kind(dir)
		if err != nil {
			return problem.NotChecked(dir, "run nodeint as a user that can read this path", "%w", err)
		}
		if kind == tree.None {
			s.leftOut = append(s.leftOut, name)
		}
	}
	slices.Sort(s.leftOut)
	s.leftOut = slices.Compact(s.leftOut)
	return nil
}

// absentIn returns the names of the absent packages, and of files in place of them, that
// are in the directory at an absolute path. A link without a target is not there.
func (s *Search) absentIn(modules string) ([]string, error) {
	if exists, err := safefile.TargetExists(modules); !exists || err != nil {
		return nil, err
	}
	var found []string
	for _, name := range slices.Concat(s.m.Absent, s.leftOut) {
		if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
			continue
		}
		for _, ext := range append([]string{""}, requireExtensions...) {
			exists, err := safefile.TargetExists(filepath.Join(modules, filepath.FromSlash(name+ext)))
			if err != nil && !safefile.IsAbsentName(err) {
				return nil, err
			}
			if exists {
				found = append(found, name+ext)
			}
		}
	}
	return found, nil
}
