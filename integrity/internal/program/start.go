package program

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// addStart adds what the start of node decides: the files that node reads for its
// settings, and where it looks for names. What it may decide in another way is a gap.
func (w *walker) addStart() error {
	start := w.opt.Start
	if start == nil {
		return nil
	}
	for _, file := range start.Files {
		if err := w.addStartFile(file); err != nil {
			return problem.NotChecked(file, "make this path readable", "%w", err)
		}
	}
	for _, dir := range start.NodePath {
		if p, inside := w.tree.Rel(dir); inside {
			w.NodePath = append(w.NodePath, p)
		} else {
			w.addStartGap("NODE_PATH=" + filepath.Base(dir))
		}
	}
	if err := w.readPackageMap(start.PackageMap); err != nil {
		return err
	}
	w.Resolver.SetNodePath(w.NodePath)
	for _, text := range start.NotModelled {
		w.addStartGap(text)
	}
	return nil
}

// readPackageMap reads the package map at an absolute path, if there is one. Names are
// then resolved by it and without it. One that Node would not accept is a gap.
func (w *walker) readPackageMap(file string) error {
	p, inside := w.tree.Rel(file)
	if file == "" || !inside {
		return nil // addStartFile has added a gap
	}
	place, err := w.tree.Resolve(p)
	if err != nil {
		return problem.NotChecked(file, "make this path readable", "%w", err)
	}
	if !w.isKnown(place.Path) {
		return nil // it does not exist, or the user excludes it
	}
	packages, err := resolution.ReadPackageMap(w.tree, place.Path)
	if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
		return problem.NotChecked(file, "make the package map readable", "%w", err)
	}
	if err != nil {
		w.addStartGap("--experimental-package-map=" + p)
		return nil
	}
	if packages.Outside {
		w.Gaps = append(w.Gaps, problem.Gap{Path: place.Path, Reason: problem.GapOutside})
	}
	w.PackageMap = place.Path
	w.Resolver.SetPackageMap(packages)
	return nil
}

// addStartFile pins a file that node reads for its settings, or records that it does not
// exist. The user may exclude it.
func (w *walker) addStartFile(file string) error {
	p, inside := w.tree.Rel(file)
	if !inside {
		w.addStartGap(filepath.Base(file))
		return nil
	}
	if w.exclude.Match(p, false) {
		return nil
	}
	place, err := w.tree.Resolve(p)
	if err != nil {
		return err
	}
	w.Record.RecordPlace(place)
	switch {
	case place.Outside: // the record has the gap
	case place.Kind == tree.File:
		w.addFile(place.Path, hasher.Result{})
	case place.Kind == tree.None:
		return w.Record.RecordMissing(p)
	default:
		w.addStartGap(p)
	}
	return nil
}

// addStartGap adds a gap in the place that says how node is started.
func (w *walker) addStartGap(text string) {
	p, _ := w.tree.Rel(w.opt.Start.Place)
	w.Gaps = append(w.Gaps, problem.Gap{Path: p, Text: strconv.Quote(text), Reason: problem.GapStartOption})
}

// absolute returns the absolute paths of paths.
func (w *walker) absolute(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, w.tree.Abs(p))
	}
	return out
}
