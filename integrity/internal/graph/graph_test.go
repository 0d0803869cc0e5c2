package graph

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/problem"
)

func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func discover(t *testing.T, root string, entries ...string) (*Graph, error) {
	t.Helper()
	opt := Options{Root: root, Dir: root, Algorithms: hasher.SetOf(hasher.SHA256), Read: func(path string, _ int64) ([]byte, error) {
		return os.ReadFile(filepath.Join(root, path))
	}}
	for _, e := range entries {
		opt.Entries = append(opt.Entries, filepath.Join(root, e))
	}
	return Discover(context.Background(), opt)
}

// TestGaps checks which calls are gaps, their places and their texts. fixtures/fidelity
// compares with real Node what is loaded.
func TestGaps(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"none", "require('./b')", ""},
		{"a variable", "\n  require(name)", "a.js:2:3 computed-specifier require(name)"},
		{"an expression that goes on", "require(f(1) + ')'); g()", "a.js:1:1 computed-specifier require(f(1) + ')')"},
		{"a long one, cut", "require(" + strings.Repeat("x + ", 30) + "y)", "a.js:1:1 computed-specifier require(" + strings.Repeat("x + ", 13) + "…"},
		{"import()", "import(name)", "a.js:1:1 computed-specifier import(name)"},
		{"require as a value", "f(require)", "a.js:1:3 indirect-require require)"},
		{"a gap of the scanner", "new (require('worker_threads').Worker)(name)", "a.js:1:1 computed-specifier new (require('worker_threads').Worker)(name)"},
		{"a syntax error", "require(1;", "a.js:1:10 syntax Expected \")\" but found \";\""},
		{"one syntax gap per file", "var a b c;\nvar d e", "a.js:1:7 syntax Expected \";\" but found \"b\""},
		{"sloppy mode is no error", "with (o) { x = 010 }; var static; delete x", ""},
		{"a path joined to the directory is none", "require(__dirname + '/b')", ""},
		{"not installed is none", "require('none')", ""},
		{"in a function named as the appended one", "function __nodeint_x() { require(name) }", "a.js:1:26 computed-specifier require(name)"},
		{"a byte order mark counts", "\uFEFFrequire(name)", "a.js:1:4 computed-specifier require(name)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := discover(t, lay(t, map[string]string{"a.js": c.text, "b.js": ""}), "a.js")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, gap := range g.Gaps {
				got = append(got, fmt.Sprintf("%s:%d:%d %s %s", gap.Path, gap.Line, gap.Column, gap.Reason, gap.Text))
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("%s\nwant %s", s, c.want)
			}
		})
	}
}

// TestUnresolved checks which specifiers resolve to nothing, where they are, and whether
// the module handles the failure.
func TestUnresolved(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"found", "require('./b')", ""},
		{"a builtin", "require('node:fs'); require('fs')", ""},
		{"a file", "\n  require('./none')", `2:11 "./none"`},
		{"a package", "import x from 'none/sub'", `1:15 "none/sub"`},
		{"the first place of a module", "require('none'); require('none')", `1:9 "none"`},
		{"quotes", "require('a\"\\n\u00e9')", `1:9 "a\"\né"`},
		{"in try", "try { require('none') } catch {}", `1:15 "none" handled`},
		{"in a function in try", "try { (() => require('none'))() } catch {}", `1:22 "none"`},
		{"in catch", "try { f() } catch { require('none') }", `1:29 "none"`},
		{"in try and outside", "try { require('none') } catch {} require('none')", "1:15 \"none\" handled\n1:42 \"none\""},
		{"import() with catch", "import('none').catch(f)", `1:8 "none" handled`},
		{"import() without", "import('none')", `1:8 "none"`},
		{"require.resolve", "require.resolve('none')", `1:17 "none"`},
		{"import.meta.resolve", "import.meta.resolve( 'none')", `1:22 "none" asks`},
		{"createRequire", "\n require('module').createRequire(__filename)('none')", `2:2 "none"`},
		{"createRequire in try", "try { require('module').createRequire(__filename)('none') } catch {}", `1:7 "none" handled`},
		{"createRequire of an unknown directory", "require('module').createRequire(x)('none')", `0:0 "none"`},
		{"a variable", "const p = './none'; require(p)", `1:21 "./none"`},
		{"a path", "require(__dirname + '/none')", `1:1 "./none"`},
		{"a path that is looked for", "const p = __dirname + '/none.json'; if (fs.existsSync(p)) require(p)", `1:59 "./none.json" handled`},
		{"a path that is mentioned", "use(__dirname + '/none.js')", ""},
		{"new URL", "import(new URL('./none.js', import.meta.url))", `1:1 "./none.js"`},
		{"Worker", "new (require('worker_threads').Worker)('./none.js')", `1:1 "./none.js"`},
		{"fork", "require('child_process').fork(__dirname + '/none')", `1:1 "./none"`},
		{"spawn", "require('child_process').spawn('node', ['-r', 'none', 'b.js'])", `1:1 "none"`},
		{"Module._load", "require('module')._load('none', module)", `1:1 "none"`},
		{"register", "import { register } from 'module'; register('none', import.meta.url)", `1:36 "none"`},
		{"import.meta.resolve of a variable", "const p = 'none'; import.meta.resolve(p)", `1:19 "none" handled`},
		{"var require", "var require; require('none')", `1:14 "none"`},
		{"URLs of other schemes", "import 'https://example.com/x.js'; import 'data:text/javascript,1'", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := discover(t, lay(t, map[string]string{"a.js": c.text, "b.js": ""}), "a.js")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range g.Unresolved {
				s := fmt.Sprintf("%d:%d %q", u.Line, u.Column, u.Text)
				if u.Handled {
					s += " handled"
				}
				if u.Asks {
					s += " asks"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("%s\nwant %s", s, c.want)
			}
		})
	}
}

