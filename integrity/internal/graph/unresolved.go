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
	u, ok := d.unresolvedAt(m.Location, specifier)
	if !ok {
		return to
	}
	u.Handled = handled
	return append(to, u)
}

// unresolvedAt returns the specifier at a place. ok is false for an import of a wasm
// module: WebAssembly.instantiate gets its imports from a program.
func (d *discovery) unresolvedAt(loc *api.Location, specifier string) (u Unresolved, ok bool) {
	if virtual, ok := strings.CutPrefix(loc.File, requireNamespace+":"); ok {
		dir, _, _ := strings.Cut(virtual, "\x00")
		return Unresolved{Dir: dir, Specifier: specifier}, true
	}
	rel, inside := d.real(loc.File)
	if !inside {
		return u, false
	}
	u = Unresolved{Path: rel, Dir: filepath.Dir(loc.File), Specifier: specifier}
	if strings.HasPrefix(loc.LineText, addedPrefix) {
		return u, true
	}
	if n := d.notes[loc.File]; n != nil && n.isWasm {
		return u, false
	}
	u.Line, u.Column = loc.Line, loc.Column+1
	if loc.Column <= len(loc.LineText) {
		u.Asks = strings.HasSuffix(strings.TrimRight(loc.LineText[:loc.Column], " \t("), "import.meta.resolve")
	}
	return u, true
}
