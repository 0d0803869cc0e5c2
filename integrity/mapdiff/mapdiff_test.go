package mapdiff

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Digests of different bytes.
const (
	one   = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	two   = "sha256-uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="
	other = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
)

// base returns a map that a case changes.
func base() *mapfile.Map {
	return &mapfile.Map{
		Coverage: mapfile.Dependencies, Entries: []string{"app.js"},
		Files: map[string]string{
			"app.js": one, "node_modules/a/index.js": one, "node_modules/a/package.json": one,
			"node_modules/b/index.js": one, "node_modules/b/package.json": one,
		},
		Packages: map[string]mapfile.Package{
			"": {Name: "shop", Version: "1.0.0"}, "node_modules/a": {Name: "a", Version: "1.0.0"}, "node_modules/b": {Name: "b", Version: "2.0.0"},
		},
		Names: mapfile.Names{
			Imports: mapfile.Specifiers{"a": "./node_modules/a/index.js"},
			Scopes:  map[string]mapfile.Specifiers{"./node_modules/a/": {"b": "./node_modules/b/index.js"}},
		},
		Powers: mapfile.Powers{"node_modules/b": {nodejs.Environment}},
	}
}

func text(t testing.TB, m *mapfile.Map) []byte {
	t.Helper()
	doc, err := m.Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Format()
}

// set changes a package of a map.
func set(m *mapfile.Map, dir string, change func(p *mapfile.Package)) {
	p := m.Packages[dir]
	change(&p)
	m.Packages[dir] = p
}

// upgrade gives a package another version and another index.js.
func upgrade(m *mapfile.Map, dir, version string) {
	set(m, dir, func(p *mapfile.Package) { p.Version = version })
	m.Files[dir+"/index.js"] = two
}

// move moves a package to another directory.
func move(m *mapfile.Map, from, to string) {
	for f, digest := range m.Files {
		if rel, ok := strings.CutPrefix(f, from+"/"); ok {
			m.Files[to+"/"+rel] = digest
			delete(m.Files, f)
		}
	}
	m.Packages[to] = m.Packages[from]
	delete(m.Packages, from)
	if list, ok := m.Powers[from]; ok {
		m.Powers[to] = list
		delete(m.Powers, from)
	}
}

// lines are the lines of a report for the tests: what it lists, with "!" before alerts.
func lines(r *Report) []string {
	var list []string
	sign := func(alert bool, s string) {
		if alert {
			s = "! " + s
		}
		list = append(list, s)
	}
	plain := func(s string) string { return s }
	for _, s := range r.Settings {
		sign(s.Alert, s.Text(plain))
	}
	for _, n := range r.Names {
		sign(true, n.Text(plain))
	}
	for i := range r.Packages {
		p := &r.Packages[i]
		list = append(list, p.Title()+": "+p.Counts())
		if len(p.For) > 0 {
			list = append(list, "for "+strings.Join(p.For, " "))
		}
		for _, remark := range p.Remarks {
			sign(remark.Alert, strings.TrimSuffix(remark.Code+" "+strings.Join(remark.Items, "; "), " "))
		}
	}
	return append(list, r.Rest(false, plain)...)
}

