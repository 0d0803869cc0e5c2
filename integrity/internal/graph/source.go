package graph

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// addedPrefix begins the one line that is appended to the source of a module. It is a
// function declaration, which esbuild keeps wherever it is, also after a return. The
// name differs in every process, so that no source can contain it: warnings for that
// line are dropped. It comes from math/rand/v2, which the runtime seeds: crypto/rand
// starts a timer, and so needs a file descriptor, before main has run.
var addedPrefix = fmt.Sprintf("function __nodeint_%016x%016x() {", rand.Uint64(), rand.Uint64())

// hiddenDot takes the place of the first dot of a specifier that esbuild would expand to
// all files below a directory: see jsscan.Result.Globs. No file name begins with it.
const hiddenDot = "\x01"

// source returns the text that esbuild parses for a module: its own text, with an
// import appended for each specifier that the scanner found. esbuild resolves them.
func (d *discovery) source(path, rel string, data []byte) string {
	if filepath.Ext(path) == ".wasm" || bytes.HasPrefix(data, wasmMagic) {
		var b strings.Builder
		for _, name := range wasmImports(data) {
			b.WriteString("import " + quote(name) + "\n")
		}
		d.mu.Lock()
		d.notes[path] = &scanNote{isWasm: true}
		d.mu.Unlock()
		return b.String()
	}
	found := jsscan.Scan(data)
	d.noteScan(path, rel, found)
	d.noteSource(path, rel, data, found)
	if len(found.Specifiers) == 0 {
		return string(data)
	}
	if len(found.Globs) > 0 {
		data = bytes.Clone(data)
	}
	for _, at := range found.Globs {
		data[at] = hiddenDot[0]
	}
	var b strings.Builder
	b.Grow(len(data) + len(addedPrefix) + 64*len(found.Specifiers) + 2)
	b.Write(data)
	b.WriteString("\n" + addedPrefix)
	for _, s := range found.Specifiers {
		d.appendImport(&b, path, s)
	}
	b.WriteString("}")
	return b.String()
}

// noteScan keeps the part of a scan that gaps needs.
func (d *discovery) noteScan(path, rel string, found jsscan.Result) {
	if len(found.Gaps) == 0 && len(found.Handled) == 0 {
		return
	}
	n := &scanNote{handled: make(map[position]bool)}
	for _, g := range found.Gaps {
		n.gaps = append(n.gaps, problem.Gap{
			Path: rel, Line: g.Line, Column: g.Column + 1, Text: g.Text, Reason: problem.GapComputed,
		})
	}
	for _, p := range found.Handled {
		n.handled[position{p.Line, p.Column}] = true
	}
	d.mu.Lock()
	d.notes[path] = n
	d.mu.Unlock()
}

// noteUnparsed records why a module is not parsed, so its edges are not known.
func (d *discovery) noteUnparsed(path, rel string, reason error) {
	gap := problem.Gap{Path: rel, Line: 1, Column: 1, Text: reason.Error(), Reason: problem.GapSyntax}
	d.mu.Lock()
	d.notes[path] = &scanNote{gaps: []problem.Gap{gap}}
	d.mu.Unlock()
}

// appendImport writes the statements that make esbuild resolve s, which file names.
func (d *discovery) appendImport(b *strings.Builder, file string, s jsscan.Specifier) {
	dir := filepath.Dir(file)
	by := asker{file: file, line: s.Line, column: s.Column + 1, handled: s.Handled, optional: s.Optional, name: s.Text}
	switch s.Kind {
	case jsscan.Import:
		d.appendVirtual(b, by, dir+"\x00"+s.Text+"\x00")
	case jsscan.Require:
		for _, from := range d.requireDirs(dir, s) {
			d.appendVirtual(b, by, from+"\x00"+s.Text)
		}
	case jsscan.Pattern:
		for _, path := range d.expand(dir, s) {
			d.appendVirtual(b, by, dir+"\x00"+path)
		}
	case jsscan.File, jsscan.WorkingDirFile:
		if s.Kind == jsscan.WorkingDirFile {
			dir = d.opt.Dir
		}
		path := filepath.FromSlash(s.Text)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if s.Data && d.isExcluded(path) {
			return
		}
		if s.Kind == jsscan.File && !strings.HasPrefix(s.Text, ".") {
			by.name = "./" + s.Text
		}
		if !s.Optional || d.canLoad(path, s.Probe) {
			d.appendVirtual(b, by, dir+"\x00"+path)
		}
	}
}

// appendVirtual writes an import of the virtual module called name, on behalf of the
// module by. A plain require would not do: the source may declare a variable of that name,
// as every user of createRequire does.
func (d *discovery) appendVirtual(b *strings.Builder, by asker, name string) {
	b.WriteString("import(" + quote(requireNamespace+":"+name) + ");")
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.asked[name], by) {
		d.asked[name] = append(d.asked[name], by)
	}
}

// requireDirs returns the directories that s is resolved from.
func (d *discovery) requireDirs(dir string, s jsscan.Specifier) []string {
	if s.FromEntry {
		var dirs []string
		mains := d.opt.Mains
		if mains == nil {
			mains = d.opt.Entries
		}
		for _, e := range mains {
			dirs = append(dirs, filepath.Dir(e))
		}
		slices.Sort(dirs)
		return slices.Compact(dirs)
	}
	if s.FromWorkingDir {
		return []string{d.opt.Dir}
	}
	from := filepath.FromSlash(s.From)
	if !filepath.IsAbs(from) {
		from = filepath.Join(dir, from)
	}
	return []string{from}
}

// canLoad reports whether a path that a module only mentions is a file that Node can
// load. Views and templates are mentioned in the same way.
func (d *discovery) canLoad(path string, probe bool) bool {
	if d.isFile(path) {
		return nodejs.IsLoadable(path) || probe && filepath.Ext(path) == ""
	}
	if !probe {
		return false
	}
	for _, ext := range nodejs.RequireExtensions() {
		if d.isFile(path + ext) {
			return true
		}
	}
	return d.isFile(filepath.Join(path, "index.js")) || d.isFile(filepath.Join(path, nodejs.PackageJSON))
}

// isFile reports whether path is a regular file, on disk or in a zip file.
func (d *discovery) isFile(path string) bool {
	rel, inside := d.real(path)
	if d.opt.Zips == nil || !inside {
		return d.isRegular(path)
	}
	return d.opt.Zips.Has(rel) || d.isRegular(filepath.Join(d.opt.Root, filepath.FromSlash(rel)))
}

// isRegular reports whether path is a regular file on disk, links followed. Discover
// fails with an error that does not mean absent.
func (d *discovery) isRegular(path string) bool {
	ok, err := d.stat.isRegular(path)
	if err != nil {
		d.fail(fmt.Errorf("looking for a file that a module names: %w", err))
	}
	return ok
}
