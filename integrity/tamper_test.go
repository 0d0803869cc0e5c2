//go:build unix

package integrity_test

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

var levels = []integrity.Coverage{integrity.Graph, integrity.Packages, integrity.Dependencies, integrity.Tree}

// A layout is the way a package manager puts the same packages on the disk.
type layout struct {
	name  string
	where map[string]string // the folder of each package
	links map[string]string
}

var layouts = []layout{
	{
		name: "npm",
		where: map[string]string{
			"dep": "node_modules/dep", "sub": "node_modules/sub", "esm": "node_modules/esm",
			"addon": "node_modules/addon", "lazy": "node_modules/lazy", "stray": "node_modules/stray",
		},
	},
	{
		name: "pnpm",
		where: map[string]string{
			"dep": "node_modules/.pnpm/dep@1.0.0/node_modules/dep", "sub": "node_modules/.pnpm/sub@1.0.0/node_modules/sub",
			"esm": "node_modules/.pnpm/esm@1.0.0/node_modules/esm", "addon": "node_modules/.pnpm/addon@1.0.0/node_modules/addon",
			"lazy": "node_modules/.pnpm/lazy@1.0.0/node_modules/lazy", "stray": "node_modules/.pnpm/stray@1.0.0/node_modules/stray",
		},
		links: map[string]string{
			"node_modules/dep":   ".pnpm/dep@1.0.0/node_modules/dep",
			"node_modules/esm":   ".pnpm/esm@1.0.0/node_modules/esm",
			"node_modules/addon": ".pnpm/addon@1.0.0/node_modules/addon",
			"node_modules/.pnpm/dep@1.0.0/node_modules/sub":  "../../sub@1.0.0/node_modules/sub",
			"node_modules/.pnpm/dep@1.0.0/node_modules/lazy": "../../lazy@1.0.0/node_modules/lazy",
		},
	},
}

// program is the made-up project. A name with a colon is a package's file.
// Nothing reaches dep:lib/unreached.js, nor the package stray; only dep's
// package.json names lazy.
var program = map[string]string{
	"package.json":           `{"name":"app","version":"1.0.0","main":"app.js","imports":{"#conf":"./conf.js"},"dependencies":{"dep":"1","esm":"1","addon":"1"}}`,
	"app.js":                 `require('./lib/util'); require('#conf'); require('dep'); require('./thing'); require('./plain'); import('esm'); require('addon');`,
	"conf.js":                `module.exports = 'conf';`,
	"lib/util.js":            `exports.util = () => 'util';`,
	"thing/index.js":         `module.exports = 'thing';`,
	"plain.js":               `module.exports = 'plain';`,
	"README.md":              "# app\n",
	"dep:package.json":       `{"name":"dep","version":"1.0.0","main":"./lib/main","dependencies":{"sub":"1","lazy":"1"}}`,
	"dep:lib/main.js":        `exports.sub = require('sub'); exports.data = require('../data.json');`,
	"dep:lib/unreached.js":   `module.exports = 'unreached';`,
	"dep:data.json":          `{"n": 1}`,
	"dep:README.md":          "# dep\n",
	"sub:package.json":       `{"name":"sub","version":"1.0.0"}`,
	"sub:index.js":           `module.exports = 'sub';`,
	"esm:package.json":       `{"name":"esm","version":"1.0.0","type":"module","exports":{"node":"./node.js","default":"./other.js"},"imports":{"#in":"./in.js"}}`,
	"esm:node.js":            `import '#in'; export default 'node';`,
	"esm:in.js":              `export default 'in';`,
	"esm:other.js":           `export default 'other';`,
	"addon:package.json":     `{"name":"addon","version":"1.0.0","main":"build/addon.node"}`,
	"addon:build/addon.node": "\x7fELF not really\x00",
	"lazy:package.json":      `{"name":"lazy","version":"1.0.0"}`,
	"lazy:index.js":          `module.exports = 'lazy';`,
	"stray:package.json":     `{"name":"stray","version":"6.6.6"}`,
	"stray:index.js":         `module.exports = 'stray';`,
}

// path turns a name of program into a path relative to the project.
func (l layout) path(name string) string {
	if pkg, file, ok := strings.Cut(name, ":"); ok {
		return path.Join(l.where[pkg], file)
	}
	return name
}

