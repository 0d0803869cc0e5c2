package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// Facts are all that Discover needs to know of the source of most modules: the names that
// esbuild resolves for it, and what the scanner found. They depend on the bytes of the
// module, on its path, and on the type that a package.json gives it.
//
// With [Options.Cache] the facts of a module that has not changed take the place of its
// source. esbuild gets a stub, which requests the same names in the same ways. It resolves
// them, and the patterns of the scanner are expanded, as for the source itself.
//
// The places of a stub mean nothing. So a module has facts only if no message is about it
// that a gap or an unresolved name could come from; and if there is one about a stub, the
// next build reads the source.
type facts struct {
	scope      string // see discovery.scope
	requests   []moduleRequest
	specifiers []jsscan.Specifier
}

// A moduleRequest is a name that esbuild resolves for a module.
type moduleRequest struct {
	kind api.ResolveKind
	name string
}

// A parsed is a module that this build has given to esbuild, and whose facts may be kept.
type parsed struct {
	rel        string
	specifiers []jsscan.Specifier
	requests   map[moduleRequest]struct{}
	isOdd      bool // it cannot be written as a stub
}

// noteRequest notes what esbuild asks for while it reads a module.
func (d *discovery) noteRequest(args api.OnResolveArgs) {
	if d.opt.Cache == nil || args.Namespace != "file" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.parsed[args.Importer]
	switch {
	case p == nil || strings.HasPrefix(args.Path, requireNamespace+":"):
	case len(args.With) > 0 || !utf8.ValidString(args.Path) || statements[args.Kind] == nil:
		p.isOdd = true
	default:
		p.requests[moduleRequest{args.Kind, args.Path}] = struct{}{}
	}
}

// statements write a request in a stub. An import statement for its effects alone would be a
// warning if the package has none.
var statements = map[api.ResolveKind]func(n, quoted string) string{
	api.ResolveJSImportStatement: func(n, quoted string) string { return "import*as _" + n + " from" + quoted + "\n" },
	api.ResolveJSRequireCall:     func(_, quoted string) string { return "require(" + quoted + ")\n" },
	api.ResolveJSDynamicImport:   func(_, quoted string) string { return "import(" + quoted + ")\n" },
}

// noteSource notes a module whose source esbuild gets.
func (d *discovery) noteSource(path, rel string, data []byte, found jsscan.Result) {
	if d.opt.Cache == nil || !d.isOnDisk(path, rel) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parsed[path] = &parsed{
		rel: rel, specifiers: found.Specifiers, requests: make(map[moduleRequest]struct{}),
		isOdd: len(found.Globs) > 0 || hasEscapedName(data),
	}
}

// hasEscapedName reports whether a source may write require or import with escapes, which the
// scanner does not read.
func hasEscapedName(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(`\u`))
		if i < 0 {
			return false
		}
		data = data[i+2:]
		if len(data) > 2 && (data[0] == '{' || data[0] == '0' && data[1] == '0' && (data[2] == '6' || data[2] == '7')) {
			return true
		}
	}
}

// isOnDisk reports whether path is that of the file rel, and not a virtual one of
// Plug'n'Play.
func (d *discovery) isOnDisk(path, rel string) bool {
	own, inside := d.rel(path)
	return inside && own == rel
}

// keepFacts keeps the facts of the modules of a build that has no message about them.
func (d *discovery) keepFacts(result api.BuildResult) {
	for _, m := range result.Errors {
		if m.Location != nil {
			delete(d.parsed, m.Location.File)
		}
	}
	for _, m := range result.Warnings {
		if m.Location != nil && d.isOfUse(m) {
			delete(d.parsed, m.Location.File)
		}
	}
	for path, p := range d.parsed {
		if n := d.notes[path]; p.isOdd || n != nil && len(n.gaps) > 0 {
			continue
		}
		f := facts{scope: d.scope(filepath.Dir(path)), specifiers: p.specifiers}
		for r := range p.requests {
			f.requests = append(f.requests, r)
		}
		d.opt.Cache.KeepModule(p.rel, f.encode())
	}
}

// isOfUse reports whether a gap or an unresolved name comes from a warning.
func (d *discovery) isOfUse(m api.Message) bool {
	if m.ID == ignoredImport {
		return true
	}
	reason, ok := reasonOf(m.ID)
	return ok && len(d.appendGap(nil, m, reason)) > 0
}

// rereadStubs leaves the stubs that messages are about to the next build, which reads their
// source, and removes the messages.
func (d *discovery) rereadStubs(result *api.BuildResult) {
	isAboutStub := func(m api.Message) bool {
		if m.Location == nil || !d.stubs[m.Location.File] {
			return false
		}
		path := m.Location.File
		d.sourceOnly[path] = true
		delete(d.modules, path)
		d.pending[path] = struct{}{}
		return true
	}
	result.Errors = without(result.Errors, isAboutStub)
	result.Warnings = without(result.Warnings, isAboutStub)
}

