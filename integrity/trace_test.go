//go:build unix

package integrity_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/trace"
)

// buildTraced adds modules with computed names to the program, and the calls that load
// them. Only the trace reaches the plugins, w.js and the package unused.
func buildTraced(t *testing.T, l layout) *site {
	s := build(t, l)
	s.edit("app.js", "require('./lib/util')", "require('./lib/util'); require('./lib/load')")
	s.write("lib/load.js", "exports.now = (name) => require(name);\nexports.late = (name) => import(name);\nconst { Worker } = require('worker_threads');\nexports.work = (name) => new Worker(name);\n")
	s.write("plugins/one.js", "require('./inner'); module.exports = (x) => require(x);\n")
	s.write("plugins/inner.js", "")
	s.write("plugins/two.mjs", "import 'esm';")
	s.write("w.js", "")
	s.writeTrace("t.json", &trace.Trace{
		Files: map[string]trace.How{
			"app.js": trace.Module, "plugins/one.js": trace.Module, "plugins/two.mjs": trace.Module, "w.js": trace.Worker,
			s.path("unused:index.js"): trace.Module, s.path("unused:package.json"): trace.Package,
		},
		Asked: []trace.Request{
			{Path: "lib/load.js", Line: 1, Column: 25, Specifier: "../plugins/one", To: "plugins/one.js"},
			{Path: "lib/load.js", Import: true, Specifier: "../plugins/two.mjs", To: "plugins/two.mjs"},
			{Path: "lib/load.js", Line: 4, Column: 26, Specifier: "../w.js", To: "w.js"},
		},
	})
	return s
}

func (s *site) writeTrace(name string, t *trace.Trace) { s.write(name, string(t.Format())) }

func (s *site) generateTraced(c integrity.Coverage, traces ...string) (*integrity.Generated, error) {
	s.t.Helper()
	p, err := project.Find(s.dir)
	s.must(err)
	for i := range traces {
		traces[i] = s.at(traces[i])
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: c, Traces: traces})
	if err == nil {
		s.must(integrity.Write(g))
	}
	return g, err
}

// The files of a trace are pinned like those of the graph, at every level, and verify
// accepts the map.
func TestTraced(t *testing.T) {
	for _, l := range layouts {
		for _, c := range triedLevels() {
			t.Run(l.name+"/"+string(c), func(t *testing.T) {
				t.Parallel()
				s := buildTraced(t, l)
				without := len(s.gapsWithout(c))
				g, err := s.generateTraced(c, "t.json")
				if err != nil {
					t.Fatal(err)
				}
				want := &integrity.Traced{Traces: 1, Explained: 3, Stale: []string{}}
				if diff := cmp.Diff(want, g.Trace); diff != "" || without != 3 {
					t.Errorf("of %d gaps: %s", without, diff)
				}
				// The plugin, which only the trace reaches, has a gap itself.
				if len(g.Gaps) != 1 || g.Gaps[0].Path != "plugins/one.js" {
					t.Errorf("gaps are %v", g.Gaps)
				}
				if len(g.Notes) > 0 {
					t.Errorf("notes are %q", g.Notes)
				}
				s.clean()
				again, err := s.generateTraced(c, "t.json")
				if err != nil || !bytes.Equal(again.Text, g.Text) {
					t.Errorf("the second time: %v, %v", err, again.Changes)
				}
				text := g.Text
				for _, tt := range tracedTamperings {
					t.Run(tt.name, func(t *testing.T) { s := buildTraced(t, l); s.tamper(text, c, tt.want, tt.from, tt.do) })
				}
			})
		}
	}
}

func (s *site) gapsWithout(c integrity.Coverage) []integrity.Gap {
	s.t.Helper()
	g, err := s.generateTraced(c)
	s.must(err)
	return slices.DeleteFunc(g.Gaps, func(g integrity.Gap) bool { return g.Path != "lib/load.js" })
}

func (s *site) clean() {
	s.t.Helper()
	r, err := s.verify()
	s.must(err)
	if !r.OK() {
		s.t.Errorf("verify after generate: %+v", r.Findings)
	}
}

func (s *site) tamper(text []byte, c integrity.Coverage, want string, from integrity.Coverage, do func(*site)) {
	s.t.Helper()
	s.must(os.WriteFile(s.mapFile(), text, 0o666))
	do(s)
	r, err := s.verify()
	s.must(err)
	holds := slices.Index(levels, c) >= slices.Index(levels, from)
	if names(r, s.path(want)) != holds {
		s.t.Errorf("%s: found %+v", s.path(want), r.Findings)
	}
}

var tracedTamperings = []struct {
	name string
	want string
	from integrity.Coverage
	do   func(*site)
}{
	{"traced module", "plugins/one.js", integrity.Graph, func(s *site) { s.edit("plugins/one.js", "inner", "inne") }},
	{"what it imports", "plugins/inner.js", integrity.Graph, func(s *site) { s.write("plugins/inner.js", "evil") }},
	{"imported", "plugins/two.mjs", integrity.Graph, func(s *site) { s.edit("plugins/two.mjs", "esm", "evil") }},
	{"worker", "w.js", integrity.Graph, func(s *site) { s.write("w.js", "evil") }},
	{"traced package", "unused:index.js", integrity.Graph, func(s *site) { s.edit("unused:index.js", "unused", "evil") }},
	{"its package.json", "unused:package.json", integrity.Graph, func(s *site) { s.edit("unused:package.json", "6.6.6", "6.6.7") }},
	{"before a traced module", "plugins/one", integrity.Graph, func(s *site) { s.write("plugins/one", "evil") }},
	{"package.json beside one", "plugins/package.json", integrity.Graph, func(s *site) { s.write("plugins/package.json", "{}") }},
	{"file in a traced package", "unused:new.js", integrity.Packages, func(s *site) { s.write("unused:new.js", "") }},
}