var compareTests = []struct {
	name   string
	change func(old, new *mapfile.Map)
	want   []string
}{
	{"an upgrade", func(_, m *mapfile.Map) { upgrade(m, "node_modules/a", "1.1.0") }, []string{"a 1.0.0 → 1.1.0: 1 file changed"}},
	{"own files", func(_, m *mapfile.Map) { m.Files["app.js"], m.Files["lib/x.js"] = two, one }, []string{"shop 1.0.0: 1 file changed, 1 added"}},
	{"a lower version", func(_, m *mapfile.Map) { upgrade(m, "node_modules/a", "0.9.10") }, []string{"a 1.0.0 → 0.9.10: 1 file changed", "! downgrade"}},
	{"the same version", func(_, m *mapfile.Map) { m.Files["node_modules/a/index.js"] = two }, []string{"a 1.0.0: 1 file changed", "! same-version"}},
	{"an added file of the same version", func(_, m *mapfile.Map) { m.Files["node_modules/a/x.js"] = two }, []string{"a 1.0.0: 1 file added", "! same-version"}},
	{"an added file by another coverage", func(old, m *mapfile.Map) { old.Coverage, m.Files["node_modules/a/x.js"] = mapfile.Graph, two }, []string{"coverage: graph → dependencies", "a 1.0.0: 1 file added"}},
	{"added", func(old, m *mapfile.Map) {
		delete(old.Packages, "node_modules/b")
		delete(old.Files, "node_modules/b/index.js")
		delete(old.Files, "node_modules/b/package.json")
		delete(old.Powers, "node_modules/b")
	}, []string{"b 2.0.0: added, 2 files", "for a", "powers-gained"}},
	{"removed", func(_, m *mapfile.Map) {
		delete(m.Packages, "node_modules/b")
		delete(m.Files, "node_modules/b/index.js")
		delete(m.Files, "node_modules/b/package.json")
		delete(m.Powers, "node_modules/b")
	}, []string{"b 2.0.0: removed"}},
	{"moved", func(_, m *mapfile.Map) { move(m, "node_modules/b", "node_modules/a/node_modules/b") }, []string{"in other directories, with the same files: b@2.0.0"}},
	{"moved and changed", func(_, m *mapfile.Map) {
		move(m, "node_modules/b", "node_modules/a/node_modules/b")
		m.Files["node_modules/a/node_modules/b/index.js"] = two
	}, []string{"b 2.0.0: 1 file changed", "! same-version", "in other directories, with the same files: b@2.0.0"}},
	{"moved and upgraded", func(_, m *mapfile.Map) {
		move(m, "node_modules/b", "node_modules/.pnpm/b@2.1.0/node_modules/b")
		upgrade(m, "node_modules/.pnpm/b@2.1.0/node_modules/b", "2.1.0")
	}, []string{"b 2.0.0 → 2.1.0: 1 file changed"}},
	{"the nested one becomes the only one", func(old, m *mapfile.Map) {
		move(old, "node_modules/b", "node_modules/a/node_modules/b")
		old.Packages["node_modules/b"] = mapfile.Package{Name: "b", Version: "1.0.0"}
		old.Files["node_modules/b/index.js"] = two
	}, []string{"b 1.0.0: removed (2.0.0 stays)", "in other directories, with the same files: b@2.0.0"}},
	{"another package in its place", func(_, m *mapfile.Map) {
		set(m, "node_modules/b", func(p *mapfile.Package) { p.Name = "evil" })
	}, []string{"evil 2.0.0: added, 2 files", "for a", "! replaced b 2.0.0", "powers-gained", "b 2.0.0: removed"}},
	{"an alias", func(_, m *mapfile.Map) {
		m.Packages["node_modules/c"] = mapfile.Package{Name: "d", Version: "1.0.0"}
		m.Files["node_modules/c/index.js"] = one
	}, []string{"d 1.0.0: added, 1 file", "alias c"}},
	{"powers", func(_, m *mapfile.Map) {
		m.Powers = mapfile.Powers{"node_modules/a": {nodejs.ChildProcess, nodejs.Network}}
	}, []string{"a 1.0.0: no file changed", "! powers-gained", "b 2.0.0: no file changed", "powers-lost"}},
	{"powers of a copy in a package", func(_, m *mapfile.Map) {
		m.Packages["node_modules/a/compiled/x"] = mapfile.Package{Name: "x"}
		m.Powers["node_modules/a/compiled/x"] = []nodejs.Power{nodejs.Eval}
	}, []string{"a 1.0.0: no file changed", "! powers-gained"}},
	{"powers that are not known", func(_, m *mapfile.Map) { m.Powers["node_modules/b"] = []nodejs.Power{mapfile.AnyPower} }, []string{"b 2.0.0: no file changed", "! powers-unknown"}},
	{"no powers in the old map", func(old, _ *mapfile.Map) { old.Powers = nil }, []string{"note: old does not record powers, so new and lost powers are not known"}},
	{"install scripts", func(old, m *mapfile.Map) {
		set(old, "node_modules/a", func(p *mapfile.Package) { p.Install = map[string]string{"preinstall": "x", "postinstall": "make"} })
		set(m, "node_modules/a", func(p *mapfile.Package) {
			p.Install = map[string]string{"install": "node x", "postinstall": "make all"}
		})
	}, []string{"a 1.0.0: no file changed", "script-removed x", "! install-script node x", "! install-script make → make all"}},
	{"binaries", func(old, m *mapfile.Map) {
		old.Files["node_modules/a/a.wasm"] = one
		upgrade(m, "node_modules/a", "1.0.1")
		m.Files["node_modules/a/a.wasm"], m.Files["node_modules/a/liba.so.1"], m.Files["node_modules/a/b.EXE"] = two, one, one
	}, []string{"a 1.0.0 → 1.0.1: 2 files changed, 2 added", "! binary-added b.EXE; liba.so.1", "binary-changed a.wasm"}},
	{"gaps", func(old, m *mapfile.Map) {
		old.Gaps = []problem.Gap{{Path: "app.js", Line: 1, Column: 1, Text: "require(x)", Reason: problem.GapComputed}, {Path: "app.js", Line: 2, Column: 1, Text: "require(y)", Reason: problem.GapComputed}}
		m.Gaps = []problem.Gap{{Path: "app.js", Line: 9, Column: 1, Text: "require(x)", Reason: problem.GapComputed}, {Path: "node_modules/a/index.js", Line: 2, Column: 3, Text: `"c"`, Reason: problem.GapUnresolved}}
	}, []string{"shop 1.0.0: no file changed", "gaps-removed app.js:2:1 computed-specifier: require(y)", "a 1.0.0: no file changed", `! gaps-added index.js:2:3 unresolved: "c"`}},
	{"classes", func(old, m *mapfile.Map) {
		set(old, "node_modules/a", func(p *mapfile.Package) { p.Class = "anchored" })
		set(old, "node_modules/b", func(p *mapfile.Package) { p.Class = "unanchored" })
		set(m, "node_modules/a", func(p *mapfile.Package) { p.Class = "script-output" })
		set(m, "node_modules/b", func(p *mapfile.Package) { p.Class = "anchored" })
	}, []string{"a 1.0.0: no file changed", "! class-weaker", "b 2.0.0: no file changed", "class-stronger"}},
	{"not compared any more", func(old, m *mapfile.Map) {
		set(old, "node_modules/a", func(p *mapfile.Package) { p.Class = "anchored" })
	}, []string{"! lockfile: compared → none"}},
	{"another archive", func(old, m *mapfile.Map) {
		set(old, "node_modules/a", func(p *mapfile.Package) { p.Integrity = one })
		set(m, "node_modules/a", func(p *mapfile.Package) { p.Integrity = two })
	}, []string{"a 1.0.0: no file changed", "! archive-changed " + two}},
	{"a condition", func(old, m *mapfile.Map) {
		set(old, "node_modules/a", func(p *mapfile.Package) { p.Dev, p.OS = true, []string{"linux"} })
	}, []string{"a 1.0.0: no file changed", "condition development, linux → every install"}},
	{"settings", func(old, m *mapfile.Map) {
		old.Entries, m.Entries = []string{"app.js", "b.js"}, []string{"app.js", "c.js"}
		old.Coverage, m.Coverage = mapfile.Tree, mapfile.Packages
		m.Exclude, old.Include = []string{"dist/"}, []string{"views/**"}
		old.Conditions, m.Conditions = []string{"x", "y"}, []string{"y", "x"}
		m.Links = map[string]string{"node_modules/l": "../l", "node_modules/m": "./packages/m"}
	}, []string{
		"! coverage: tree → packages", "! entries: added ./c.js; removed ./b.js", "! include: removed views/**", "! exclude: added dist/",
		"! conditions: x y → y x", "! links: added node_modules/l → ../l", "other entries of the map: links (2)",
	}},
	{"a name of another package", func(_, m *mapfile.Map) {
		m.Names.Scopes["./node_modules/a/"]["b"] = "./app.js"
	}, []string{"! b in ./node_modules/a/ now means ./app.js, and meant ./node_modules/b/index.js"}},
	{"a name of another file of the package", func(_, m *mapfile.Map) {
		m.Names.Imports["a"] = "./node_modules/a/package.json"
	}, []string{"other entries of the map: imports (1)"}},
	{"algorithms", func(_, m *mapfile.Map) { m.Files["node_modules/a/index.js"] = other }, []string{"the maps have no hash algorithm in common for 1 file: whether they differ is not known"}},
	{"one algorithm more", func(_, m *mapfile.Map) { m.Files["node_modules/a/index.js"] += " " + other }, []string{"other entries of the map: other members (1)"}},
	{"another algorithm that agrees, and one that does not", func(old, m *mapfile.Map) {
		old.Files["app.js"], m.Files["app.js"] = one+" "+other, two+" "+other
	}, []string{"shop 1.0.0: 1 file changed"}},
	{"what is at a URL", func(_, m *mapfile.Map) { m.URLs = map[string]string{"https://cdn.example/x.js": one} }, []string{"other entries of the map: integrity of URLs (1)"}},
	{"other members", func(_, m *mapfile.Map) { m.Absent = []string{"c", "d"} }, []string{"other entries of the map: absent (2)"}},
}