func without(list []api.Message, drop func(api.Message) bool) []api.Message {
	var kept []api.Message
	for _, m := range list {
		if !drop(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

// fromCache returns what esbuild gets in place of the source of a module, if the cache has
// the facts of it.
func (d *discovery) fromCache(path, rel string) (contents string, ok bool) {
	if d.opt.Cache == nil || !d.isOnDisk(path, rel) || d.mustReadSource(path) {
		return "", false
	}
	result, ok := d.opt.Cache.Digests(rel, d.opt.Algorithms)
	if !ok {
		return "", false
	}
	m := &Module{Path: rel, Digests: result.Digests, Size: result.Size}
	if loaderOf(path) == api.LoaderEmpty {
		d.add(path, false, m)
		return "", true
	}
	text, ok := d.opt.Cache.Module(rel)
	if !ok {
		return "", false
	}
	f, ok := decodeFacts(text)
	if !ok || f.scope != d.scope(filepath.Dir(path)) {
		return "", false
	}
	d.add(path, false, m)
	d.mu.Lock()
	d.stubs[path] = true
	d.mu.Unlock()
	return d.stub(path, f), true
}

func (d *discovery) mustReadSource(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sourceOnly[path]
}

// stub returns a source with the requests and the specifiers of f.
func (d *discovery) stub(path string, f facts) string {
	var b strings.Builder
	for i, r := range f.requests {
		b.WriteString(statements[r.kind](string(rune('a'+i%26))+strings.Repeat("_", i/26), quote(r.name)))
	}
	if len(f.specifiers) > 0 {
		b.WriteString(addedPrefix)
		for _, s := range f.specifiers {
			d.appendImport(&b, path, s)
		}
		b.WriteString("}")
	}
	return b.String()
}

// A typeScope is what decides of which type the modules in a directory are.
type typeScope struct {
	nearest string // the digest of the nearest package.json
	types   string // the types that it and those above it give
}

// scope returns a text that changes when the type may change that package.json files give the
// modules in dir.
func (d *discovery) scope(dir string) string {
	s := d.typeScope(dir)
	return s.nearest + s.types
}

func (d *discovery) typeScope(dir string) typeScope {
	d.mu.Lock()
	s, known := d.scopes[dir]
	d.mu.Unlock()
	if known {
		return s
	}
	if parent := filepath.Dir(dir); parent != dir {
		s = d.typeScope(parent)
	}
	text, err := safefile.Read(filepath.Join(dir, nodejs.PackageJSON), nodejs.MaxPackageJSON)
	if !safefile.IsAbsentName(err) {
		sum := sha256.Sum256(text)
		s.nearest = string(sum[:])
		if m := d.manifest(dir); err != nil || m == nil || m.Odd || m.BadType {
			s.types += s.nearest
		} else {
			s.types += ";" + m.Type
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scopes[dir] = s
	return s
}

// The flags of a specifier.
const (
	fromEntry = 1 << iota
	fromWorkingDir
	probe
	deep
	optional
	handled
	isData
	knownFlags
)

func (f facts) encode() string {
	b := []byte(nil)
	b = filecache.AppendText(b, f.scope)
	b = binary.AppendUvarint(b, uint64(len(f.requests)))
	for _, r := range f.requests {
		b = filecache.AppendText(append(b, byte(r.kind)), r.name)
	}
	b = binary.AppendUvarint(b, uint64(len(f.specifiers)))
	for _, s := range f.specifiers {
		for _, n := range []int{s.Start, s.End, s.Line, s.Column} {
			b = binary.AppendUvarint(b, uint64(n))
		}
		flags := uint64(0)
		for i, is := range []bool{s.FromEntry, s.FromWorkingDir, s.Probe, s.Deep, s.Optional, s.Handled, s.Data} {
			if is {
				flags |= 1 << i
			}
		}
		b = binary.AppendUvarint(append(b, byte(s.Kind)), flags)
		b = filecache.AppendText(filecache.AppendText(b, s.Text), s.From)
	}
	return string(b)
}

// decodeFacts is the reverse of encode. ok is false if text is malformed.
func decodeFacts(text string) (f facts, ok bool) {
	r := filecache.NewReader(text)
	f.scope = r.Text()
	for n := r.Uint(); n > 0 && !r.Failed(); n-- {
		q := moduleRequest{api.ResolveKind(r.Byte()), r.Text()}
		if statements[q.kind] == nil {
			return f, false
		}
		f.requests = append(f.requests, q)
	}
	for n := r.Uint(); n > 0 && !r.Failed(); n-- {
		var s jsscan.Specifier
		s.Start, s.End, s.Line, s.Column = int(r.Uint()), int(r.Uint()), int(r.Uint()), int(r.Uint())
		s.Kind = jsscan.Kind(r.Byte())
		flags := r.Uint()
		if s.Kind > jsscan.Pattern || flags >= knownFlags {
			return f, false
		}
		is := func(flag uint64) bool { return flags&flag != 0 }
		s.FromEntry, s.FromWorkingDir, s.Probe, s.Deep = is(fromEntry), is(fromWorkingDir), is(probe), is(deep)
		s.Optional, s.Handled, s.Data = is(optional), is(handled), is(isData)
		s.Text, s.From = r.Text(), r.Text()
		f.specifiers = append(f.specifiers, s)
	}
	return f, r.AtEnd()
}
