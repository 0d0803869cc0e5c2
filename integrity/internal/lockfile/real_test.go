package lockfile

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

var update = flag.Bool("update", false, "write the golden files again")

// real are lockfiles that the package managers wrote for one project, and the directories
// after the installation (testdata/make.sh).
var real = []struct {
	lock, places string
	options      Options
	least        int      // packages
	odd          []string // name@version or place of what is on one side alone
}{
	{lock: "npm/package-lock.json", places: "places", least: 100},
	{lock: "npm-v2/npm-shrinkwrap.json", places: "places", least: 8},
	{lock: "pnpm8/pnpm-lock.yaml", places: "places", least: 100},
	{lock: "pnpm9/pnpm-lock.yaml", places: "places", least: 100},
	{lock: "pnpm10/pnpm-lock.yaml", places: "places", least: 100},
	{lock: "pnpm11/pnpm-lock.yaml", places: "places", least: 100},
	{lock: "pnpm12/pnpm-lock.yaml", places: "places", least: 100},
	{lock: "pnpm12/pnpm-lock.yaml", places: "places-short", least: 100, options: Options{VirtualStore: "node_modules/.store", MaxLength: 40}},
	{lock: "pnpm10-config/pnpm-lock.yaml", places: "places", least: 2, odd: []string{"node_modules/.pnpm-config/is-odd"}},
	{lock: "pnpm12-config/pnpm-lock.yaml", places: "places", least: 3, odd: []string{"is-odd@3.0.1"}}, // a link to pnpm's store
	{lock: "yarn1/yarn.lock", places: "places", least: 100},
	{lock: "yarn4/yarn.lock", places: "places-node-modules", least: 100},
	{lock: "yarn4/yarn.lock", places: "places-pnpm", least: 100},
	{lock: "yarn4/yarn.lock", places: "places-pnp", least: 100},
	{lock: "bun/bun.lock", places: "places-hoisted", least: 100},
	{lock: "bun/bun.lock", places: "places-isolated", least: 100},
}

func TestReal(t *testing.T) {
	for _, tt := range real {
		t.Run(tt.lock+" "+tt.places, func(t *testing.T) {
			path := filepath.Join("testdata", "real", filepath.FromSlash(tt.lock))
			l := parseFile(t, path, tt.options)
			if len(l.Packages) < tt.least {
				t.Errorf("%d packages, and at least %d are there", len(l.Packages), tt.least)
			}
			if tt.options == (Options{}) {
				golden(t, filepath.Join(filepath.Dir(path), "packages.txt"), describe(l))
			}
			disk := readPlaces(t, filepath.Join(filepath.Dir(path), tt.places+".txt"))
			claimed := claim(t, l, disk, tt.odd)
			if l.Manager != manager.YarnClassic && l.Manager != manager.YarnBerry { // they do not record what is optional
				checkAbsent(t, l, claimed, tt.odd)
			}
		})
	}
}