// The configuration can name traces too. Those of the options take precedence.
func TestTracedByConfiguration(t *testing.T) {
	s := buildTraced(t, layouts[0])
	s.edit("package.json", `"version":"1.0.0"`, `"version":"1.0.0","nodeint":{"trace":["t.json"]}`)
	g, err := s.generateTraced(integrity.Graph)
	s.must(err)
	if g.Trace == nil || g.Trace.Explained != 3 {
		t.Errorf("the configured trace did %+v", g.Trace)
	}
	s.writeTrace("other.json", &trace.Trace{})
	g, err = s.generateTraced(integrity.Graph, "other.json")
	s.must(err)
	if g.Trace.Explained != 0 || bytes.Contains(g.Text, []byte(`"./w.js"`)) {
		t.Errorf("the other trace did %+v", g.Trace)
	}
}

// A trace can be out of date: files that no longer exist are reported and explain no
// gap.
func TestTracedBefore(t *testing.T) {
	s := buildTraced(t, layouts[0])
	s.writeTrace("outside.json", &trace.Trace{Outside: []string{"node_modules/npm/bin/npm-cli.js"}})
	s.remove("plugins/one.js")
	s.remove("w.js")
	s.must(os.Mkdir(s.at("w.js"), 0o777))
	g, err := s.generateTraced(integrity.Dependencies, "t.json", "outside.json")
	s.must(err)
	want := &integrity.Traced{Traces: 2, Explained: 1, Stale: []string{"./plugins/one.js", "./w.js"}}
	if diff := cmp.Diff(want, g.Trace); diff != "" {
		t.Error(diff)
	}
	wantNotes := []string{
		"traced files that no longer exist: ./plugins/one.js, ./w.js; run nodeint trace again",
		"traced files outside the root, which the map cannot pin: node_modules/npm/bin/npm-cli.js",
	}
	if diff := cmp.Diff(wantNotes, g.Notes); diff != "" {
		t.Error(diff)
	}
	if len(g.Gaps) != 2 {
		t.Errorf("gaps are %v", g.Gaps)
	}
	s.clean()
}

// A traced file that has become a link is pinned with the link. A link out of the root
// is a gap.
func TestTracedThroughLinks(t *testing.T) {
	s := buildTraced(t, layouts[0])
	s.rename("plugins", "moved")
	s.link("plugins", "moved")
	s.remove("w.js")
	s.link("w.js", filepath.Join(t.TempDir(), "w.js"))
	for _, c := range levels {
		g, err := s.generateTraced(c, "t.json")
		s.must(err)
		if !bytes.Contains(g.Text, []byte(`"./moved/one.js"`)) {
			t.Errorf("%s: moved/one.js is not pinned", c)
		}
		if !slices.ContainsFunc(g.Gaps, func(g integrity.Gap) bool { return g.Path == "w.js" && g.Reason == problem.GapOutside }) {
			t.Errorf("%s: gaps are %v", c, g.Gaps)
		}
		s.clean()
	}
}

// A trace at the default path is not pinned: each run overwrites it, and no program
// loads it.
func TestTraceIsNotPinned(t *testing.T) {
	s := buildTraced(t, layouts[0])
	s.generate(integrity.Tree)
	s.rename("t.json", trace.Name)
	g, err := s.generateTraced(integrity.Tree, trace.Name)
	s.must(err)
	if strings.Contains(string(g.Text), trace.Name) {
		t.Error("the trace is pinned")
	}
	s.clean()
	s.writeTrace(trace.Name, &trace.Trace{})
	s.clean()
}

func TestTraceRefused(t *testing.T) {
	s := buildTraced(t, layouts[0])
	s.write("bad.json", "{")
	for _, tt := range []struct{ name, err string }{
		{"bad.json", "bad.json:1:2: the text ends where a name in double quotes should be"},
		{"gone.json", "the trace " + s.at("gone.json") + " does not exist"},
		{"lib", "reading the trace: " + s.at("lib") + " is a directory, not a regular file"},
	} {
		_, err := s.generateTraced(integrity.Graph, tt.name)
		e, ok := errors.AsType[*integrity.Error](err)
		if !ok || e.Class != integrity.Usage || e.Code != "trace" || e.Hint == "" || err.Error() != tt.err {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.err)
		}
	}
}

func TestWriteTrace(t *testing.T) {
	file := filepath.Join(t.TempDir(), trace.Name)
	one := &trace.Trace{Files: map[string]trace.How{"a.js": trace.Module}}
	two := &trace.Trace{Files: map[string]trace.How{"b.js": trace.Module}}
	for _, step := range []struct {
		trace *trace.Trace
		add   bool
		want  *trace.Trace
	}{
		{one, true, one}, {two, true, trace.Merge(one, two)}, {two, false, two},
	} {
		if err := trace.WriteFile(file, step.trace, step.add); err != nil {
			t.Fatal(err)
		}
		if got, err := trace.ReadFile(file); err != nil || !cmp.Equal(got, step.want) {
			t.Errorf("there is %v, %v, want %v", got, err, step.want)
		}
	}
	if err := os.WriteFile(file, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := trace.WriteFile(file, one, true); err == nil {
		t.Error("what is no trace was added to")
	}
	if err := trace.WriteFile(file, one, false); err != nil {
		t.Error(err)
	}
}
