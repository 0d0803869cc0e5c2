//go:build unix

package integrity_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// odd lists unusual trees. Each has an optional file that appears later and that verify
// must report. "a -> b" is a link, "a/" an empty directory.
var odd = []struct {
	name  string
	files []string
	later string
}{
	{"a link to nothing goes before a directory", []string{"app.js: require('./x')", "x.js -> nowhere", "x/index.js: 1"}, "nowhere: 2"},
	{"a link to nothing is asked for", []string{"app.js: try { require('./x') } catch {}", "x.js -> deep/er/nowhere"}, "deep/er/nowhere: 2"},
	{"a link to an absolute path elsewhere", []string{"app.js: 1", "x.js -> /etc/hostname"}, ""},
	{"a link to itself", []string{"app.js: try { require('./x') } catch {}", "x.js -> x.js"}, ""},
	{"links in a circle", []string{"app.js: require('./x')", "x.js -> y.js", "y.js -> x.js", "x/index.js: 1"}, ""},
	{"a link to its own directory", []string{"app.js: require('./x/x/x/b')", "x -> .", "b.js: 1"}, "b: 2"},
	{"what is missing lies behind a link", []string{"app.js: try { require('./lib/a') } catch {}", "lib -> real", "real/b.js: 1"}, "real/a.js: 2"},
	{"the directory of what is missing is missing", []string{"app.js: try { require('./lib/a') } catch {}", "other/a.js: 1"}, "lib -> other"},
	{"the root answers nothing", []string{"app.js: try { require('.') } catch {}"}, "index.json: 2"},
	{"an optional package", []string{"app.js: try { require('opt') } catch {}"}, "node_modules/opt/index.js: 2"},
	{"an optional scoped package, as a link", []string{"app.js: try { require('@s/opt') } catch {}", "other/index.js: 1"}, "node_modules/@s/opt -> ../../other"},
	{"node_modules in node_modules", []string{"app.js: import('p')", "node_modules/p/index.js: import('q')", "node_modules/q/index.js: 1"}, "node_modules/node_modules/q/index.js: 2"},
	{"a package whose name starts with a dot", []string{"app.js: require('@s/p')", "node_modules/@s/p/index.js: require('.gen/x')", "node_modules/.gen/x.js: 1"}, "node_modules/@s/p/node_modules/.gen/x.js: 2"},
	{"an optional package whose name starts with a dot", []string{"app.js: try { require('.opt') } catch {}"}, "node_modules/.opt/index.js: 2"},
	{"a file in node_modules", []string{"app.js: require('./lib/x')", "lib/x.js: require('p')", "node_modules/p.js: 1"}, "lib/node_modules/p/index.js: 2"},
	{"a target of exports that is missing", []string{"app.js: try { require('p/opt') } catch {}", "node_modules/p/package.json: {\"exports\": {\"./opt\": \"./opt\"}}"}, "node_modules/p/opt: 2"},
	{"a target of exports through a link", []string{"app.js: require('p')", "node_modules/p/package.json: {\"exports\": \"./dist/i.js\"}", "node_modules/p/dist -> d1", "node_modules/p/d1/i.js: 1"}, "node_modules/p/dist -> d2"},
	{"a link to a directory is asked for", []string{"app.js: require('./x')", "x -> real", "real/index.js: 1"}, "x.js: 2"},
	{"node_modules is a link, and a package is optional", []string{"app.js: try { require('opt') } catch {}; require('p')", "node_modules -> vendor", "vendor/p/index.js: 1"}, "vendor/opt/index.js: 2"},
	{"a scope is a link, and a package is optional", []string{"app.js: try { require('@s/opt') } catch {}; require('@s/p')", "node_modules/@s -> ../vendor", "vendor/p/index.js: 1"}, "vendor/opt/index.js: 2"},
	{"a link whose text leads elsewhere by another link", []string{"app.js: require('p')", "packages/p/index.js: 1", "node_modules/p -> ../packages/p", "node_modules/zz -> zzz/a/b", "node_modules/zzz/packages/p/package.json: {\"main\": \"cli.js\"}", "node_modules/zzz/a/b/"}, "node_modules/p -> zz/../../packages/p"},
	{"a package asked for from a directory without modules", []string{"app.js: require('module').createRequire(__dirname + '/other/x.js')('p')", "other/", "node_modules/p/index.js: 1"}, "other/node_modules/p/index.js: 2"},
	{"a name that differs by case", []string{"app.js: try { require('./X') } catch {}", "x.js: 1"}, ""},
	{"node_modules is a link", []string{"app.js: require('p')", "node_modules -> modules", "modules/p/index.js: 1"}, "modules/p.js: 2"},
	{"a scope is a link", []string{"app.js: require('@s/p')", "node_modules/@s -> ../scope", "scope/p/index.js: 1"}, "scope/p/package.json: {\"main\": \"evil\"}"},
	{"a package without package.json", []string{"app.js: require('p')", "node_modules/p/index.js: 1"}, "node_modules/p/package.json: {\"main\": \"evil\"}"},
	{"package.json is a directory", []string{"app.js: require('p')", "node_modules/p/index.js: 1", "node_modules/p/package.json/x: 1"}, ""},
	{"main is missing", []string{"app.js: require('p')", "node_modules/p/index.js: 1", "node_modules/p/package.json: {\"main\": \"lib/m\"}"}, "node_modules/p/lib/m: 2"},
	{"a nearer package of a scope", []string{"app.js: require('./a/b')", "a/b.js: require('@s/p')", "node_modules/@s/p/index.js: 1"}, "a/node_modules/@s/p/index.js: 2"},
	{"a nearer node_modules that is a link", []string{"app.js: require('./a/b')", "a/b.js: require('p')", "node_modules/p/index.js: 1", "other/p/index.js: 2"}, "a/node_modules -> ../other"},
	{"an empty nearer directory", []string{"app.js: require('./a/b')", "a/b.js: require('p')", "a/node_modules/p/", "node_modules/p/index.js: 1"}, "a/node_modules/p/index.js: 2"},
	{"a directory named as a file", []string{"app.js: require('./x')", "x.js/", "x.json: 1"}, ""},
	{"names with line ends and escapes", []string{"app.js: require('./a\\nb\\x1b[31m')", "a\nb\x1b[31m.js: 1"}, "a\nb\x1b[31m: 2"},
	{"names that are not UTF-8", []string{"app.js: 1", "\xff\xfe.js: 1"}, ""},
}

