package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	for _, test := range []struct{ names, want, err string }{
		{"verify,graph,run,start", "verify graph run start", ""},
		{"start,verify", "start verify", ""},
		{"graph", "graph", ""},
		{"", "", `unknown section ""`},
		{"verify,graf", "", `unknown section "graf"`},
	} {
		chosen, err := choose(test.names)
		var names []string
		for _, s := range chosen {
			names = append(names, s.name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("choose(%q) = %s, want %s", test.names, got, test.want)
		}
		if (err == nil) != (test.err == "") || err != nil && !strings.HasPrefix(err.Error(), test.err) {
			t.Errorf("choose(%q): error %v, want %q", test.names, err, test.err)
		}
	}
}

func TestReadMap(t *testing.T) {
	const empty = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	const hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, test := range []struct {
		name, text string
		want       []pinned
		err        string
	}{
		{"sorted by path", `{"integrity":{"./b.js":"` + empty + `","./a.js":"` + empty + `"},"nodeint":{"version":1}}`,
			[]pinned{{"a.js", hex}, {"b.js", hex}}, ""},
		{"percent form", `{"integrity":{"./a%20b%25.js":"` + empty + `"}}`, []pinned{{"a b%.js", hex}}, ""},
		{"name that a list cannot hold", `{"integrity":{"./a%0Ab.js":"` + empty + `"}}`, nil, "would have to escape"},
		{"bad escape", `{"integrity":{"./a%zz.js":"` + empty + `"}}`, nil, `"./a%zz.js"`},
		{"bad digest", `{"integrity":{"./a.js":"sha256-AAAA"}}`, nil, "./a.js"},
		{"not JSON", `{`, nil, "unexpected end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readMap([]byte(test.text))
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(pinned{})); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestWriteLists(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "empty.js"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := writeLists(t.Context(), dir, root, []pinned{{"empty.js", "e3b0"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		l.paths:  "empty.js\n",
		l.sha256: "e3b0  empty.js\n",
		// BLAKE3 of nothing, as b3sum prints it.
		l.blake3: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  empty.js\n",
	} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filepath.Base(name), diff)
		}
	}
	if _, err := writeLists(t.Context(), dir, root, []pinned{{"gone.js", "e3b0"}}); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func TestPolicyOf(t *testing.T) {
	const digest = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	got, err := policyOf([]byte(`{"integrity":{"./a%20b.js":"`+digest+`","./c.js":"`+digest+`"}}`), "/the root")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"onerror":"exit","resources":{` +
		`"file:///the%20root/a%20b.js":{"integrity":"` + digest + `","dependencies":true},` +
		`"file:///the%20root/c.js":{"integrity":"` + digest + `","dependencies":true}}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if _, err := policyOf([]byte("{"), "/"); err == nil {
		t.Error("no error for what is not JSON")
	}
}

func TestInside(t *testing.T) {
	argv := []string{"node_modules/a/bin.js", "--config", "programs/a/config.js", "--output", "/tmp/x", "programs"}
	before := strings.Join(argv, " ")
	want := []string{filepath.Join("root", "node_modules", "a", "bin.js"), "--config", filepath.Join("root", "programs", "a", "config.js"), "--output", "/tmp/x", "programs"}
	if diff := cmp.Diff(want, inside("root", argv)); diff != "" {
		t.Errorf("inside (-want +got):\n%s", diff)
	}
	if after := strings.Join(argv, " "); after != before {
		t.Errorf("inside changed its argument to %s", after)
	}
}

func TestReason(t *testing.T) {
	for text, want := range map[string]string{
		"running node: exit status 1\nnode:internal:5\n  TypeError: x is not y\n    at f": "TypeError: x is not y",
		"running node: exit status 1\nno more":                                            "running node: exit status 1",
	} {
		if got := reason(errors.New(text)); got != want {
			t.Errorf("reason(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestGuarded(t *testing.T) {
	g := &guarded{name: "a", dir: "d", argv: []string{"a.js", "x"}, mapFile: "m"}
	var got []string
	for _, c := range g.commands("nodeint", "node") {
		got = append(got, strings.Join(c.argv, " "))
	}
	want := []string{
		"node a.js x",
		"NODE_DISABLE_COMPILE_CACHE=1 node a.js x",
		"NODE_DISABLE_COMPILE_CACHE=1 node --import=" + idleHooks + " a.js x",
		"nodeint run --quiet --map m -- node a.js x",
		"nodeint run --quiet --map m --lazy -- node a.js x",
		"nodeint verify --quiet --map m",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	g.run.CPU, g.verify.CPU = 5, 2
	if got := g.hooked(); got != 3 {
		t.Errorf("hooked = %d, want 3", got)
	}
	g.verify.CPU = 9
	if got := g.hooked(); got != 0 {
		t.Errorf("hooked = %d where verify took longer, want 0", got)
	}
}

func TestMisses(t *testing.T) {
	s := &subject{loads: []string{"a.js", "b.js", "c.js", "d.js"}}
	r := graphResult{files: map[string]bool{"a.js": true, "c.js": true, "d.js": true, "e.js": true}}
	if got := s.recall(r); got != "75.0 % (1)" {
		t.Errorf("recall = %s", got)
	}
}

func TestModules(t *testing.T) {
	files := map[string]bool{"a.js": true, "package.json": true, "node_modules/a/package.json": true, "data.json": true}
	if got := modules(files); got != 2 {
		t.Errorf("modules = %d, want 2", got)
	}
}

func TestCleanEnv(t *testing.T) {
	env := []string{"PATH=/bin", "NODE_OPTIONS=-r x", "NODEINT_RECORD=y", "HOME=/h", "NODE=n"}
	if diff := cmp.Diff([]string{"PATH=/bin", "HOME=/h", "NODE=n"}, cleanEnv(env)); diff != "" {
		t.Errorf("cleanEnv (-want +got):\n%s", diff)
	}
}

// TestLoop: the loop in Go reads a list and files of more than its buffer.
func TestLoop(t *testing.T) {
	dir := t.TempDir()
	large, list := filepath.Join(dir, "large"), filepath.Join(dir, "list")
	if err := os.WriteFile(large, make([]byte, 1<<20+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if n, err := drain(large, make([]byte, 256<<10)); n != 1<<20+1 || err != nil {
		t.Errorf("drain = %d, %v", n, err)
	}
	if err := os.WriteFile(list, []byte(large+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if exit := loop([]string{list}); exit != 0 {
		t.Errorf("loop: exit status %d", exit)
	}
	if err := os.WriteFile(list, []byte(filepath.Join(dir, "gone")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if exit := loop([]string{list}); exit != 1 {
		t.Errorf("loop on a list of a file that is gone: exit status %d, want 1", exit)
	}
}

// TestMain lets compare start this program as it starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "launch" {
		os.Exit(launch(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// TestCompare measures a command that is there wherever Go is.
func TestCompare(t *testing.T) {
	b := &bench{ctx: t.Context(), progress: t.Output(), rounds: 2, tmp: t.TempDir()}
	medians, err := b.compare([]command{{"go version", b.tmp, []string{"go", "version"}}})
	if err != nil {
		t.Fatal(err)
	}
	if m := medians[0]; m.CPU < 0 || m.Wall <= 0 || m.Peak <= 0 && runtime.GOOS != "windows" {
		t.Errorf("measured %+v", m)
	}
	if _, err := b.compare([]command{{"a failure", b.tmp, []string{"go", "no-such-command"}}}); err == nil {
		t.Error("no error for a command that fails")
	}
}
