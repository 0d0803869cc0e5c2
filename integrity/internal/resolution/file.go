package resolution

import (
	"os"
	"path"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

func (r *Resolver) fileOrMissing(p string) (bool, error) {
	found, err := r.fileOrDirectory(p)
	if err == nil && !found {
		err = r.record.RecordMissing(p)
	}
	return found, err
}

func (r *Resolver) directoryOrMissing(p string) (bool, error) {
	place, err := r.tree.Resolve(p)
	if err != nil {
		return false, err
	}
	if place.Kind == tree.Directory {
		found, err := r.loadAsDirectory(place)
		if found || err != nil {
			return found, err
		}
	}
	return false, r.record.RecordMissing(p)
}

// fileOrDirectory is LOAD_AS_FILE, then LOAD_AS_DIRECTORY.
func (r *Resolver) fileOrDirectory(p string) (bool, error) {
	if isAboveRoot(p) {
		return true, nil
	}
	if found, err := r.loadAsFile(p); found || err != nil {
		return found, err
	}
	place, err := r.tree.Resolve(p)
	if err != nil || place.Kind != tree.Directory {
		return false, err
	}
	return r.loadAsDirectory(place)
}

// loadAsFile is LOAD_AS_FILE. A link that leads out of the root counts as found.
func (r *Resolver) loadAsFile(p string) (bool, error) {
	for _, ext := range append([]string{""}, nodejs.RequireExtensions()...) {
		place, err := r.tree.Resolve(p + ext)
		if err != nil {
			return false, err
		}
		switch {
		case place.Kind == tree.File || place.Kind == tree.Other:
			r.record.recordFile(place)
			return true, nil
		case place.Outside:
			r.record.RecordPlace(place)
			return true, nil
		case place.Kind == tree.None:
			r.record.RecordPlace(place)
		}
	}
	return false, nil
}

// resolveAbove records a path above the root as missing if require finds nothing there.
// Package graph reports what it finds.
func (r *Resolver) resolveAbove(p string) error {
	if found, err := IsFoundAt(r.tree.Abs(p)); found || err != nil {
		return err
	}
	return r.record.RecordMissing(p)
}

// IsFoundAt reports whether require finds something at an absolute path outside the root:
// a file, with an extension or without, or a directory with a package.json or an index.
// It returns every error that does not mean absent.
func IsFoundAt(p string) (bool, error) {
	names := []string{p, filepath.Join(p, nodejs.PackageJSON)}
	for _, ext := range nodejs.RequireExtensions() {
		names = append(names, p+ext, filepath.Join(p, "index"+ext))
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil && !safefile.IsAbsentName(err) {
			return false, err
		}
		if err == nil && !info.IsDir() {
			return true, nil
		}
	}
	return false, nil
}

// loadAsDirectory is LOAD_AS_DIRECTORY.
func (r *Resolver) loadAsDirectory(place tree.Place) (bool, error) {
	r.record.RecordPlace(place)
	m, err := r.manifest(place.Path)
	if err != nil {
		return false, err
	}
	if m != nil {
		r.record.recordManifest(m)
		if m.main != "" {
			if found, err := r.loadMain(place.Path, m.main); found || err != nil {
				return found, err
			}
		}
	}
	found, err := r.loadIndex(place.Path)
	if err == nil && !found {
		// An index that appears here would win over what is found further up.
		err = r.record.RecordMissing(tree.Join(place.Path, "index"))
	}
	return found, err
}

func (r *Resolver) loadMain(dir, main string) (bool, error) {
	if path.IsAbs(main) {
		return r.resolveAbsolute(main)
	}
	p := path.Join(dir, main)
	if p == "." || p == dir || isAboveRoot(p) {
		return false, nil
	}
	return r.fileOrMissing(p)
}

// loadIndex is LOAD_INDEX.
func (r *Resolver) loadIndex(dir string) (bool, error) {
	for _, ext := range nodejs.RequireExtensions() {
		place, err := r.tree.Resolve(tree.Join(dir, "index"+ext))
		if err != nil {
			return false, err
		}
		if place.Kind == tree.File || place.Kind == tree.Other {
			r.record.recordFile(place)
			return true, nil
		}
		if place.Kind == tree.None {
			r.record.RecordPlace(place)
		}
	}
	return false, nil
}
