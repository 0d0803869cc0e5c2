//go:build unix

package integrity_test

import (
	"cmp"
	"context"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// tamperings lists changes that verify must report. from is the lowest level of coverage
// at which the map has the file.
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
	{name: "directory deleted", want: "dep:", do: func(s *site) { s.remove("dep:") }},
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
	{name: "file of a package that nothing names", want: "unused:index.js", from: integrity.Tree,
		do: func(s *site) { s.edit("unused:index.js", "unused", "evil") }},
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
	{name: "package.json added in a directory with an index", want: "thing/package.json", do: func(s *site) { s.write("thing/package.json", `{"main":"../plain.js"}`) }},
	{name: "file before a directory", want: "thing.js", do: func(s *site) { s.write("thing.js", "") }},
	{name: "JSON before a directory", want: "thing.json", do: func(s *site) { s.write("thing.json", "{}") }},
	{name: "addon before a directory", want: "thing.node", do: func(s *site) { s.write("thing.node", "") }},
	{name: "file without extension before one with", want: "plain", do: func(s *site) { s.write("plain", "") }},
	{name: "main without extension", want: "dep:lib/main", do: func(s *site) { s.write("dep:lib/main", "") }},
	{name: "nearer node_modules, by name", want: "dep:node_modules/sub", do: func(s *site) { s.write("dep:node_modules/sub/index.js", "") }},
	{name: "nearer node_modules, a file", want: "dep:node_modules/sub.js", do: func(s *site) { s.write("dep:node_modules/sub.js", "") }},
	{name: "nearer node_modules, in a directory of the package", want: "dep:lib/node_modules", do: func(s *site) { s.write("dep:lib/node_modules/sub/index.js", "") }},
	{name: "nearer node_modules, a link", want: "dep:lib/node_modules", do: func(s *site) {
		s.must(os.MkdirAll(s.at("dep:lib/node_modules"), 0o777))
		s.must(os.Symlink(s.at("unused:"), s.at("dep:lib/node_modules/sub")))
	}},
	{name: "new loadable file", want: "dep:lib/new.js", from: integrity.Packages, do: func(s *site) { s.write("dep:lib/new.js", "") }},
	{name: "new addon", want: "addon:build/new.node", from: integrity.Packages, do: func(s *site) { s.write("addon:build/new.node", "") }},
	{name: "new shared library", want: "addon:build/libx.so.1", from: integrity.Packages, do: func(s *site) { s.write("addon:build/libx.so.1", "") }},
	{name: "new shared library without an extension", want: "addon:build/libx", from: integrity.Packages,
		do: func(s *site) {
			s.write("addon:build/libx", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00")
		}},
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
	{name: "directory turned into a link", want: "lib", do: func(s *site) {
		s.rename("lib", "moved")
		s.link("lib", "moved")
	}},
	{name: "link pointed elsewhere", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/dep")
		s.link("node_modules/dep", ".pnpm/unused@1.0.0/node_modules/unused")
	}},
	{name: "inner link pointed elsewhere", want: "node_modules/.pnpm/dep@1.0.0/node_modules/sub", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/.pnpm/dep@1.0.0/node_modules/sub")
		s.link("node_modules/.pnpm/dep@1.0.0/node_modules/sub", "../../unused@1.0.0/node_modules/unused")
	}},
	{name: "link turned into a copy", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
		s.remove("node_modules/dep")
		s.write("node_modules/dep/index.js", "")
	}},
	{name: "link turned into an empty directory", want: "node_modules/dep", only: "pnpm", do: func(s *site) {
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
		dir, err := os.MkdirTemp("", "") // the path of a socket has about 100 bytes at most
		s.must(err)
		l, err := net.Listen("unix", filepath.Join(dir, "s"))
		s.must(err)
		s.t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
		s.must(os.Rename(filepath.Join(dir, "s"), s.at("conf.js")))
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

// verifyAfter writes the program and its map, changes the program, and verifies it.
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
	t.Parallel()
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

// harmless lists changes that do not affect what Node loads.
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
	{name: "empty directory", do: func(s *site) { s.must(os.Mkdir(s.at("empty"), 0o777)) }},
}

func TestHarmless(t *testing.T) {
	t.Parallel()
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

// undecided lists small programs in which a name resolves to nothing, or in which
// something without pinned content decides what Node loads. Each has a change that makes
// Node decide otherwise. The texts are those of put; "- a" removes a.
var undecided = []struct {
	name  string
	files []string
	later string
	want  string // the path that the report must name
	entry string // "" for app.js
}{
	{"a pattern of exports", []string{"app.js: try { require('p/f/opt') } catch {}", `node_modules/p/package.json: {"exports": {"./f/*": "./f/*.js"}}`, "node_modules/p/f/x.js: 1"},
		"node_modules/p/f/opt.js: 2", "node_modules/p/f/opt.js", ""},
	{"a pattern of exports, another extension", []string{"app.js: try { require('p/f/opt.tpl') } catch {}", `node_modules/p/package.json: {"exports": {"./f/*": "./f/*"}}`},
		"node_modules/p/f/opt.tpl: 2", "node_modules/p/f/opt.tpl", ""},
	{"a pattern with nested conditions", []string{"app.mjs: import('p/f/opt').catch(() => 1)", `node_modules/p/package.json: {"exports": {"./f/*": {"node": {"import": "./m/*.mjs", "default": "./c/*.cjs"}}}}`, "node_modules/p/c/opt.cjs: 1"},
		"node_modules/p/m/opt.mjs: 2", "node_modules/p/m/opt.mjs", "app.mjs"},
	{"a pattern with alternatives", []string{"app.js: try { require('p/opt') } catch {}", `node_modules/p/package.json: {"exports": {"./*": ["./a/*", "./b/*"]}}`, "node_modules/p/b/opt: 1"},
		"node_modules/p/a/opt: 2", "node_modules/p/a/opt", ""},
	{"a pattern with the star in a directory", []string{"app.js: try { require('p/opt/x') } catch {}", `node_modules/p/package.json: {"exports": {"./*/x": "./lib/*/*.txt"}}`},
		"node_modules/p/lib/opt/opt.txt: 2", "node_modules/p/lib/opt/opt.txt", ""},
	{"a pattern of the program's own exports", []string{"app.js: try { require('odd/f/opt') } catch {}", `package.json: {"name": "odd", "exports": {"./f/*": "./f/*.txt"}}`},
		"f/opt.txt: 2", "f/opt.txt", ""},
	{"a pattern of imports", []string{"app.js: try { require('#f/opt') } catch {}", `package.json: {"name": "odd", "imports": {"#f/*": "./f/*.txt"}}`},
		"f/opt.txt: 2", "f/opt.txt", ""},
	{"a pattern of imports to one of exports", []string{"app.js: try { require('#p/opt') } catch {}", `package.json: {"name": "odd", "imports": {"#p/*": "p/f/*"}}`, `node_modules/p/package.json: {"exports": {"./f/*": "./*.txt"}}`},
		"node_modules/p/opt.txt: 2", "node_modules/p/opt.txt", ""},
	{"a target of exports is a directory", []string{"app.js: try { require('p/d') } catch {}", `node_modules/p/package.json: {"exports": {"./*": "./*"}}`, "node_modules/p/d/"},
		"- node_modules/p/d", "node_modules/p/d", ""},
	{"a link to no file", []string{"app.js: try { require('./x') } catch {}", "x.js -> lib/y.txt", "lib/a.txt: 1"}, "lib/y.txt: 2", "lib/y.txt", ""},
	{"a link to no directory", []string{"app.js: try { require('./x/y') } catch {}", "x -> real"}, "real/y.js: 2", "real", ""},
	{"a link to no directory, by an import", []string{"app.mjs: import('./x/y.mjs').catch(() => 1)", "x -> deep/real"}, "deep/real/y.mjs: 2", "deep/real", "app.mjs"},
	{"a chain of links to nothing", []string{"app.js: try { require('./x') } catch {}", "x.js -> y", "y -> d/z", "d/a.txt: 1"}, "d/z: 2", "d/z", ""},
	{"a link behind a missing name", []string{"app.js: try { require('./x') } catch {}", "x.js -> gone/../real.txt", "real.txt: 1"}, "gone/", "gone", ""},
	{"a link to a link to no directory", []string{"app.js: try { require('./x/y') } catch {}", "x -> z", "z -> real/er"}, "real/er/y.js: 2", "real/er", ""},
	{"a link in the place of a package", []string{"app.js: try { require('p') } catch {}", "node_modules/p -> ../gone"}, "gone/package.json: {\"main\": \"../app.js\"}", "gone", ""},
	{"a link in the place of a package, by its subpath", []string{"app.js: try { require('p/x') } catch {}", "node_modules/p -> ../gone"}, "gone/x.js: 2", "gone", ""},
	{"a target of exports that is a link to nothing", []string{"app.js: try { require('p') } catch {}", `node_modules/p/package.json: {"exports": "./x.js"}`, "node_modules/p/x.js -> ../../gone.txt"}, "gone.txt: 2", "gone.txt", ""},
	{"a link turned to a file of the same name in the root", []string{"app.js: require('./lib/x')", "lib/x.js -> ./y.js", "lib/y.js: 1", "y.js: 2"}, "lib/x.js -> ../y.js", "lib/x.js", ""},
	{"a nearer directory that stops import", []string{"app.mjs: import('./lib/a.mjs')", "lib/a.mjs: import('p').catch(() => 1)", "lib/node_modules/p/README: x", "node_modules/p/index.js: 1"},
		"- lib/node_modules", "lib/node_modules/p", "app.mjs"},
	{"a nearer directory that becomes a file", []string{"app.mjs: import('./lib/a.mjs')", "lib/a.mjs: import('@s/p/x.js').catch(() => 1)", "lib/node_modules/@s/p/", "node_modules/@s/p/x.js: 1"},
		"lib/node_modules/@s/p: x", "lib/node_modules/@s/p", "app.mjs"},
	{"a nearer directory that becomes a link", []string{"app.mjs: import('./lib/a.mjs')", "lib/a.mjs: import('p').catch(() => 1)", "lib/node_modules/p/", "node_modules/p/index.js: 1"},
		"lib/node_modules/p -> ../../node_modules/p", "lib/node_modules/p", "app.mjs"},
	{"a nearer directory, by imports", []string{"app.js: require('./lib/a.js')", `lib/package.json: {"imports": {"#p": "p"}}`, "lib/a.js: try { require('#p') } catch {}", "lib/node_modules/p/", "node_modules/p/index.js: 1"},
		"- lib/node_modules/p", "lib/node_modules/p", ""},
	{"a builtin of some versions of Node", []string{"app.js: require('_stream_duplex')"}, "node_modules/_stream_duplex.js: 2", "node_modules/_stream_duplex.js", ""},
	{"a builtin of some versions of Node, nearer than a package", []string{"app.js: require('./lib/a')", "lib/a.js: require('_stream_wrap')", "node_modules/_stream_wrap/index.js: 1"},
		"lib/node_modules/_stream_wrap/index.js: 2", "lib/node_modules/_stream_wrap", ""},
	{"a builtin only with its scheme", []string{"app.mjs: import('sqlite').catch(() => 1)"}, "node_modules/sqlite/index.js: 2", "node_modules/sqlite", "app.mjs"},
	{"a builtin with a slash", []string{"app.js: try { require('punycode/') } catch {}"}, "node_modules/punycode/index.js: 2", "node_modules/punycode", ""},
	{"a package with a number sign", []string{"app.js: try { require('#opt') } catch {}"}, "node_modules/#opt/index.js: 2", "node_modules/#opt", ""},
	{"a package with a colon", []string{"app.js: try { require('bun:opt') } catch {}"}, "node_modules/bun:opt.js: 2", "node_modules/bun:opt.js", ""},
	{"a command of a package", []string{"app.js: require('p'); require('q')", "node_modules/p/index.js: 1", "node_modules/q/index.js: 2", "node_modules/.bin/p -> ../p/index.js"},
		"node_modules/.bin/p -> ../q/index.js", "node_modules/.bin/p", ""},
	{"a command that becomes a file", []string{"app.js: require('p')", "node_modules/p/index.js: 1", "node_modules/.bin/p -> ../p/index.js"},
		"node_modules/.bin/p: 2", "node_modules/.bin/p", ""},
	{"the directory of commands becomes a link", []string{"app.js: require('p')", "node_modules/p/index.js: 1", "node_modules/.bin/p -> ../p/index.js", "other/p: 2"},
		"node_modules/.bin -> ../other", "node_modules/.bin", ""},
	{"the command that is the entry", []string{"node_modules/p/cli: 1", "node_modules/p/package.json: {\"name\": \"p\"}", "node_modules/.bin/p -> ../p/cli"},
		"- node_modules/.bin", "node_modules/.bin/p", "node_modules/.bin/p"},
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	for _, tt := range undecided {
		for _, coverage := range triedLevels() {
			t.Run(tt.name+"/"+string(coverage), func(t *testing.T) {
				t.Parallel()
				p := generateOf(t, t.TempDir(), coverage, cmp.Or(tt.entry, "app.js"), tt.files)
				expect(t, p, false)
				if gone, ok := strings.CutPrefix(tt.later, "- "); ok {
					if err := os.RemoveAll(filepath.Join(p.Dir, gone)); err != nil {
						t.Fatal(err)
					}
				} else {
					replace(t, p.Dir, tt.later)
				}
				if r := expect(t, p, true); !names(r, tt.want) {
					t.Errorf("%s is not named by %+v", tt.want, r.Findings)
				}
			})
		}
	}
}

// Only the version-control directory of the root is left out: one elsewhere is a directory
// in which code can lie. What a version control system itself writes there is ignored.
func TestVersionControlBelow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		later, want string // want is "" if later is harmless
	}{
		{later: "plugins/.git/x.js: 2", want: "plugins/.git/x.js"},
		{later: "plugins/.git/hooks/x.mjs: 2", want: "plugins/.git/hooks/x.mjs"},
		{later: "plugins/.svn/x.node: 2", want: "plugins/.svn/x.node"},
		{later: "node_modules/p/.hg/x.json: 2", want: "node_modules/p/.hg/x.json"},
		{later: "plugins/.git/x -> ../../other", want: "plugins/.git/x"},
		{later: "plugins/.git/HEAD: ref", want: ""},
		{later: "plugins/.git: gitdir", want: ""},
		{later: ".git/x.js: 2", want: ""},
		{later: ".git: gitdir", want: ""},
	} {
		for _, coverage := range levels[1:] {
			t.Run(tt.later+"/"+string(coverage), func(t *testing.T) {
				t.Parallel()
				p := generateOf(t, t.TempDir(), coverage, "app.js", []string{
					"app.js: for (const f of list) require('./plugins/' + f); require('p')", "plugins/a.js: 1", "node_modules/p/index.js: 1", "other/a.txt: 1"})
				replace(t, p.Dir, tt.later)
				if r := expect(t, p, tt.want != ""); tt.want != "" && !names(r, tt.want) {
					t.Errorf("%s is not named by %+v", tt.want, r.Findings)
				}
			})
		}
	}
}

