package integrity_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// A zipEntry is a file of a zip that is stored without compression.
type zipEntry struct {
	name, text string
	mode       os.FileMode
}

func makeZip(t *testing.T, entries ...zipEntry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		size := uint64(len(e.text))
		h := &zip.FileHeader{Name: e.name, CRC32: crc32.ChecksumIEEE([]byte(e.text)), CompressedSize64: size, UncompressedSize64: size}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateRaw(h)
		if err == nil {
			_, err = f.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	depZip  = ".yarn/cache/dep.zip"
	peerZip = ".yarn/cache/peer.zip"
	restZip = ".yarn/cache/rest.zip"
	inDep   = depZip + "/node_modules/dep/"
	inPeer  = peerZip + "/node_modules/@s/peer/"
	inRest  = restZip + "/node_modules/rest/"
)

// pnpTables list dep, which requests at a virtual path the peer that app.js provides;
// rest, which dep declares and no module requests; and a package for another system,
// which is not installed.
const pnpTables = `{"enableTopLevelFallback": false, "packageRegistryData": [
  [null, [[null, {"packageLocation": "./", "packageDependencies": [["dep", "virtual:1#npm:1"], ["@s/peer", "npm:1"]]}]]],
  ["dep", [
    ["npm:1", {"packageLocation": "./.yarn/cache/dep.zip/node_modules/dep/", "packageDependencies": [["dep", "npm:1"]]}],
    ["virtual:1#npm:1", {"packageLocation": "./.yarn/__virtual__/dep-virtual-1/0/cache/dep.zip/node_modules/dep/", "packageDependencies": [["@s/peer", "npm:1"], ["rest", "npm:1"], ["gone", "npm:1"], ["lost", null]]}]]],
  ["@s/peer", [["npm:1", {"packageLocation": "./.yarn/cache/peer.zip/node_modules/@s/peer/", "packageDependencies": []}]]],
  ["rest", [["npm:1", {"packageLocation": "./.yarn/cache/rest.zip/node_modules/rest/", "packageDependencies": []}]]],
  ["gone", [["npm:1", {"packageLocation": "./.yarn/cache/gone.zip/node_modules/gone/", "packageDependencies": []}]]]
]}`

// pnpProgram is a project with Plug'n'Play, and dep is the content of its zip.
func pnpProgram(t *testing.T, dep ...zipEntry) map[string]string {
	t.Helper()
	if dep == nil {
		dep = []zipEntry{
			{name: "node_modules/dep/package.json", text: `{"name":"dep","version":"1.0.0","main":"lib/main"}`},
			{name: "node_modules/dep/lib/main.js", text: "require('./other'); require('@s/peer/sub'); require('lost');"},
			{name: "node_modules/dep/lib/other.js", text: "require(process.argv[2]);"},
			{name: "node_modules/dep/lib/unused.js", text: ""},
			{name: "node_modules/dep/README.md", text: "# dep"},
		}
	}
	return map[string]string{
		"package.json": `{"name":"plugged","dependencies":{"dep":"1","@s/peer":"1"}}`,
		"app.js":       "require('dep');",
		".pnp.cjs": "\nconst RAW_RUNTIME_STATE =\n'" + strings.ReplaceAll(pnpTables, "\n", "\\\n") + "';\n" +
			"function setup(hydrateRuntimeState) {\n  return hydrateRuntimeState(JSON.parse(RAW_RUNTIME_STATE), {});\n}\n",
		depZip: makeZip(t, dep...),
		peerZip: makeZip(t, zipEntry{name: "node_modules/@s/peer/package.json", text: `{"name":"@s/peer","exports":{"./sub":"./sub.js"}}`},
			zipEntry{name: "node_modules/@s/peer/sub.js"}, zipEntry{name: "node_modules/@s/peer/not.js"}),
		restZip: makeZip(t, zipEntry{name: "node_modules/rest/index.js"}, zipEntry{name: "node_modules/rest/package.json", text: "{}"}),
	}
}

// A pnpSite is a copy of such a project on disk.
type pnpSite struct {
	t   *testing.T
	dir string
}

func layPnP(t *testing.T, files map[string]string) pnpSite {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := pnpSite{t, dir}
	for name, text := range files {
		s.write(name, text)
	}
	return s
}

func (s pnpSite) write(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

func (s pnpSite) project() *project.Project {
	s.t.Helper()
	p, err := project.Locate(s.dir, integrity.MapName)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// generate writes the map, and returns its keys without "./".
func (s pnpSite) generate(c integrity.Coverage) ([]string, error) {
	s.t.Helper()
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: s.project(), Entries: []string{filepath.Join(s.dir, "app.js")}, Coverage: c})
	if err != nil {
		return nil, err
	}
	if err := integrity.Write(g); err != nil {
		s.t.Fatal(err)
	}
	var keys []string
	for line := range strings.Lines(string(g.Text)) {
		if key, _, ok := strings.Cut(strings.TrimSpace(line), `": "sha256-`); ok && key != `"code` {
			keys = append(keys, strings.TrimPrefix(key, `"./`))
		}
	}
	return keys, nil
}

func (s pnpSite) findings() []string {
	s.t.Helper()
	r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: s.project()})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code+" "+f.Path)
	}
	return out
}