func TestOddTrees(t *testing.T) {
	for _, c := range odd {
		for _, coverage := range triedLevels() {
			t.Run(c.name+"/"+string(coverage), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for _, f := range append([]string{"package.json: {\"name\": \"odd\"}"}, c.files...) {
					put(t, dir, f)
				}
				p, err := project.Find(dir)
				if err != nil {
					t.Fatal(err)
				}
				opt := integrity.GenerateOptions{Project: p, Coverage: coverage, Entries: []string{filepath.Join(p.Dir, "app.js")}}
				g, err := integrity.Generate(context.Background(), opt)
				if err != nil {
					t.Fatal(err)
				}
				if err := integrity.Write(g); err != nil {
					t.Fatal(err)
				}
				if again, err := integrity.Generate(context.Background(), opt); err != nil || !bytes.Equal(again.Text, g.Text) {
					t.Errorf("a second run makes another map (%v)", err)
				}
				expect(t, p, false)
				if c.later != "" {
					put(t, dir, c.later)
					expect(t, p, true)
				}
			})
		}
	}
}

func expect(t *testing.T, p *project.Project, findings bool) *integrity.Report {
	t.Helper()
	r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
	if err != nil {
		t.Fatal(err)
	}
	if r.OK() == findings {
		t.Errorf("findings %+v, want any: %v", r.Findings, findings)
	}
	return r
}

func put(t *testing.T, dir, what string) {
	t.Helper()
	name, text, isFile := strings.Cut(what, ": ")
	link, target, isLink := strings.Cut(what, " -> ")
	if isLink {
		name = link
	}
	file := filepath.Join(dir, name)
	parent := filepath.Dir(file)
	if strings.HasSuffix(what, "/") {
		parent = file
	}
	err := os.MkdirAll(parent, 0o777)
	switch {
	case err != nil:
	case isLink:
		os.Remove(file) // it may exist with another target
		err = os.Symlink(target, file)
	case isFile:
		err = os.WriteFile(file, []byte(text), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestOddKinds checks that special files are reported and never block.
func TestOddKinds(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "package.json: {\"name\": \"odd\"}")
	if err := syscall.Mkfifo(filepath.Join(dir, "x.js"), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"that loads a FIFO": "require('./x')", "beside a FIFO": "1"} {
		put(t, dir, "app.js: "+text)
		_, err = integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Entries: []string{filepath.Join(p.Dir, "app.js")}})
		if err == nil || !strings.Contains(err.Error(), "x.js") {
			t.Errorf("a program %s: %v", name, err)
		}
	}
}

