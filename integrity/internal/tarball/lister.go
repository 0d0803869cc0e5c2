package tarball

import (
	"cmp"
	"slices"
	"strings"
)

// maxFindings is how many findings a Listing holds: a hostile archive can have
// one for each of its entries.
const maxFindings = 1000

// A lister puts entries together as they come.
type lister struct {
	entries, names int // so far, for the limits

	files    []File
	places   map[string]int // of files
	findings []Finding
	left     int
}

func (l *lister) find(code Code, path, reason string) {
	if len(l.findings) == maxFindings {
		l.left++
		return
	}
	l.findings = append(l.findings, Finding{code, path, reason})
}

// add lists a file. Of several with one path the last counts, as it does for
// whatever unpacks one after the other.
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
		l.find(Duplicate, f.Path, "it is there twice with different bytes: the last counts")
	}
	l.files[i] = f
}

// finish looks at what only all entries together show.
func (l *lister) finish() *Listing {
	l.twins()
	l.inTheWay()
	slices.SortFunc(l.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return &Listing{Files: l.files, Findings: l.findings, Left: l.left}
}

// twins finds paths that are one on a file system that does not tell case apart.
func (l *lister) twins() {
	folded := make(map[string]string, len(l.files))
	for _, f := range l.files {
		key := strings.ToLower(strings.ToUpper(f.Path))
		if other, ok := folded[key]; ok {
			l.find(CaseTwin, f.Path, "it differs from "+quote(other)+" in case alone: on many Macs and on Windows one replaces the other")
			continue
		}
		folded[key] = f.Path
	}
}

// inTheWay finds files below what is a file too. The one that comes first in
// the archive stays, as npm has it: neither can a file become a folder there, nor
// a folder with something in it a file.
func (l *lister) inTheWay() {
	order := make([]int, len(l.files))
	for i := range order {
		order[i] = i
	}
	// What is below a folder comes right after the folder itself.
	slices.SortFunc(order, func(i, j int) int { return comparePaths(l.files[i].Path, l.files[j].Path) })
	gone := make(map[int]bool)
	var above []int // files with a path that the next may be below
	for _, i := range order {
		for len(above) > 0 && !isBelow(l.files[i].Path, l.files[above[len(above)-1]].Path) {
			above = above[:len(above)-1]
		}
		for _, folder := range above {
			gone[max(i, folder)] = true
		}
		above = append(above, i)
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
			l.find(FileInWay, f.Path, "it cannot be there together with an earlier entry, of which one is the folder of the other")
		} else {
			kept = append(kept, f)
		}
	}
	l.files = kept
}

func isBelow(path, folder string) bool {
	return len(path) > len(folder) && path[len(folder)] == '/' && path[:len(folder)] == folder
}

// comparePaths sorts as strings.Compare does, with the slash before all others.
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