func TestPnPLevels(t *testing.T) {
	zips := []string{".pnp.cjs", "app.js", "package.json", depZip, peerZip, restZip}
	graph := append(slices.Clone(zips), inDep+"package.json", inDep+"lib/main.js", inDep+"lib/other.js", inPeer+"package.json", inPeer+"sub.js")
	packages := append(slices.Clone(graph), inDep+"lib/unused.js", inPeer+"not.js")
	dependencies := append(slices.Clone(packages), inRest+"index.js", inRest+"package.json")
	for c, want := range map[integrity.Coverage][]string{
		integrity.Graph: graph, integrity.Packages: packages, integrity.Dependencies: dependencies,
		integrity.Tree: append(slices.Clone(dependencies), inDep+"README.md"),
	} {
		t.Run(string(c), func(t *testing.T) {
			s := layPnP(t, pnpProgram(t))
			keys, err := s.generate(c)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Sort(want); !slices.Equal(keys, want) {
				t.Errorf("the map pins %q, want %q", keys, want)
			}
			if f := s.findings(); f != nil {
				t.Errorf("verify finds %q", f)
			}
		})
	}
}

func TestPnPTampering(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		text       func(was string) string
		want       []string
	}{
		{"a module of the same size", depZip, func(was string) string {
			return strings.Replace(was, "require('./other')", "require('./0ther')", 1) // and the checksum in the zip is wrong
		}, []string{"mismatch " + depZip}},
		{"what no module is", depZip, func(was string) string { return was + "\x00" }, []string{"mismatch " + depZip}},
		{"other bytes of the directory", depZip, func(was string) string { // a time
			i := strings.LastIndex(was, "PK\x01\x02")
			return was[:i+12] + "\x01" + was[i+13:]
		}, []string{"mismatch " + depZip}},
		{"a package for another system comes", ".yarn/cache/gone.zip", func(string) string { return "" }, []string{"unexpected .yarn/cache/gone.zip"}},
		{"one that no table names comes", ".yarn/cache/evil.zip", func(string) string { return "" }, nil},
		{"a file beside the tables comes", ".pnp.loader.mjs", func(string) string { return "" }, []string{"unexpected .pnp.loader.mjs"}},
		{"the tables", ".pnp.cjs", func(was string) string { return was + "\n" }, []string{"mismatch .pnp.cjs"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := pnpProgram(t)
			s := layPnP(t, files)
			if _, err := s.generate(""); err != nil {
				t.Fatal(err)
			}
			s.write(tt.file, tt.text(files[tt.file]))
			if got := s.findings(); !slices.Equal(got, tt.want) {
				t.Errorf("verify finds %q, want %q", got, tt.want)
			}
		})
	}
}

// A zip is packed again: the members that differ are reported.
func TestPnPRepacked(t *testing.T) {
	s := layPnP(t, pnpProgram(t))
	if _, err := s.generate(""); err != nil {
		t.Fatal(err)
	}
	s.write(depZip, pnpProgram(t, zipEntry{name: "node_modules/dep/package.json", text: `{"name":"dep","version":"1.0.0","main":"lib/main"}`},
		zipEntry{name: "node_modules/dep/lib/main.js", text: "evil()"}, zipEntry{name: "node_modules/dep/lib/new.cjs"},
		zipEntry{name: "node_modules/dep/lib/other.js", text: "require(process.argv[2]);"})[depZip])
	r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: s.project(), SkipUnexpected: true, Only: func(p string) bool { return p == inDep+"lib/main.js" }})
	if err != nil || len(r.Findings) != 2 || r.Findings[1].Path != inDep+"lib/main.js" {
		t.Errorf("of one file verify finds %v, %v", r, err)
	}
	want := []string{"mismatch " + depZip, "mismatch " + inDep + "lib/main.js", "missing " + inDep + "lib/unused.js", "unexpected " + inDep + "lib/new.cjs"}
	got := s.findings()
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("verify finds %q, want %q", got, want)
	}
	if err := os.Remove(filepath.Join(s.dir, depZip)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("peer.zip", filepath.Join(s.dir, depZip)); err != nil {
		t.Fatal(err)
	}
	if got := s.findings(); !slices.Equal(got, []string{"wrong-kind " + depZip}) {
		t.Errorf("verify finds %q", got)
	}
}

// Zips that readers interpret in different ways.
func TestPnPOddZips(t *testing.T) {
	good := zipEntry{name: "node_modules/dep/package.json", text: `{"main":"a.js"}`}
	for _, tt := range []struct{ name, text, want string }{
		{"twice", makeZip(t, good, zipEntry{name: "node_modules/dep/a.js", text: "1"}, zipEntry{name: "node_modules/dep/a.js", text: "2"}), "two entries have this path"},
		{"link", makeZip(t, good, zipEntry{name: "node_modules/dep/a.js", text: "/etc/passwd", mode: os.ModeSymlink | 0o777}), "a symbolic link"},
		{"upward", makeZip(t, good, zipEntry{name: "node_modules/dep/../../a.js"}), `contains the element ".."`},
		{"elsewhere", makeZip(t, good, zipEntry{name: "node_modules/evil/a.js"}), "not below"},
		{"backslash", makeZip(t, good, zipEntry{name: `node_modules/dep/a\b.js`}), "a backslash"},
		{"below a file", makeZip(t, good, zipEntry{name: "node_modules/dep/package.json/a.js"}), "conflicts with an earlier entry"},
		{"none", "no zip", "too short for a zip"},
		{"truncated", makeZip(t, good)[:50], "does not end with an end record"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := maps.Clone(pnpProgram(t))
			files[depZip] = tt.text
			_, err := layPnP(t, files).generate("")
			e, ok := errors.AsType[*integrity.Error](err)
			if !ok || e.Code != "zip" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}