func parseFile(t *testing.T, path string, o Options) *Lock {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Parse(path, string(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// readPlaces reads lines "place name@version".
func readPlaces(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	places := make(map[string]string)
	for s := bufio.NewScanner(f); s.Scan(); {
		place, pkg, _ := strings.Cut(s.Text(), " ")
		places[place] = pkg
	}
	return places
}

// claim finds the package of each directory on disk.
func claim(t *testing.T, l *Lock, disk map[string]string, odd []string) map[*Package]bool {
	t.Helper()
	claimed := make(map[*Package]bool)
	owner := make(map[string]*Package)
	for place, pkg := range disk {
		for i := range l.Packages {
			p := &l.Packages[i]
			if !isAt(l, p, place, pkg) {
				continue
			}
			if owner[place] != nil && owner[place].Key != p.Key && slices.Contains(p.Places, place) {
				t.Errorf("%s is that of %s and of %s", place, owner[place].Key, p.Key)
			}
			owner[place], claimed[p] = p, true
			if p.Version != "" && p.String() != pkg && !strings.HasSuffix(pkg, "@undefined") {
				t.Errorf("%s: %s should be %s", place, p, pkg)
			}
		}
	}
	for place := range disk {
		if owner[place] == nil && !bundled(owner, place) && !slices.Contains(odd, place) {
			t.Errorf("%s is of no package", place)
		}
	}
	return claimed
}

var peers = regexp.MustCompile(`^\+[0-9a-f]{16}/node_modules/`)

// isAt reports whether a directory on disk belongs to a package, by the rules of the package
// comment.
func isAt(l *Lock, p *Package, place, pkg string) bool {
	switch {
	case slices.Contains(p.Places, place):
		return true
	case p.Store != "" && strings.HasPrefix(place, p.Store):
		rest := peers.ReplaceAllString(place[len(p.Store):], "/node_modules/")
		return rest == "/node_modules/"+p.Name
	case l.Manager != manager.YarnClassic && l.Manager != manager.YarnBerry || p.Kind == Member || p.Kind == Link:
		return false
	case strings.Contains(place, ".store/"):
		return p.String() == pkg && strings.Contains(place, "-virtual-")
	}
	return strings.HasSuffix("/"+place, "/node_modules/"+p.Alias) && p.String() == pkg
}

// bundled reports whether a directory is in a package whose tarball bundles others.
// yarn says nothing of that.
func bundled(owner map[string]*Package, place string) bool {
	for around, p := range owner {
		if p != nil && (len(p.Bundles) > 0 || p.Bundled || p.Name == "local-tar") && strings.HasPrefix(place, around+"/node_modules/") {
			return true
		}
	}
	return false
}

// checkAbsent checks that each package that is not on disk is optional.
func checkAbsent(t *testing.T, l *Lock, claimed map[*Package]bool, allowed []string) {
	t.Helper()
	for i := range l.Packages {
		p := &l.Packages[i]
		limited := p.Optional || p.Bundled || len(p.OS)+len(p.CPU)+len(p.Libc) > 0 || strings.Contains(p.Bundler+p.Key, "tailwindcss")
		fetched := p.Kind != Link && p.Kind != Member
		if fetched && !limited && !claimed[p] && !slices.Contains(allowed, p.String()) {
			t.Errorf("%s (line %d) is not on disk: %q", p, p.Line, p.Places)
		}
	}
}

// describe writes what was read of a lockfile, a line for each package.
func describe(l *Lock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, format %s, cache key %q\n", l.Manager, l.Version, l.CacheKey)
	for _, p := range l.Packages {
		fmt.Fprintf(&b, "%d %s", p.Line, p.Kind)
		word := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, " %s=%s", name, value)
			}
		}
		word("key", p.Key)
		word("name", p.Name)
		if p.Alias != p.Name {
			word("alias", p.Alias)
		}
		word("version", p.Version)
		word("places", strings.Join(p.Places, "|"))
		word("store", p.Store)
		word("slug", p.Slug)
		word("target", p.Target)
		for _, d := range p.Integrity {
			word("digest", d.String()[:20])
		}
		word("resolved", p.Resolved)
		if p.Patch != nil {
			word("patch", strings.Join(p.Patch.Files, "|")+"#"+p.Patch.Hash)
		}
		word("os", strings.Join(p.OS, ","))
		word("cpu", strings.Join(p.CPU, ","))
		word("libc", strings.Join(p.Libc, ","))
		flags(&b, p)
		word("bundler", p.Bundler)
		word("bundles", strings.Join(p.Bundles, ","))
		b.WriteByte('\n')
	}
	return b.String()
}

func flags(b *strings.Builder, p Package) {
	for _, f := range []struct {
		name string
		set  bool
	}{{"optional", p.Optional}, {"dev", p.Dev}, {"config", p.Config}, {"bundled", p.Bundled}, {"outside", p.Outside}} {
		if f.set {
			b.WriteString(" " + f.name)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
