package graph

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The texts of esbuild about a specifier that resolves to nothing: an error, and a
// warning if the failure is handled. The specifier is quoted as Go quotes strings.
const (
	notResolved   = "Could not resolve "
	ignoredImport = "ignored-dynamic-import" // the ID of the warning
	importing     = "Importing "
	wasAllowed    = " was allowed "
)

// unresolved returns the specifiers of a build that esbuild resolves to nothing.
func (d *discovery) unresolved(result api.BuildResult) []Unresolved {
	var found []Unresolved
	for _, m := range result.Errors {
		if quoted, ok := strings.CutPrefix(m.Text, notResolved); ok {
			found = d.appendUnresolved(found, m, quoted, false)
		}
	}
	for _, m := range result.Warnings {
		if m.ID == ignoredImport {
			quoted, _, _ := strings.Cut(strings.TrimPrefix(m.Text, importing), wasAllowed)
			found = d.appendUnresolved(found, m, quoted, true)
		}
	}
	return found
}

func (d *discovery) appendUnresolved(to []Unresolved, m api.Message, quoted string, handled bool) []Unresolved {
	specifier, err := strconv.Unquote(quoted)
	if err != nil || m.Location == nil {
		return to // a pattern of esbuild's
	}
	if virtual, ok := strings.CutPrefix(m.Location.File, requireNamespace+":"); ok {
		return d.appendAsked(to, virtual, specifier)
	}
	u, ok := d.unresolvedAt(m.Location, specifier)
	if !ok {
		return to
	}
	u.Handled = handled
	return append(to, u)
}

// appendAsked appends a specifier that the scanner found, for each module that names it.
func (d *discovery) appendAsked(to []Unresolved, virtual, specifier string) []Unresolved {
	dir, _, _ := splitVirtual(virtual)
	for _, a := range d.asked[virtual] {
		rel, inside := d.real(a.file)
		if !inside {
			continue
		}
		u := Unresolved{Path: rel, Dir: dir, Specifier: specifier, Text: a.name, Handled: a.handled}
		if !a.optional {
			u.Line, u.Column = a.line, a.column
		}
		to = append(to, u)
	}
	return to
}

// unresolvedAt returns the specifier at a place. ok is false for an import of a wasm
// module: WebAssembly.instantiate gets its imports from a program.
func (d *discovery) unresolvedAt(loc *api.Location, specifier string) (u Unresolved, ok bool) {
	rel, inside := d.real(loc.File)
	if n := d.notes[loc.File]; !inside || n != nil && n.isWasm {
		return u, false
	}
	u = Unresolved{Path: rel, Dir: filepath.Dir(loc.File), Specifier: specifier, Text: specifier}
	u.Line, u.Column = loc.Line, loc.Column+1
	if loc.Column <= len(loc.LineText) {
		u.Asks = strings.HasSuffix(strings.TrimRight(loc.LineText[:loc.Column], " \t("), "import.meta.resolve")
	}
	return u, true
}
