package why

import (
	"bytes"
	"regexp"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// maxSource is the size of the largest source in which a place is looked for, in bytes.
const maxSource = 64 << 20

// steps returns the steps of a way, with their places.
func (f *finder) steps(way []edge) []Step {
	steps := make([]Step, len(way))
	for i, e := range way {
		s := Step{Path: e.from, Package: f.nameVersion(e.from), Line: e.line, Column: e.column, Kind: e.kind, Specifier: e.specifier, To: e.to}
		if s.Line == 0 {
			s.Line, s.Column = f.placeOf(e)
		}
		steps[i] = s
	}
	return steps
}

// placeOf returns the place in a file that has an edge, 0 if it is not found.
func (f *finder) placeOf(e edge) (line, column int) {
	src, err := f.tree.ReadFile(e.from, maxSource)
	if err != nil {
		return 0, 0 // an archive of another install, or it was removed since
	}
	if e.kind == Declares {
		return placeOfMember(src, e.specifier)
	}
	words := jsscan.Words(src, func(text []byte) bool { return string(text) == e.specifier })
	for _, isCall := range []bool{true, false} {
		for _, w := range words {
			if w.IsString && w.Text == e.specifier && (!isCall || w.IsArgument || w.IsSource) {
				return w.Line, w.Column + 1
			}
		}
	}
	for _, quote := range []string{`"`, `'`, "`"} {
		if at := bytes.Index(src, []byte(quote+e.specifier+quote)); at >= 0 {
			return lineOf(src, at)
		}
	}
	return 0, 0
}

// placeOfMember returns the place of a name in the dependencies of a package.json.
func placeOfMember(src []byte, name string) (line, column int) {
	from := max(0, bytes.Index(src, []byte(`ependencies"`)))
	member := regexp.MustCompile(`"` + regexp.QuoteMeta(name) + `"\s*:`)
	at := member.FindIndex(src[from:])
	if at == nil {
		return 0, 0
	}
	return lineOf(src, from+at[0])
}

// lineOf returns the line and the column of an offset.
func lineOf(src []byte, at int) (line, column int) {
	before := src[:at]
	return bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')
}

// nameVersion names the package that a file belongs to.
func (f *finder) nameVersion(file string) string {
	dir, ok := f.m.Owner(file)
	if !ok {
		return ""
	}
	return f.m.Packages[dir].NameVersion()
}

// isManifest reports whether a file is the package.json of a package of the map.
func (f *finder) isManifest(file string) bool {
	_, ok := f.m.Packages[tree.Parent(file)]
	return ok && file == tree.Join(tree.Parent(file), nodejs.PackageJSON)
}
