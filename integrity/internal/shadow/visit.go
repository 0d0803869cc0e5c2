package shadow

import (
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
)

// requireExtensions are what require tries, in its order.
var requireExtensions = nodejs.RequireExtensions()

// visit looks at one directory. It appends the shadowing files in it to files,
// and the directories to look at next to below.
func (s *Search) visit(v visit, files []File, below []visit) ([]File, []visit, error) {
	dir, err := s.tree.Dir(v.dir)
	if err != nil {
		return nil, nil, err
	}
	onPath := s.dirs[v.dir] && !mapfile.IsBinDir(v.dir)
	var buf []byte
	for _, e := range dir {
		if e.Kind != tree.Directory {
			// Nearly every entry is pinned, and a search spends most of its time
			// here, so the path is built in a buffer first.
			buf = append(append(append(buf[:0], v.dir...), '/'), e.Name...)
			if v.dir == "" {
				buf = buf[1:]
			}
			if _, ok := s.m.Files[string(buf)]; ok {
				continue
			}
		}
		p := tree.Join(v.dir, e.Name)
		if e.Kind == tree.Directory {
			if onPath && e.Name == nodejs.NodeModules {
				if files, err = s.modules(p, v.dir, files); err != nil {
					return nil, nil, err
				}
			}
			if s.enters(v, p, e.Name) {
				below = append(below, visit{dir: p, covered: v.covered, addon: v.addon, vcs: v.vcs || unpinned.InVersionControl(e.Name)})
			}
			if _, known := s.m.Packages[p]; !known && s.missing[p] && (s.targets[p] || s.isLoadable(p)) {
				files = append(files, File{Path: p, Kind: e.Kind, Reason: Requested})
			}
			continue
		}
		if s.isPinned(p) {
			if onPath && e.Name == nodejs.NodeModules && s.isDirLink(p) {
				place, err := s.tree.Resolve(p)
				if err != nil {
					return nil, nil, err
				}
				if files, err = s.modules(place.Path, v.dir, files); err != nil {
					return nil, nil, err
				}
			}
			continue
		}
		reason, instead, ok := s.judge(v, onPath, p, e)
		if !ok {
			reason = Covered
			if ok, err = s.isLibrary(v, p, e); err != nil {
				return nil, nil, err
			}
		}
		if ok {
			files = append(files, File{Path: p, Kind: e.Kind, Reason: reason, Instead: instead, Below: v.dir})
		}
	}
	return files, below, nil
}

func (s *Search) isPinned(p string) bool { return s.isPinnedAs(p, "") }

// isPinnedAs is isPinned(stem+ext) without building the string: it is called for
// every extension of every file that is not pinned.
func (s *Search) isPinnedAs(stem, ext string) bool {
	var buf [256]byte
	p := append(append(buf[:0], stem...), ext...)
	if _, ok := s.m.Files[string(p)]; ok {
		return true
	}
	_, ok := s.m.Links[string(p)]
	return ok
}

// enters reports whether the search goes from a directory into one below it that
// contains nothing pinned.
func (s *Search) enters(v visit, p, name string) bool {
	if s.exclude.Match(p, true) || unpinned.IsVersionControl(p) || unpinned.IsCache(p) {
		return false
	}
	if v.covered && (s.m.Coverage == mapfile.Tree || name != nodejs.NodeModules) {
		return true
	}
	return s.include.MayMatchBelow(p)
}

// judge returns the rule, if any, by which an entry that is not pinned is a
// shadowing file.
func (s *Search) judge(v visit, onPath bool, p string, e tree.Entry) (Reason, string, bool) {
	if s.own[p] || e.Name[0] == '.' && unpinned.IsNever(p, s.own) {
		return 0, "", false
	}
	if onPath {
		if e.Name == nodejs.PackageJSON {
			return Manifest, "", true
		}
		if e.Name == nodejs.NodeModules && e.Kind == tree.Link {
			return Nearer, "", true
		}
		if instead, reason, ok := s.precedes(v.dir, e.Name); ok {
			return reason, instead, true
		}
		if e.Kind == tree.Link && s.dirs[p] {
			return Requested, "", true // a directory on the way was here, or was requested
		}
	}
	if (v.vcs || unpinned.InVersionControl(e.Name)) && e.Kind != tree.Link && !IsCode(e.Name) {
		return 0, "", false // version control's own
	}
	if s.include.Match(p, false) && !unpinned.IsCache(p) {
		return Included, "", true
	}
	if v.covered && (s.m.Coverage == mapfile.Tree || e.Kind == tree.Link || IsCode(e.Name)) && !s.exclude.Match(p, false) {
		return Covered, "", true
	}
	return 0, "", false
}

// IsCode reports whether the name of a file is one that Node, or an addon, loads.
func IsCode(name string) bool { return nodejs.IsLoadable(name) || nodejs.IsLibraryName(name) }

// precedes is rules 2 and 3 for the entry name of dir: the name itself, then the
// name with each extension that require adds.
func (s *Search) precedes(dir, name string) (instead string, reason Reason, ok bool) {
	p := tree.Join(dir, name)
	if s.missing[p] {
		return "", Requested, true
	}
	for _, ext := range requireExtensions {
		if s.isPinnedAs(p, ext) {
			return p + ext, Precedes, true
		}
	}
	for rank, ext := range requireExtensions {
		stem, has := strings.CutSuffix(p, ext)
		if !has || strings.HasSuffix(stem, "/") || stem == "" {
			continue
		}
		if s.missing[stem] {
			return "", Requested, true
		}
		if s.foundBefore(stem, rank) {
			continue
		}
		for _, later := range requireExtensions[rank+1:] {
			if s.isPinnedAs(stem, later) {
				return stem + later, Precedes, true
			}
		}
		if s.dirs[stem] || s.isDirLink(stem) {
			return stem, Precedes, true
		}
	}
	return "", 0, false
}

// foundBefore reports whether a pinned file exists that require finds before the one
// with the extension of the given rank.
func (s *Search) foundBefore(stem string, rank int) bool {
	return s.anyPinned(stem, requireExtensions[:rank]) || s.isPinned(stem) && !s.isDirLink(stem)
}

// isDirLink reports whether p is a pinned link to a directory.
func (s *Search) isDirLink(p string) bool {
	if _, ok := s.m.Links[p]; !ok {
		return false
	}
	place, err := s.tree.Resolve(p)
	return err == nil && place.Kind == tree.Directory
}

func (s *Search) anyPinned(stem string, exts []string) bool {
	return slices.ContainsFunc(exts, func(ext string) bool { return s.isPinnedAs(stem, ext) })
}

// isLoadable reports whether require of a directory's path would load something.
func (s *Search) isLoadable(p string) bool {
	dir, err := s.tree.Dir(p)
	if err != nil {
		return true // it cannot be read; visiting it returns the error
	}
	return dir.Kind(nodejs.PackageJSON) != tree.None ||
		slices.ContainsFunc(requireExtensions, func(ext string) bool { return dir.Kind("index"+ext) != tree.None })
}
