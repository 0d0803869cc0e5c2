// Package powers finds what JavaScript sources may do beside computing and reading files:
// the powers of package nodejs that they use.
//
// [Scan] looks at the words of one source: the names of Node's modules as strings, and the
// names of globals and functions. A name in a string counts if
//
//   - a call or an import gets it: require("vm"), load("vm"), import … from "vm"; or
//   - it begins with "node:" or contains "_", so that it is no ordinary word, and is not in
//     a list; or
//   - the source calls require, import or process.getBuiltinModule with a computed name, and
//     has the string anywhere.
//
// So a source may be found to use a power that it only mentions. A source that makes the
// name of a module out of parts, or gets it from another file, is not found to use it: run
// refuses the module then, and a trace records it.
package powers

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A Use is a place in a source that uses a power.
type Use struct {
	Power        nodejs.Power
	Word         string // what the source names: "node:vm", "eval"
	Line, Column int    // from 1, in bytes
}

// Scan returns the uses in src, in the order of the source, the first of each power and
// word. Known are powers that need not be found; it may be nil.
func Scan(src []byte, known map[nodejs.Power]bool) []Use {
	if !mayUse(src, known) {
		return nil
	}
	wanted := wordSet()
	words := jsscan.Words(src, func(text []byte) bool { return wanted[string(text)] })
	s := source{hasFS: hasFS(words), loadsComputed: slices.ContainsFunc(words, loadsComputed)}
	var uses []Use
	for _, w := range words {
		power, ok := s.powerOf(w)
		if !ok || known[power] {
			continue
		}
		if !slices.ContainsFunc(uses, func(u Use) bool { return u.Power == power && u.Word == w.Text }) {
			uses = append(uses, Use{power, w.Text, w.Line, w.Column + 1})
		}
	}
	return uses
}

// MayUse reports whether a file is a source by its name: a module that Node runs, and no
// declarations of types.
func MayUse(file string) bool {
	switch path.Ext(file) {
	case ".json", ".node", ".wasm":
		return false
	}
	for _, ext := range []string{".d.ts", ".d.mts", ".d.cts"} {
		if strings.HasSuffix(file, ext) {
			return false
		}
	}
	return nodejs.IsLoadable(file) || path.Ext(file) == ""
}

// A source is what matters of a source as a whole.
type source struct {
	hasFS         bool // it names node:fs, or a package with the same functions
	loadsComputed bool // it loads a module with a computed name
}

// loaders are the functions that load a module of Node by its name.
var loaders = []string{"require", "import", "getBuiltinModule"}

func loadsComputed(w jsscan.Word) bool {
	return !w.IsString && w.Computed && slices.Contains(loaders, w.Text) && (!w.IsMember || w.Text == "getBuiltinModule")
}

// filesystems are the modules whose functions write files.
var filesystems = []string{"fs", "fs/promises", "graceful-fs", "fs-extra"}

func isFilesystem(name string) bool {
	return slices.Contains(filesystems, strings.TrimPrefix(name, "node:"))
}

func hasFS(words []jsscan.Word) bool {
	return slices.ContainsFunc(words, func(w jsscan.Word) bool { return w.IsString && isFilesystem(w.Text) })
}

// powerOf returns the power that a word shows.
func (s source) powerOf(w jsscan.Word) (nodejs.Power, bool) {
	if w.IsString {
		return s.powerOfString(w)
	}
	if power, ok := members()[w.Text]; ok {
		return power, !w.IsKey || power != nodejs.FSWrite
	}
	if slices.Contains(writers, w.Text) {
		return nodejs.FSWrite, s.hasFS && (w.IsCalled || w.IsMember)
	}
	g, ok := globals[w.Text]
	if !ok {
		return "", false
	}
	return g.power, g.test(w)
}

func (s source) powerOfString(w jsscan.Word) (nodejs.Power, bool) {
	power, ok := nodejs.PowerOf(w.Text)
	if !ok {
		power, ok = members()[w.Text] // process["dlopen"]
		return power, ok && !w.InArray
	}
	switch {
	case w.IsArgument, w.IsSource, s.loadsComputed:
		return power, true
	}
	return power, !w.InArray && strings.ContainsAny(w.Text, ":_")
}