// TestLinkOutside checks that a link out of the root, which no key can express, is
// reported as such, even if nothing requests it.
func TestLinkOutside(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"package.json: {}", "app.js: 1", "x.js -> /etc/hostname"} {
		put(t, dir, f)
	}
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: integrity.Tree, Entries: []string{filepath.Join(p.Dir, "app.js")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Gaps) != 1 || g.Gaps[0].Path != "x.js" || g.Gaps[0].Reason != problem.GapOutside {
		t.Errorf("the gaps are %+v", g.Gaps)
	}
}

// What the program requests in vain, and what appears above the root or in a global
// directory, is a finding: Node searches these too.
func TestParentModules(t *testing.T) {
	for _, tt := range []struct {
		later string // relative to the directory above the root; $HOME is home
		want  bool
	}{
		{"node_modules/other/index.js: 1", false},
		{"node_modules/opt/index.js: 1", true},
		{"node_modules/opt/x.js: 1", true},
		{"node_modules/opt: 1", true},
		{"node_modules/opt.js: 1", true},
		{"node_modules/opt.json: 1", true},
		{"node_modules/opt.node: 1", true},
		{"node_modules/opt.mjs: 1", false},
		{"node_modules/opt -> ../elsewhere", true},
		{"node_modules/opt -> nowhere", false},
		{"node_modules -> elsewhere/modules", true},
		{"node_modules/_stream_wrap.js: 1", true},
		{"home/.node_modules/opt/index.js: 1", true},
		{"home/.node_modules/opt.json: 1", true},
		{"home/.node_libraries/opt -> ../../elsewhere", true},
		{"home/.node_libraries/other.js: 1", false},
		{"prefix/lib/node/opt.js: 1", true},
		{"prefix/lib/node_modules/opt.js: 1", false},
		{"sibling.js: 1", true},
		{"sibling: 1", true},
		{"sibling/index.json: 1", true},
		{"sibling/package.json: 1", true},
		{"sibling/", false},
		{"sibling.mjs: 1", false},
	} {
		t.Run(tt.later, func(t *testing.T) {
			parent, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("HOME", filepath.Join(parent, "home"))
			t.Setenv("PATH", filepath.Join(parent, "bin"))
			for _, f := range []string{"elsewhere/index.js: 1", "elsewhere/modules/opt.js: 1", "prefix/bin/node: 1", "bin/node -> ../prefix/bin/node"} {
				put(t, parent, f)
			}
			if err := os.Chmod(filepath.Join(parent, "prefix/bin/node"), 0o777); err != nil {
				t.Fatal(err)
			}
			p := generateOf(t, filepath.Join(parent, "app"), integrity.Graph, "app.js", []string{
				"app.js: try { require('opt') } catch {}; try { require('../sibling') } catch {}; require('_stream_wrap')"})
			expect(t, p, false)
			put(t, parent, tt.later)
			expect(t, p, tt.want)
			if !tt.want || !strings.Contains(tt.later, "opt") {
				return
			}
			// What is there when the map is generated is a gap.
			generateOf(t, p.Dir, integrity.Graph, "app.js", nil)
			expect(t, p, false)
		})
	}
}

// TestUnreadable checks that a file that cannot be opened is a finding, and is not left
// out. The test uses a name that is too long, because that also fails for root.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "package.json: {}")
	name := strings.Repeat("a", 300) + ".js"
	put(t, dir, integrity.MapName+`: {"integrity": {"./`+name+`": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`)
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Code != integrity.Unreadable || r.Findings[0].Path != name {
		t.Errorf("found %+v", r.Findings)
	}
}

// TestRootShift checks that keys are not interpreted relative to another root than the
// one that they were written for. The workspace's package.json determines the root.
func TestRootShift(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{
		`package.json: {"name": "root", "workspaces": ["packages/*"]}`,
		`packages/app/package.json: {"name": "app"}`, "packages/app/app.js: 1",
	} {
		put(t, dir, f)
	}
	app := filepath.Join(dir, "packages", "app")
	p, err := project.Find(app)
	if err != nil {
		t.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Entries: []string{filepath.Join(p.Dir, "app.js")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := integrity.Write(g); err != nil {
		t.Fatal(err)
	}
	expect(t, p, false)
	put(t, dir, "package.json: {}")
	shifted, err := project.Locate(app, integrity.MapName)
	if err != nil {
		t.Fatal(err)
	}
	_, err = integrity.Verify(context.Background(), integrity.VerifyOptions{Project: shifted})
	var e *integrity.Error
	if !errors.As(err, &e) || e.Code != problem.MapPlace {
		t.Errorf("%v, want %s", err, problem.MapPlace)
	}
}
