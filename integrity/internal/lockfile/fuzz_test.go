package lockfile

import (
	"encoding/json"
	"errors"
	"path"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxSeed is the most bytes of a seed: a fuzzer makes no progress on larger ones.
const maxSeed = 16 << 10

func FuzzNPM(f *testing.F)         { fuzz(f, "package-lock.json", isAny, sameKeys) }
func FuzzYarnClassic(f *testing.F) { fuzz(f, "yarn.lock", isClassic, nil) }
func FuzzYarnBerry(f *testing.F)   { fuzz(f, "yarn.lock", isBerry, nil) }
func FuzzPNPM(f *testing.F)        { fuzz(f, "pnpm-lock.yaml", isAny, nil) }
func FuzzBun(f *testing.F)         { fuzz(f, "bun.lock", isAny, nil) }

func isAny(string) bool          { return true }
func isClassic(text string) bool { return strings.HasPrefix(text, "# ") }
func isBerry(text string) bool   { return !strings.HasPrefix(text, "# yarn lockfile v1") }

// fuzz parses texts of one kind, and checks what holds for every lockfile.
func fuzz(f *testing.F, file string, is func(string) bool, more func(*testing.T, string, *Lock)) {
	for _, tt := range good {
		if tt.file == file && is(tt.text) {
			f.Add(tt.text)
		}
	}
	for _, tt := range invalid {
		if tt.file == file && is(tt.text) && len(tt.text) < maxSeed {
			f.Add(tt.text)
		}
	}
	for _, tt := range requireTests {
		if tt.file == file && is(tt.text) {
			f.Add(tt.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !is(text) {
			t.Skip()
		}
		start := time.Now()
		l, err := Parse(file, text, Options{})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(text), took)
		}
		again, err2 := Parse(file, text, Options{})
		if !reflect.DeepEqual(l, again) || !reflect.DeepEqual(err, err2) {
			t.Errorf("once %v, %v, then %v, %v", l, err, again, err2)
		}
		if err != nil {
			checkError(t, err)
			return
		}
		for i := range l.Packages {
			checkPackage(t, &l.Packages[i])
		}
		checkRequire(t, l, nil)
		if more != nil {
			more(t, text, l)
		}
	})
}

// FuzzManifest reads package.json of a project of yarn.
func FuzzManifest(f *testing.F) {
	for _, tt := range requireTests {
		for _, text := range tt.manifests {
			f.Add(text)
		}
	}
	for text := range invalidManifests {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lock := range []string{yarn1Text, yarn4Text} {
			l, err := Parse("yarn.lock", lock, Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkRequire(t, l, map[string][]byte{".": []byte(text)})
		}
	})
}

// checkRequire checks what holds for the conditions of every lockfile.
func checkRequire(t *testing.T, l *Lock, manifests map[string][]byte) {
	recorded := conditionsOf(l)
	start := time.Now()
	if err := l.Require(manifests); err != nil {
		checkError(t, err)
		return
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%d packages and %d edges took %v", len(l.Packages), len(l.Edges), took)
	}
	checkEdges(t, l)
	once := conditionsOf(l)
	if err := l.Require(manifests); err != nil || !reflect.DeepEqual(once, conditionsOf(l)) {
		t.Errorf("once %v, then %v, %v", once, conditionsOf(l), err)
	}
	all := newGraph(l).reach(l.roots(), Required, Optional, Dev)
	absent := func(p *Package) bool { return p.Dev || p.Optional }
	for _, e := range l.Edges { // what a required package requires is required
		if e.Kind == Required && e.To >= 0 && all[e.From] && !absent(&l.Packages[e.From]) && absent(&l.Packages[e.To]) {
			if l.Manager != manager.NPM { // whose flags may say that a package of the graph is required
				t.Errorf("%q needs %q: of %v", l.Packages[e.From].Key, l.Packages[e.To].Key, once)
			}
		}
	}
	if l.Manager == manager.NPM { // the graph takes flags away, and gives them only to links
		for i, word := range conditionsOf(l) {
			if l.Packages[i].Kind != Link && strings.Trim(strings.TrimPrefix(word, l.Packages[i].Key+":"), recorded[i][len(l.Packages[i].Key)+1:]) != "" {
				t.Errorf("recorded %s, then %s", recorded[i], word)
			}
		}
	}
}

func checkError(t *testing.T, err error) {
	var e *problem.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not a *problem.Error", err)
	}
	if len(e.Error()) > 2000 || !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\x00\x1b\n\r") {
		t.Errorf("the error is not fit to print: %q", e)
	}
}

// checkPackage checks that every path of a package is inside the root, and that its texts
// are safe to print.
func checkPackage(t *testing.T, p *Package) {
	for _, place := range append([]string{"."}, p.Places...) {
		if path.Clean(place) != place || path.IsAbs(place) || place == ".." || strings.HasPrefix(place, "../") || strings.ContainsAny(place, "\\:\x00") {
			t.Errorf("line %d: the place %q", p.Line, place)
		}
	}
	if p.Target != "" && (path.Clean(p.Target) != p.Target || path.IsAbs(p.Target) || strings.Contains(p.Target, "\\")) {
		t.Errorf("line %d: the target %q", p.Line, p.Target)
	}
	for _, name := range []string{p.Name, p.Alias} {
		if name != "" && p.Kind != Member && (strings.Contains(name, "..") && path.Clean(name) != name || path.IsAbs(name) || strings.Count(name, "/") > 1) {
			t.Errorf("line %d: the name %q", p.Line, name)
		}
	}
	for _, s := range []string{p.Key, p.Version, p.Resolved, p.Store, p.Slug, p.Name, p.Alias} {
		if fault := textFault(s); fault != "" {
			t.Errorf("line %d: %q %s", p.Line, s, fault)
		}
	}
	if p.Line < 1 || p.Kind == "" || p.Outside && len(p.Places) > 0 || p.Bundled && p.Bundler == "" {
		t.Errorf("a package that cannot be: %+v", p)
	}
}

// sameKeys checks that encoding/json, which is another reader, finds the same packages.
func sameKeys(t *testing.T, text string, l *Lock) {
	var other struct {
		Packages map[string]json.RawMessage `json:"packages"`
	}
	if err := json.Unmarshal([]byte(text), &other); err != nil {
		t.Errorf("encoding/json refuses it: %v", err)
	}
	for _, p := range l.Packages {
		delete(other.Packages, p.Key)
	}
	if len(other.Packages) > 0 {
		t.Errorf("encoding/json sees %v besides", other.Packages)
	}
}
