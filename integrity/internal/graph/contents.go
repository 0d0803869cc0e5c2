package graph

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// addedPrefix starts the one line that contents puts behind a module's own
// text. A function declaration is kept wherever it stands, after a return too,
// and nothing calls it.
const addedPrefix = "function __nodeint_asks_for() {"

// contents gives esbuild's text of a module: its own, and behind it what the
// module asks for in ways that esbuild does not see.
func (w *walk) contents(path, rel string, data []byte) string {
	if filepath.Ext(path) == ".wasm" || bytes.HasPrefix(data, wasmMagic) {
		var b strings.Builder
		for _, name := range wasmImports(data) {
			b.WriteString("import " + quote(name) + "\n")
		}
		return b.String()
	}
	if !needsScan(data) {
		return string(data)
	}
	found := scan(data)
	w.remember(path, rel, found)
	var b strings.Builder
	b.Grow(len(data) + len(addedPrefix) + 64*len(found.refs) + 2)
	b.Write(data)
	b.WriteString("\n" + addedPrefix)
	for _, r := range found.refs {
		w.ask(&b, filepath.Dir(path), r)
	}
	b.WriteString("}")
	return b.String()
}

// remember keeps what gaps needs of a scan.
func (w *walk) remember(path, rel string, found scanResult) {
	if len(found.gaps) == 0 && len(found.explained) == 0 {
		return
	}
	t := &text{explained: make(map[position]bool)}
	for _, g := range found.gaps {
		t.gaps = append(t.gaps, Gap{Path: rel, Line: g.line, Column: g.column + 1, Text: g.text, Reason: Computed})
	}
	for _, p := range found.explained {
		t.explained[position{p.line, p.column}] = true
	}
	w.mu.Lock()
	w.texts[path] = t
	w.mu.Unlock()
}

// unparsed notes that what a module asks for is not known.
func (w *walk) unparsed(path, rel string) {
	w.mu.Lock()
	w.texts[path] = &text{gaps: []Gap{{Path: rel, Line: 1, Column: 1, Text: errNested.Error(), Reason: Syntax}}}
	w.mu.Unlock()
}

// ask writes the statement that makes esbuild resolve r. What require would
// resolve goes through a module of our own (see elsewhere), since the module may
// have a variable called require, as every user of createRequire has.
func (w *walk) ask(b *strings.Builder, dir string, r ref) {
	switch r.kind {
	case refImport:
		b.WriteString("import(" + quote(r.text) + ");")
	case refRequire:
		for _, from := range w.foldersOf(dir, r) {
			askRequire(b, from, r.text)
		}
	case refGlob:
		for _, path := range w.glob(dir, r) {
			askRequire(b, dir, path)
		}
	case refPath, refCwd:
		if r.kind == refCwd {
			dir = w.opt.Dir
		}
		path := filepath.FromSlash(r.text)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if !r.weak || w.mayLoad(path, r.probe) {
			askRequire(b, dir, path)
		}
	}
}

func askRequire(b *strings.Builder, from, specifier string) {
	b.WriteString("import(" + quote(elsewhere+":"+from+"\x00"+specifier) + ");")
}

// foldersOf gives the folders that r is resolved from.
func (w *walk) foldersOf(dir string, r ref) []string {
	if r.main {
		var dirs []string
		mains := w.opt.Mains
		if mains == nil {
			mains = w.opt.Entries
		}
		for _, e := range mains {
			dirs = append(dirs, filepath.Dir(e))
		}
		slices.Sort(dirs)
		return slices.Compact(dirs)
	}
	from := filepath.FromSlash(r.from)
	if !filepath.IsAbs(from) {
		from = filepath.Join(dir, from)
	}
	return []string{from}
}

// mayLoad reports whether a path that a module only mentions is a file that
// Node could load: views and templates are mentioned in the same way.
func (w *walk) mayLoad(path string, probe bool) bool {
	if w.isFile(path) {
		return IsLoadable(path) || probe && filepath.Ext(path) == ""
	}
	if !probe {
		return false
	}
	for _, ending := range []string{".js", ".json", ".node", "/index.js", "/package.json"} {
		if w.isFile(path + ending) {
			return true
		}
	}
	return false
}

// isFile reports whether a regular file lies at path, on disk or in a zip.
func (w *walk) isFile(path string) bool {
	rel, inside := w.real(path)
	if w.opt.Zips == nil || !inside {
		return isFile(path)
	}
	return w.opt.Zips.Has(rel) || isFile(filepath.Join(w.opt.Root, filepath.FromSlash(rel)))
}
