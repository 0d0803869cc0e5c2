package tarball

import (
	"cmp"
	"slices"
	"strings"
)

// maxIrregular is the most irregular entries in a Listing: a hostile archive can have
// one for each of its entries.
const maxIrregular = 1000

// A lister collects the entries of an archive.
type lister struct {
	entries, names int // so far, for the limits

	files     []File
	places    map[string]int // index in files, by path
	irregular []IrregularEntry
	omitted   int
}

func (l *lister) find(code Code, path, reason string) {
	if len(l.irregular) == maxIrregular {
		l.omitted++
		return
	}
	l.irregular = append(l.irregular, IrregularEntry{code, path, reason})
}

// add lists a file. Of several files with one path the last one counts, as for a program
// that unpacks them in order.
func (l *lister) add(f File) {
	if l.places == nil {
		l.places = make(map[string]int)
	}
	i, again := l.places[f.Path]
	if !again {
		l.places[f.Path] = len(l.files)
		l.files = append(l.files, f)
		return
	}
	if was := l.files[i]; !slices.Equal(was.Digests, f.Digests) {
		l.find(Duplicate, f.Path, "two entries have this path and different bytes: the last one counts")
	}
	l.files[i] = f
}

// finish checks the entries together, and returns the listing.
func (l *lister) finish() *Listing {
	l.caseTwins()
	l.dropConflicts()
	slices.SortFunc(l.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return &Listing{Files: l.files, Irregular: l.irregular, Omitted: l.omitted}
}

// caseTwins finds paths that are equal on a case-insensitive file system.
func (l *lister) caseTwins() {
	folded := make(map[string]string, len(l.files))
	for _, f := range l.files {
		key := strings.ToLower(strings.ToUpper(f.Path))
		if other, ok := folded[key]; ok {
			l.find(CaseTwin, f.Path, "it differs from "+quote(other)+" only in case: one replaces the other on a case-insensitive file system")
			continue
		}
		folded[key] = f.Path
	}
}

// dropConflicts drops files that conflict: a path that is a file and also the parent
// directory of a file. As in npm, the first one in the archive is listed: a file cannot
// become a directory, nor a directory with entries a file.
func (l *lister) dropConflicts() {
	order := make([]int, len(l.files))
	for i := range order {
		order[i] = i
	}
	// Sort the paths below a directory right after the directory itself.
	slices.SortFunc(order, func(i, j int) int { return comparePaths(l.files[i].Path, l.files[j].Path) })
	gone := make(map[int]bool)
	var parents []int // files whose path may be a parent of the next one
	for _, i := range order {
		for len(parents) > 0 && !isBelow(l.files[i].Path, l.files[parents[len(parents)-1]].Path) {
			parents = parents[:len(parents)-1]
		}
		for _, parent := range parents {
			gone[max(i, parent)] = true
		}
		parents = append(parents, i)
	}
	l.drop(gone)
}

func (l *lister) drop(gone map[int]bool) {
	if len(gone) == 0 {
		return
	}
	var kept []File
	for i, f := range l.files {
		if gone[i] {
			l.find(FileInWay, f.Path, "it conflicts with an earlier entry: one is the parent directory of the other")
		} else {
			kept = append(kept, f)
		}
	}
	l.files = kept
}

func isBelow(path, dir string) bool {
	return len(path) > len(dir) && path[len(dir)] == '/' && path[:len(dir)] == dir
}

// comparePaths is strings.Compare with the slash before all other bytes.
func comparePaths(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] == b[i] {
			continue
		}
		if a[i] == '/' || b[i] == '/' {
			return cmp.Compare(b2i(b[i] == '/'), b2i(a[i] == '/'))
		}
		return cmp.Compare(a[i], b[i])
	}
	return cmp.Compare(len(a), len(b))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