// A site is one copy of the program on the disk.
type site struct {
	t   *testing.T
	dir string
	layout
}

func build(t *testing.T, l layout) *site {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t, dir, l}
	for name, text := range program {
		s.write(name, text)
	}
	for link, target := range l.links {
		s.link(link, target)
	}
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) at(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(s.path(name)))
}

func (s *site) write(name, text string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.at(name)), 0o777))
	s.must(os.WriteFile(s.at(name), []byte(text), 0o666))
}

func (s *site) edit(name, old, new string) {
	s.t.Helper()
	data, err := os.ReadFile(s.at(name))
	s.must(err)
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		s.t.Fatalf("%s does not hold %q", name, old)
	}
	s.must(os.WriteFile(s.at(name), []byte(text), 0o666))
}

func (s *site) remove(name string) {
	s.t.Helper()
	s.must(os.RemoveAll(s.at(name)))
}

func (s *site) rename(from, to string) {
	s.t.Helper()
	s.must(os.Rename(s.at(from), s.at(to)))
}

func (s *site) link(name, target string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.at(name)), 0o777))
	s.must(os.Symlink(filepath.FromSlash(target), s.at(name)))
}

func (s *site) mapFile() string { return filepath.Join(s.dir, integrity.MapName) }

func (s *site) generate(c integrity.Coverage) []byte {
	s.t.Helper()
	p, err := project.Find(s.dir)
	s.must(err)
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: c})
	s.must(err)
	s.must(integrity.Write(g))
	return g.Text
}

func (s *site) verify() (*integrity.Report, error) {
	s.t.Helper()
	p, err := project.Locate(s.dir, integrity.MapName)
	s.must(err)
	return integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
}