func TestDiscoverHashes(t *testing.T) {
	text := "not ( JavaScript"
	g, err := discover(t, lay(t, map[string]string{"a.js": text}), "a.js")
	if err != nil {
		t.Fatal(err)
	}
	want := hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(text))
	if len(g.Modules) != 1 || g.Modules[0].Path != "a.js" || g.Modules[0].Digests[0] != want[0] || g.Modules[0].Size != int64(len(text)) {
		t.Errorf("%+v, want %v", g.Modules, want)
	}
}

// A file without bytes is a module. It is a gap if Node could run it.
func TestDiscoverOpaque(t *testing.T) {
	root := lay(t, map[string]string{"a.js": "require('./b'); require('./c.node'); require('./d.so')", "b.js": "require('./e')", "c.node": "", "d.so": "", "e.js": ""})
	g, err := Discover(context.Background(), Options{
		Root: root, Dir: root, Entries: []string{filepath.Join(root, "a.js")}, Algorithms: hasher.SetOf(hasher.SHA256),
		Read:     func(path string, _ int64) ([]byte, error) { return os.ReadFile(filepath.Join(root, path)) },
		IsOpaque: func(path string) bool { return path != "a.js" },
	})
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for _, m := range g.Modules {
		modules = append(modules, m.Path)
	}
	if s := strings.Join(modules, " "); s != "a.js b.js c.node d.so" {
		t.Errorf("modules: %s", s)
	}
	if len(g.Gaps) != 1 || g.Gaps[0].Path != "b.js" || g.Gaps[0].Reason != problem.GapSyntax {
		t.Errorf("gaps: %+v", g.Gaps)
	}
}

func TestDiscoverEntriesAreNoPatterns(t *testing.T) {
	root := lay(t, map[string]string{"*.js": "require('./[b]')", "[b].js": "", "c.js": ""})
	g, err := discover(t, root, "*.js")
	if err != nil || len(g.Modules) != 2 {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestDiscoverStops(t *testing.T) {
	root := lay(t, map[string]string{"a.js": "require('./b')"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	read := func(path string, _ int64) ([]byte, error) {
		t.Errorf("read %s under a context that is done", path)
		return nil, fs.ErrNotExist
	}
	opt := Options{Root: root, Dir: root, Entries: []string{filepath.Join(root, "a.js")}, Read: read}
	if _, err := Discover(ctx, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	browser := BrowserOptions{Root: root, Entries: opt.Entries, Read: read}
	if _, err := DiscoverBrowser(ctx, browser); !errors.Is(err, context.Canceled) {
		t.Errorf("for a browser: %v, want context.Canceled", err)
	}
}

func TestDiscoverOutside(t *testing.T) {
	root := lay(t, map[string]string{"app/a.js": "require('../b')", "b.js": ""})
	g, err := discover(t, filepath.Join(root, "app"), "a.js")
	if err != nil || len(g.Outside) != 1 || g.Outside[0] != filepath.Join(root, "b.js") {
		t.Errorf("%+v, %v", g, err)
	}
}
