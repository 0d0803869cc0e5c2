package coverage

import (
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
)

// Reasons say which rule of Pin has pinned a file first. Their methods accept nil. Paths
// are relative to the root.
type Reasons struct {
	Program   *program.Program
	Reached   map[string]bool        // directories of the packages with a file of the program, or that a resolution entered
	Declared  map[string][]string    // by directory of a package: those of the packages that declare it
	Manifests map[string]bool        // package.json files that resolutions consulted
	Patches   map[string]bool        // files of Options.Files
	Shadows   map[string]shadow.File // the others, by path
}

// begin begins a map: Pin may be called again for the same program.
func (r *Reasons) begin(m *mapfile.Map, prog *program.Program) {
	if r == nil {
		return
	}
	*r = Reasons{
		Program: prog, Reached: make(map[string]bool), Declared: make(map[string][]string),
		Manifests: make(map[string]bool), Patches: make(map[string]bool), Shadows: make(map[string]shadow.File),
	}
	for dir := range m.Packages {
		r.Reached[dir] = true
	}
	for _, dir := range prog.Record.Packages() {
		r.Reached[dir] = true
	}
}

func (r *Reasons) addDeclared(dir, by string) {
	if r != nil {
		r.Declared[dir] = append(r.Declared[dir], by)
	}
}

func (r *Reasons) addManifest(file string) {
	if r != nil {
		r.Manifests[file] = true
	}
}

func (r *Reasons) addPatch(file string) {
	if r != nil {
		r.Patches[file] = true
	}
}

func (r *Reasons) addShadow(f shadow.File) { r.addTarget(f.Path, f) }

// addTarget adds the file at path, which f is or leads to.
func (r *Reasons) addTarget(path string, f shadow.File) {
	if r == nil {
		return
	}
	if _, known := r.Shadows[path]; !known {
		r.Shadows[path] = f
	}
}