// tamperings are what verify must find and name. A tampering that only shows
// from a level on has it in from; below that, the map does not hold the file.
var tamperings = []struct {
	name string
	want string // the file that the report must name; or something below it
	from integrity.Coverage
	only string // the layout; "" for both
	do   func(s *site)
}{
	{name: "edit in place", want: "lib/util.js", do: func(s *site) { s.edit("lib/util.js", "'util'", "'evil stuff'") }},
	{name: "edit of the entry", want: "app.js", do: func(s *site) { s.edit("app.js", "require", "/**/require") }},
	{name: "edit in a package", want: "sub:index.js", do: func(s *site) { s.edit("sub:index.js", "'sub'", "'evil'") }},
	{name: "same size, times restored", want: "lib/util.js", do: func(s *site) {
		info, err := os.Stat(s.at("lib/util.js"))
		s.must(err)
		s.edit("lib/util.js", "'util'", "'evil'")
		s.must(os.Chtimes(s.at("lib/util.js"), info.ModTime(), info.ModTime()))
	}},
	{name: "replaced by rename", want: "dep:lib/main.js", do: func(s *site) {
		s.write("dep:lib/main.js.new", "exports.sub = 'evil';")
		s.rename("dep:lib/main.js.new", "dep:lib/main.js")
	}},
	{name: "deleted", want: "dep:lib/main.js", do: func(s *site) { s.remove("dep:lib/main.js") }},
	{name: "folder deleted", want: "dep:", do: func(s *site) { s.remove("dep:") }},
	{name: "truncated", want: "dep:lib/main.js", do: func(s *site) { s.must(os.Truncate(s.at("dep:lib/main.js"), 10)) }},
	{name: "emptied", want: "dep:lib/main.js", do: func(s *site) { s.must(os.Truncate(s.at("dep:lib/main.js"), 0)) }},
	{name: "own package.json broken", want: "package.json", do: func(s *site) { s.write("package.json", "{") }},
	{name: "own package.json deleted", want: "package.json", do: func(s *site) { s.remove("package.json") }},
	{name: "own package.json a pipe", want: "package.json", do: func(s *site) {
		s.remove("package.json")
		s.must(syscall.Mkfifo(s.at("package.json"), 0o666))
	}},
	{name: "file that no import reaches", want: "dep:lib/unreached.js", from: integrity.Packages,
		do: func(s *site) { s.edit("dep:lib/unreached.js", "unreached", "evil") }},
	{name: "file of a package that is only declared", want: "lazy:index.js", from: integrity.Dependencies,
		do: func(s *site) { s.edit("lazy:index.js", "lazy", "evil") }},
	{name: "file of a package that nothing names", want: "stray:index.js", from: integrity.Tree,
		do: func(s *site) { s.edit("stray:index.js", "stray", "evil") }},
	{name: "readme", want: "dep:README.md", from: integrity.Tree, do: func(s *site) { s.edit("dep:README.md", "dep", "evil") }},
	{name: "JSON", want: "dep:data.json", do: func(s *site) { s.edit("dep:data.json", "1", "2") }},
	{name: "addon", want: "addon:build/addon.node", do: func(s *site) { s.edit("addon:build/addon.node", "not", "now") }},
	{name: "main", want: "dep:package.json", do: func(s *site) { s.edit("dep:package.json", "./lib/main", "./lib/unreached") }},
	{name: "exports", want: "esm:package.json", do: func(s *site) { s.edit("esm:package.json", "./node.js", "./other.js") }},
	{name: "imports of a package", want: "esm:package.json", do: func(s *site) { s.edit("esm:package.json", "./in.js", "./other.js") }},
	{name: "imports of the program", want: "package.json", do: func(s *site) { s.edit("package.json", "./conf.js", "./plain.js") }},
	{name: "type", want: "esm:package.json", do: func(s *site) { s.edit("esm:package.json", "module", "commonjs") }},
	{name: "main added", want: "sub:package.json", do: func(s *site) { s.write("sub:package.json", `{"name":"sub","version":"1.0.0","main":"x.js"}`) }},
	{name: "package.json added", want: "lib/package.json", do: func(s *site) { s.write("lib/package.json", `{"type":"module"}`) }},
	{name: "package.json added in a package", want: "dep:lib/package.json", do: func(s *site) { s.write("dep:lib/package.json", `{"type":"module"}`) }},
	{name: "package.json added in a folder with an index", want: "thing/package.json", do: func(s *site) { s.write("thing/package.json", `{"main":"../plain.js"}`) }},
	{name: "file before a folder", want: "thing.js", do: func(s *site) { s.write("thing.js", "") }},
	{name: "JSON before a folder", want: "thing.json", do: func(s *site) { s.write("thing.json", "{}") }},
	{name: "addon before a folder", want: "thing.node", do: func(s *site) { s.write("thing.node", "") }},
	{name: "file without extension before one with", want: "plain", do: func(s *site) { s.write("plain", "") }},
	{name: "main without extension", want: "dep:lib/main", do: func(s *site) { s.write("dep:lib/main", "") }},
	{name: "nearer node_modules, by name", want: "dep:node_modules/sub", do: func(s *site) { s.write("dep:node_modules/sub/index.js", "") }},
	{name: "nearer node_modules, a file", want: "dep:node_modules/sub.js", do: func(s *site) { s.write("dep:node_modules/sub.js", "") }},
	{name: "nearer node_modules, in a folder of the package", want: "dep:lib/node_modules", do: func(s *site) { s.write("dep:lib/node_modules/sub/index.js", "") }},
	{name: "nearer node_modules, a link", want: "dep:lib/node_modules", do: func(s *site) {
		s.must(os.MkdirAll(s.at("dep:lib/node_modules"), 0o777))
		s.must(os.Symlink(s.at("stray:"), s.at("dep:lib/node_modules/sub")))
	}},
	{name: "new loadable file", want: "dep:lib/new.js", from: integrity.Packages, do: func(s *site) { s.write("dep:lib/new.js", "") }},
	{name: "new addon", want: "addon:build/new.node", from: integrity.Packages, do: func(s *site) { s.write("addon:build/new.node", "") }},
	{name: "new wasm in the program", want: "lib/new.wasm", from: integrity.Packages, do: func(s *site) { s.write("lib/new.wasm", "") }},
	{name: "new file in a package that is only declared", want: "lazy:new.cjs", from: integrity.Dependencies, do: func(s *site) { s.write("lazy:new.cjs", "") }},
	{name: "new file of any kind", want: "dep:notes.txt", from: integrity.Tree, do: func(s *site) { s.write("dep:notes.txt", "") }},
	{name: "new pipe in a covered package", want: "dep:lib/new.js", from: integrity.Packages,
		do: func(s *site) { s.must(syscall.Mkfifo(s.at("dep:lib/new.js"), 0o666)) }},
	{name: "file turned into a link", want: "sub:index.js", do: func(s *site) {
		s.rename("sub:index.js", "sub:moved.txt")
		s.link("sub:index.js", "moved.txt")
	}},
	{name: "package turned into a link", want: "sub:", do: func(s *site) {
		s.rename("sub:", "moved")
		s.must(os.Symlink(s.at("moved"), s.at("sub:")))
	}},
	{name: "folder turned into a link", want: "lib", do: func(s *site) {
		s.rename("lib", "moved")
		s.link("lib", "moved")
	}},
	{name: "link pointed elsewhere", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/dep")
		s.link("node_modules/dep", ".pnpm/stray@1.0.0/node_modules/stray")
	}},
	{name: "inner link pointed elsewhere", want: "node_modules/.pnpm/dep@1.0.0/node_modules/sub", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/.pnpm/dep@1.0.0/node_modules/sub")
		s.link("node_modules/.pnpm/dep@1.0.0/node_modules/sub", "../../stray@1.0.0/node_modules/stray")
	}},
	{name: "link turned into a copy", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/dep")
		s.write("node_modules/dep/index.js", "")
	}},
	{name: "link turned into an empty folder", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/dep")
		s.must(os.Mkdir(s.at("node_modules/dep"), 0o777))
	}},
	{name: "link deleted", want: "node_modules/esm", only: "pnpm", do: func(s *site) { s.remove("node_modules/esm") }},
	{name: "pipe", want: "sub:index.js", do: func(s *site) {
		s.remove("sub:index.js")
		s.must(syscall.Mkfifo(s.at("sub:index.js"), 0o666))
	}},
	{name: "socket", want: "conf.js", do: func(s *site) {
		s.remove("conf.js")
		s.t.Chdir(s.dir) // a socket's whole path may have some 100 bytes only
		l, err := net.Listen("unix", "conf.js")
		s.must(err)
		s.t.Cleanup(func() { l.Close() })
	}},
	{name: "directory", want: "sub:index.js", do: func(s *site) {
		s.remove("sub:index.js")
		s.must(os.Mkdir(s.at("sub:index.js"), 0o777))
	}},
}

