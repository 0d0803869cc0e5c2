package lockfile

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// invalidManifests are texts of package.json, and parts of the errors.
var invalidManifests = map[string]string{
	"":                           "read w/package.json",
	"[]":                         "read w/package.json: ",
	`{"dependencies": {"a": "1"`: "read w/package.json:1:",
	`{"devDependencies": {"a": "1", "a": "2"}}`: `read w/package.json:1:`,
	"{\"name\": \"\xff\"}":                      "read w/package.json:1:",
}

func TestInvalidManifest(t *testing.T) {
	for text, want := range invalidManifests {
		for _, lock := range []string{yarn1Text, yarn4Text} {
			l, err := Parse("yarn.lock", lock, Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = l.Require(map[string][]byte{".": []byte("{}"), "w": []byte(text)})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want %s", text, err, want)
				continue
			}
			checkError(t, err)
		}
	}
	for _, dir := range []string{"", "./w", "w/", "a/../w", "/w", `a\w`, "a//w"} {
		l, err := Parse("yarn.lock", yarn1Text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Require(map[string][]byte{dir: []byte("{}")}); err == nil || !strings.Contains(err.Error(), "not a clean path") {
			t.Errorf("%q: got %v", dir, err)
		}
	}
}

// TestDependencyGroups checks that groups of the wrong type have no dependencies: npm
// copies what packages have published.
func TestDependencyGroups(t *testing.T) {
	l, err := Parse("package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": 1, "b": null, "../c": "1", "constructor": "1"}},
"node_modules/a": {"dependencies": [], "optionalDependencies": "b", "peerDependencies": null, "peerDependenciesMeta": [{"optional": true}]},
"node_modules/b": {"peerDependencies": {"a": "1", "x": "1"}, "peerDependenciesMeta": {"a": true, "x": {"optional": "yes"}}}
}}`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range l.Edges {
		got = append(got, fmt.Sprintf("%d %s %d %s %v", e.From, e.Name, e.To, e.Kind, e.Peer))
	}
	if want := "0 a 1 required false, 0 b 2 required false, 0 constructor -1 required false, 2 a 1 required true, 2 x -1 required true"; strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// large writes n packages, each with dependencies. With -short, it writes a tenth.
func large(head string, n int, entry func(i int) string, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	if testing.Short() {
		n = max(n/10, 1)
	}
	for i := range n {
		b.WriteString(entry(i))
	}
	b.WriteString(tail)
	return b.String()
}

// hostileGraphs are lockfiles that would take long with an algorithm that is not linear.
var hostileGraphs = []struct {
	name, file string
	text       func() string
	want       string // a part of the error; "" for none
}{
	{"npm: a long chain", "package-lock.json", func() string {
		return large(`{"lockfileVersion": 3, "packages": {"": {"dependencies": {"p0": "1"}}`, 99_000, func(i int) string {
			return fmt.Sprintf(",\n\"node_modules/p%d\": {\"dependencies\": {\"p%d\": \"1\", \"p%d\": \"1\"}}", i, i+1, i/2)
		}, "}}")
	}, ""},
	{"npm: deep places and names that are nowhere", "package-lock.json", func() string {
		deep := strings.Repeat("node_modules/a/", 200)
		return large(`{"lockfileVersion": 3, "packages": {"": {}`, 600, func(i int) string {
			return fmt.Sprintf(",\n\"%snode_modules/p%d\": {\"dependencies\": {%s}}", deep, i, strings.TrimSuffix(large("", 200, func(j int) string { return fmt.Sprintf("\"x%d\": \"\",", j) }, ""), ","))
		}, "}}")
	}, ""},
	{"npm: too many dependencies", "package-lock.json", func() string {
		return large(`{"lockfileVersion": 3, "packages": {"": {}`, 1100, func(i int) string {
			return fmt.Sprintf(",\n\"node_modules/p%d\": {\"dependencies\": {%s}}", i, strings.TrimSuffix(large("", 1000, func(j int) string { return fmt.Sprintf("\"x%d\": \"\",", j) }, ""), ","))
		}, "}}")
	}, "more than 1000000 dependencies"},
	{"yarn 1: one name, never the range", "yarn.lock", func() string {
		return large("# yarn lockfile v1\n", 40_000, func(i int) string {
			return fmt.Sprintf("\nx@%d:\n  version \"%d.0.0\"\n  dependencies:\n    x \"none\"\n    y \"none\"\n", i, i)
		}, "")
	}, ""},
	{"yarn 4: an entry with many names and dependencies", "yarn.lock", func() string {
		names := strings.TrimSuffix(large("", 2000, func(i int) string { return fmt.Sprintf("n%d@npm:1, ", i) }, ""), ", ")
		return large("__metadata:\n  version: 8\n\n? \""+names+"\"\n:\n  version: 1.0.0\n  resolution: \"p@npm:1.0.0\"\n  dependencies:\n", 20_000, func(i int) string {
			return fmt.Sprintf("    d%d: \"npm:1\"\n", i)
		}, "")
	}, "more than 1000000 dependencies"},
	{"bun: a long key", "bun.lock", func() string {
		key := strings.TrimSuffix(strings.Repeat("a/", 200), "/")
		return large(`{"lockfileVersion": 1, "workspaces": {"": {}}, "packages": {`, 400, func(i int) string {
			return fmt.Sprintf("\"%s/p%d\": [\"p%d@1.0.0\", \"\", {\"dependencies\": {%s}}, \"\"],\n", key, i, i, strings.TrimSuffix(large("", 100, func(j int) string { return fmt.Sprintf("\"x%d\": \"\",", j) }, ""), ","))
		}, "}}")
	}, ""},
	{"pnpm: many snapshots", "pnpm-lock.yaml", func() string {
		head := large("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: '1', version: 0.0.0}\npackages:\n", 20_000, func(i int) string { return fmt.Sprintf("  a@%d.0.0: {resolution: {}}\n", i) }, "snapshots:\n")
		return large(head, 20_000, func(i int) string { return fmt.Sprintf("  a@%d.0.0: {dependencies: {a: %d.0.0, b: none}}\n", i, i+1) }, "")
	}, ""},
}

func TestHostileGraphs(t *testing.T) {
	for _, tt := range hostileGraphs {
		t.Run(tt.name, func(t *testing.T) {
			if testing.Short() && tt.want != "" {
				t.Skip("-short: a million dependencies")
			}
			text := tt.text()
			start := time.Now()
			l, err := Parse(tt.file, text, Options{})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			parsed := time.Since(start)
			if err := l.Require(map[string][]byte{".": []byte(`{"dependencies": {"x": "1"}}`)}); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes, %d packages, %d edges: %v and %v", len(text), len(l.Packages), len(l.Edges), parsed, time.Since(start)-parsed)
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
			checkEdges(t, l)
		})
	}
}