// A clone in the program is pinned like any directory, and changes of its own are not
// findings.
func TestCloneBelow(t *testing.T) {
	p := generateOf(t, t.TempDir(), integrity.Tree, "app.js", []string{
		"app.js: require('./plugins/a')", "plugins/a.js: 1", "plugins/.git/HEAD: a", "plugins/.git/hooks/x.js: 1"})
	replace(t, p.Dir, "plugins/.git/HEAD: b")
	expect(t, p, false)
	replace(t, p.Dir, "plugins/.git/hooks/x.js: 2")
	expect(t, p, true)
}

// generateOf writes files and the map of a program.
func generateOf(t *testing.T, dir string, coverage integrity.Coverage, entry string, files []string) *project.Project {
	t.Helper()
	for _, f := range append([]string{`package.json: {"name": "odd"}`}, files...) {
		put(t, dir, f)
	}
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: coverage, Entries: []string{filepath.Join(p.Dir, entry)}})
	if err == nil {
		err = integrity.Write(g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// replace is put after whatever has that name is removed.
func replace(t *testing.T, dir, what string) {
	t.Helper()
	name, _, _ := strings.Cut(what, ": ")
	name, _, _ = strings.Cut(name, " -> ")
	if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	put(t, dir, what)
}

// Each level pins every file of the previous level, and more.
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
				t.Errorf("%s: %s pins %d files, not more than the previous level", l.name, c, len(keys))
			}
			before = keys
		}
	}
}