// names reports whether the report has a finding about name or something below it.
func names(r *integrity.Report, name string) bool {
	return slices.ContainsFunc(r.Findings, func(f integrity.Finding) bool {
		return f.Path == name || strings.HasPrefix(f.Path, name+"/")
	})
}

// verifyAfter builds the program, puts the map beside it, does something to it,
// and verifies.
func verifyAfter(t *testing.T, l layout, text []byte, do func(*site)) *integrity.Report {
	t.Helper()
	s := build(t, l)
	s.must(os.WriteFile(s.mapFile(), text, 0o666))
	do(s)
	r, err := s.verify()
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return r
}

func TestTampering(t *testing.T) {
	eachMap(t, func(t *testing.T, l layout, c integrity.Coverage, text []byte) {
		for _, tt := range tamperings {
			if tt.only != "" && tt.only != l.name {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				r := verifyAfter(t, l, text, tt.do)
				if slices.Index(levels, c) < slices.Index(levels, tt.from) {
					if !r.OK() {
						t.Errorf("found %v, in a level that does not hold %s", r.Findings, tt.want)
					}
					return
				}
				if !names(r, l.path(tt.want)) {
					t.Errorf("%s is not named by %+v", l.path(tt.want), r.Findings)
				}
			})
		}
	})
}

// harmless changes leave what Node loads as it was.
var harmless = []struct {
	name string
	upTo integrity.Coverage // "" for all levels
	do   func(s *site)
}{
	{name: "nothing", do: func(*site) {}},
	{name: "times", do: func(s *site) { s.must(os.Chtimes(s.at("app.js"), time.Unix(1, 0), time.Unix(1, 0))) }},
	{name: "modes", do: func(s *site) { s.must(os.Chmod(s.at("sub:index.js"), 0o755)) }},
	{name: "the same bytes, another inode", do: func(s *site) {
		s.write("app.js.new", program["app.js"])
		s.rename("app.js.new", "app.js")
	}},
	{name: "readme changed", upTo: integrity.Dependencies, do: func(s *site) { s.write("dep:README.md", "other") }},
	{name: "readme added", upTo: integrity.Dependencies, do: func(s *site) { s.write("sub:README.md", "new") }},
	{name: "readme deleted", upTo: integrity.Dependencies, do: func(s *site) { s.remove("README.md") }},
	{name: "empty folder", do: func(s *site) { s.must(os.Mkdir(s.at("empty"), 0o777)) }},
}