func TestCompare(t *testing.T) {
	for _, c := range compareTests {
		t.Run(c.name, func(t *testing.T) {
			old, new := base(), base()
			c.change(old, new)
			r, err := Compare(Input{"old", text(t, old)}, Input{"new", text(t, new)})
			if err != nil {
				t.Fatal(err)
			}
			if got := lines(r); r.Same || !slices.Equal(got, c.want) {
				t.Errorf("same %v, got\n%s\nwant\n%s", r.Same, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, in := range []*mapfile.Map{old, new} {
				if r, err := Compare(Input{"a", text(t, in)}, Input{"b", text(t, in)}); err != nil || !r.Same || len(lines(r)) > 0 {
					t.Errorf("a map and itself: %v", err)
				}
			}
		})
	}
}

// A map that verify rejects is not compared.
func TestCompareUntrusted(t *testing.T) {
	good := text(t, base())
	for _, bad := range []string{"", "{}", strings.Replace(string(good), "47DEQ", "47DEA", 1), strings.Replace(string(good), `"dependencies"`, `"graph"`, 1)} {
		for _, inputs := range [][2]string{{string(good), bad}, {bad, string(good)}} {
			_, err := Compare(Input{"old", []byte(inputs[0])}, Input{"new", []byte(inputs[1])})
			if e, ok := errors.AsType[*problem.Error](err); !ok || e.Class != problem.Untrusted {
				t.Errorf("%.40s: %v", bad, err)
			}
		}
	}
}

// The places are those in files with the bytes of the map.
func TestAddPlaces(t *testing.T) {
	const pinned = one // of no bytes
	root := t.TempDir()
	old, new := base(), base()
	new.Powers["node_modules/a"] = []nodejs.Power{nodejs.Addons, nodejs.Eval}
	new.Files["node_modules/a/x.node"], new.Files["node_modules/a/index.js"] = pinned, pinned
	if err := os.MkdirAll(filepath.Join(root, "node_modules", "a"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "node_modules", "a", "index.js"), []byte("eval(x)"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ digest, want string }{
		{one, "x.node"},
		{"sha256-wSUwKNJ5x9nu9DfCW/KJlGiE0ky6YD2+WJjuWxEMGpA=", "x.node"},
		{digestOf("eval(x)"), "index.js:1:1 eval; x.node"},
	} {
		new.Files["node_modules/a/index.js"] = c.digest
		r, err := Compare(Input{"old", text(t, old)}, Input{"new", text(t, new)})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.AddPlaces(t.Context(), root); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Packages[0].Remarks, func(r Remark) bool { return r.Code == PowersGained })
		if got := strings.Join(r.Packages[0].Remarks[i].Items, "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.digest, got, c.want)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	sorted := []string{"", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "10.0.0"}
	for i, a := range sorted {
		for j, b := range sorted {
			if got := compareVersions(a, b); sign(got) != sign(i-j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
	for _, c := range []struct {
		old, new string
		want     bool
	}{{"1.0.0", "0.9.0", true}, {"1.0.0", "1.0.0-rc.1", true}, {"1.0.0-b", "1.0.0-a", false}, {"2.0.0-a", "1.0.0", true}, {"1.0.0+2", "1.0.0+1", false}, {"", "1.0.0", false}, {"1.0.0", "", false}} {
		if got := isDowngrade(c.old, c.new); got != c.want {
			t.Errorf("%q → %q: %v", c.old, c.new, got)
		}
	}
}

func sign(n int) int { return max(-1, min(1, n)) }

// A report of a program that was replaced whole fits into a comment, and its lists are folded.
func TestMarkdownFits(t *testing.T) {
	old, new := base(), base()
	for i := range 400 {
		dir := fmt.Sprintf("node_modules/package-%d", i)
		for _, m := range []*mapfile.Map{old, new} {
			m.Packages[dir] = mapfile.Package{Name: strings.TrimPrefix(dir, "node_modules/"), Version: "1.0.0"}
			for j := range 20 {
				m.Files[fmt.Sprintf("%s/%d-%s.js", dir, j, strings.Repeat("x", 100))] = one
			}
		}
		upgrade(new, dir, "1.0.1")
		for j := range 20 {
			new.Files[fmt.Sprintf("%s/%d-%s.js", dir, j, strings.Repeat("x", 100))] = two
		}
		if i%2 == 0 {
			new.Powers[dir] = []nodejs.Power{nodejs.ChildProcess}
		}
	}
	r, err := Compare(Input{"old", text(t, old)}, Input{"new", text(t, new)})
	if err != nil {
		t.Fatal(err)
	}
	md := r.Markdown()
	if len(md) > MaxMarkdown || len(md) < MaxMarkdown*9/10 {
		t.Errorf("%d bytes", len(md))
	}
	checkMarkdown(t, md)
	if !strings.Contains(md, "more lines are left out") || strings.Count(md, "<details>") != strings.Count(md, "</details>") {
		t.Error(md[len(md)-500:])
	}
	if strings.Count(md, "⚠️") < 200 {
		t.Error("packages with alerts are folded")
	}
	same, err := Compare(Input{"a", text(t, old)}, Input{"b", text(t, old)})
	if err != nil {
		t.Fatal(err)
	}
	md = MembersMarkdown([]Member{{"packages/a", r}, {"packages/b", same}, {"packages/c", r}})
	if len(md) > MaxMarkdown || len(md) < MaxMarkdown*9/10 {
		t.Errorf("members: %d bytes", len(md))
	}
	for _, want := range []string{"- `packages/a`: ", "- `packages/b`: no differences\n", "- `packages/c`: ", "### nodeint in `packages/a`: "} {
		if !strings.Contains(md, want) {
			t.Errorf("members: %q is missing in %.300s", want, md)
		}
	}
	if one := MembersMarkdown([]Member{{"packages/b", same}}); !strings.Contains(one, "- `packages/b`: no differences\n") {
		t.Errorf("one member that is the same: %s", one)
	}
	if strings.Count(md, Mark) != 1 || strings.Contains(md, "### nodeint in `packages/b`") {
		t.Errorf("members: %.300s", md)
	}
}