func TestHarmless(t *testing.T) {
	eachMap(t, func(t *testing.T, l layout, c integrity.Coverage, text []byte) {
		for _, tt := range harmless {
			if tt.upTo != "" && slices.Index(levels, c) > slices.Index(levels, tt.upTo) {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				r := verifyAfter(t, l, text, tt.do)
				if !r.OK() {
					t.Errorf("found %+v", r.Findings)
				}
			})
		}
	})
}

var (
	section = regexp.MustCompile(`(?s)"integrity": \{.*?\n  \}`)
	pin     = regexp.MustCompile(`"sha256-[^"]+"`)
	entry   = regexp.MustCompile(`(?m)^    "\./conf\.js": .*\n`)
)

// untrusted are maps that must be refused, made from a good one.
var untrusted = []struct {
	name string
	code string
	do   func(text string) string
}{
	{"empty", integrity.MapSyntax, func(string) string { return "" }},
	{"blank", integrity.MapSyntax, func(string) string { return " \n" }},
	{"truncated", integrity.MapSyntax, func(s string) string { return s[:len(s)/2] }},
	{"its last byte but one gone", integrity.MapSyntax, func(s string) string { return s[:len(s)-2] }},
	{"followed by more bytes", integrity.MapSyntax, func(s string) string { return s + "{}" }},
	{"followed by NUL", integrity.MapSyntax, func(s string) string { return s + "\x00" }},
	{"byte order mark", integrity.MapSyntax, func(s string) string { return "\xef\xbb\xbf" + s }},
	{"array", integrity.MapSyntax, func(string) string { return "[]" }},
	{"null", integrity.MapSyntax, func(string) string { return "null" }},
	{"no integrity", "", func(s string) string { return strings.Replace(s, `"integrity"`, `"other"`, 1) }},
	{"no members", integrity.MapEmpty, func(string) string { return "{}" }},
	{"integrity empty", "", func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": {}`) }},
	{"integrity null", integrity.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": null`) }},
	{"integrity a list", integrity.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": []`) }},
	{"integrity a string", integrity.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": "x"`) }},
	{"key twice", integrity.MapSyntax, func(s string) string { e := entry.FindString(s); return strings.Replace(s, e, e+e, 1) }},
	{"section twice", integrity.MapSyntax, func(s string) string { return strings.Replace(s, "{\n", "{\n  \"integrity\": {},\n", 1) }},
	{"section twice, in another case", integrity.MapSyntax, func(s string) string { return strings.Replace(s, "{\n", "{\n  \"Integrity\": {},\n", 1) }},
	{"key outside the root", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"./../conf.js"`, 1) }},
	{"key outside the root, escaped", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"./%2e%2e/conf.js"`, 1) }},
	{"key absolute", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"/conf.js"`, 1) }},
	{"entry removed", integrity.MapRoot, func(s string) string { return entry.ReplaceAllLiteralString(s, "") }},
	{"entry added", integrity.MapRoot, func(s string) string {
		return strings.Replace(s, `    "./conf.js"`, `    "./added.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",`+"\n"+`    "./conf.js"`, 1)
	}},
	{"entry changed", integrity.MapRoot, func(s string) string { return first(s, `"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`) }},
	{"coverage lowered", "", func(s string) string {
		return regexp.MustCompile(`"coverage": "[a-z]+"`).ReplaceAllLiteralString(s, `"coverage": "graph2"`)
	}},
	{"root of another", integrity.MapRoot, func(s string) string {
		return regexp.MustCompile(`blake3-[^"]+`).ReplaceAllLiteralString(s, "blake3-2mOeRVfzIbAwmDMTzTvD9j/CKtelC4Eh1S2Zs2NhaEA=")
	}},
	{"root gone", integrity.MapMember, func(s string) string {
		return regexp.MustCompile(`(?m)^    "root": .*\n`).ReplaceAllLiteralString(s, "")
	}},
	{"metadata empty", integrity.MapMetadata, func(s string) string { return first(s, `""`) }},
	{"metadata blank", integrity.MapMetadata, func(s string) string { return first(s, `" "`) }},
	{"metadata of an unknown algorithm", integrity.MapMetadata, func(s string) string { return first(s, `"foo-AAAA"`) }},
	{"metadata sha1", integrity.MapMetadata, func(s string) string { return first(s, `"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="`) }},
	{"metadata md5", integrity.MapMetadata, func(s string) string { return first(s, `"md5-1B2M2Y8AsgTpgAmY7PhCfg=="`) }},
	{"metadata blake3 alone", "", func(s string) string { return first(s, `"blake3-2mOeRVfzIbAwmDMTzTvD9j/CKtelC4Eh1S2Zs2NhaEA="`) }},
	{"metadata malformed", integrity.MapMetadata, func(s string) string { return first(s, `"sha256-!!!!"`) }},
	{"metadata without digest", integrity.MapMetadata, func(s string) string { return first(s, `"sha256-"`) }},
	{"metadata too short", integrity.MapMetadata, func(s string) string { return first(s, `"sha256-47DEQpj8HBSa"`) }},
	{"metadata a number", "", func(s string) string { return first(s, `1`) }},
	{"metadata null", "", func(s string) string { return first(s, `null`) }},
}

// first replaces the first pin of the map.
func first(text, with string) string {
	at := pin.FindStringIndex(text)
	return text[:at[0]] + with + text[at[1]:]
}

func TestUntrustedMaps(t *testing.T) {
	eachMap(t, func(t *testing.T, l layout, c integrity.Coverage, text []byte) {
		s := build(t, l)
		for _, tt := range untrusted {
			t.Run(tt.name, func(t *testing.T) {
				bad := tt.do(string(text))
				if bad == string(text) {
					t.Fatal("the map is as it was")
				}
				s.must(os.WriteFile(s.mapFile(), []byte(bad), 0o666))
				r, err := s.verify()
				wantUntrusted(t, r, err, tt.code)
			})
		}
		t.Run("gone", func(t *testing.T) {
			s.must(os.Remove(s.mapFile()))
			r, err := s.verify()
			wantUntrusted(t, r, err, integrity.MapMissing)
		})
		t.Run("directory", func(t *testing.T) {
			s.must(os.Mkdir(s.mapFile(), 0o777))
			r, err := s.verify()
			wantUntrusted(t, r, err, integrity.MapKind)
			s.must(os.Remove(s.mapFile()))
		})
		t.Run("pipe", func(t *testing.T) {
			s.must(syscall.Mkfifo(s.mapFile(), 0o666))
			r, err := s.verify()
			wantUntrusted(t, r, err, integrity.MapKind)
		})
	})
}

func wantUntrusted(t *testing.T, r *integrity.Report, err error, code string) {
	t.Helper()
	var e *integrity.Error
	if !errors.As(err, &e) || e.Class != integrity.Untrusted {
		t.Fatalf("verify gives %v and the error %v, want one that the map cannot be trusted", r, err)
	}
	if code != "" && e.Code != code || !strings.HasPrefix(e.Code, "map-") {
		t.Errorf("code is %s (%v), want %s", e.Code, err, code)
	}
	if e.Hint == "" {
		t.Errorf("no hint with %v", err)
	}
}

// eachMap calls f for every layout and level, with the map that generate makes.
func eachMap(t *testing.T, f func(t *testing.T, l layout, c integrity.Coverage, text []byte)) {
	for _, l := range layouts {
		for _, c := range levels {
			t.Run(l.name+"/"+string(c), func(t *testing.T) {
				f(t, l, c, build(t, l).generate(c))
			})
		}
	}
}

// Each level holds what the one before it holds.
func TestLevelsGrow(t *testing.T) {
	for _, l := range layouts {
		var before []string
		for _, c := range levels {
			text := build(t, l).generate(c)
			var keys []string
			for name := range maps.Keys(program) {
				if strings.Contains(string(text), `"./`+l.path(name)+`":`) {
					keys = append(keys, name)
				}
			}
			for _, k := range before {
				if !slices.Contains(keys, k) {
					t.Errorf("%s: %s is in the level before %s, and not in that", l.name, k, c)
				}
			}
			if len(keys) <= len(before) {
				t.Errorf("%s: %s holds %d of the files, no more than the level before it", l.name, c, len(keys))
			}
			before = keys
		}
	}
}
