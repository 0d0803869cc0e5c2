package lockfile

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/registry"
	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// omitProject are the files of a project that has every kind of dependency.
var omitProject = map[string]string{
	"package.json": `{"name": "shop", "version": "1.0.0", "private": true, "workspaces": ["w"],
"dependencies": {"prod": "1.0.0", "dup": "1.0.0", "dup-opt": "1.0.0"},
"optionalDependencies": {"opt": "1.0.0", "dup-opt": "1.0.0", "mac": "1.0.0", "dev-opt": "1.0.0"},
"devDependencies": {"tool": "1.0.0", "dup": "1.0.0", "peer": "1.0.0", "opt-peer": "1.0.0", "al": "npm:real@1.0.0", "local": "file:./local", "dev-peer": "1.0.0"},
"peerDependencies": {"root-peer": "1.0.0", "dev-peer": "1.0.0"}}`,
	"local/package.json":  `{"name": "local", "version": "1.0.0", "dependencies": {"local-dep": "1.0.0"}}`,
	"w/package.json":      `{"name": "w", "version": "1.0.0", "dependencies": {"w-dep": "1.0.0", "prod-dep": "2.0.0"}, "devDependencies": {"w-dev": "1.0.0", "w-both": "1.0.0"}, "optionalDependencies": {"w-opt": "1.0.0"}}`,
	"pnpm-workspace.yaml": "packages: [w]\n",
}

// omitPackages are the packages that it depends on: "name@version" and the members of
// package.json.
var omitPackages = map[string]string{
	"prod@1.0.0":         `"dependencies": {"prod-dep": "1.0.0"}, "optionalDependencies": {"prod-opt": "1.0.0"}, "peerDependencies": {"peer": "1.0.0", "opt-peer": "1.0.0"}, "peerDependenciesMeta": {"opt-peer": {"optional": true}}`,
	"prod-dep@1.0.0":     ``,
	"prod-dep@2.0.0":     ``,
	"prod-dep@3.0.0":     ``,
	"prod-opt@1.0.0":     `"dependencies": {"prod-opt-dep": "1.0.0"}`,
	"prod-opt-dep@1.0.0": ``,
	"dup@1.0.0":          ``,
	"dup-opt@1.0.0":      ``,
	"opt@1.0.0":          `"dependencies": {"opt-dep": "1.0.0", "both": "1.0.0"}`,
	"opt-dep@1.0.0":      ``,
	"both@1.0.0":         `"dependencies": {"both-dep": "1.0.0"}`,
	"both-dep@1.0.0":     ``,
	"mac@1.0.0":          `"os": ["darwin"], "dependencies": {"mac-dep": "1.0.0"}`,
	"mac-dep@1.0.0":      ``,
	"dev-opt@1.0.0":      ``,
	"tool@1.0.0":         `"dependencies": {"tool-dep": "1.0.0", "both": "1.0.0", "prod-dep": "3.0.0", "dev-opt": "1.0.0", "w-both": "1.0.0"}, "optionalDependencies": {"tool-opt": "1.0.0"}`,
	"tool-dep@1.0.0":     `"peerDependencies": {"tool-peer": "1.0.0"}`,
	"tool-peer@1.0.0":    ``,
	"tool-opt@1.0.0":     ``,
	"peer@1.0.0":         `"dependencies": {"peer-dep": "1.0.0"}`,
	"peer-dep@1.0.0":     ``,
	"opt-peer@1.0.0":     ``,
	"dev-peer@1.0.0":     ``,
	"root-peer@1.0.0":    ``,
	"real@1.0.0":         ``,
	"local-dep@1.0.0":    ``,
	"w-dep@1.0.0":        ``,
	"w-dev@1.0.0":        ``,
	"w-both@1.0.0":       ``,
	"w-opt@1.0.0":        ``,
}

// omitModes are the ways to install: with everything, and without one or both groups.
var omitModes = []struct {
	name          string
	dev, optional bool // whether they are left out
	args          map[string]string
}{
	{"full", false, false, map[string]string{
		"npm": "ci", "pnpm": "install --frozen-lockfile", "yarn1": "install --frozen-lockfile", "berry": "install --immutable", "bun": "install --frozen-lockfile",
	}},
	{"production", true, false, map[string]string{
		"npm": "ci --omit=dev", "pnpm": "install --frozen-lockfile --prod", "yarn1": "install --frozen-lockfile --production", "berry": "workspaces focus --all --production", "bun": "install --frozen-lockfile --production",
	}},
	{"required", false, true, map[string]string{
		"npm": "ci --omit=optional", "pnpm": "install --frozen-lockfile --no-optional", "yarn1": "install --frozen-lockfile --ignore-optional", "bun": "install --frozen-lockfile --omit=optional",
	}},
	{"least", true, true, map[string]string{
		"npm": "ci --omit=dev --omit=optional", "pnpm": "install --frozen-lockfile --prod --no-optional", "yarn1": "install --frozen-lockfile --production --ignore-optional", "bun": "install --frozen-lockfile --production --omit=optional",
	}},
}

// keptPeers are packages that yarn 1 installs without devDependencies, because others
// have them as peers. Its lockfile does not record peers.
var keptPeers = []string{"dev-peer", "opt-peer", "peer", "peer-dep"}

// TestOmit compares the conditions with what the package managers leave out. The
// lockfiles and the lists of installed packages are in testdata/omit; -update runs the
// package managers again.
func TestOmit(t *testing.T) {
	for _, m := range testenv.Managers {
		t.Run(m.Name, func(t *testing.T) {
			dir := filepath.Join("testdata", "omit", strings.ReplaceAll(m.Name, " ", ""))
			if *update {
				recordOmit(t, m, dir)
			}
			locks, err := filepath.Glob(filepath.Join(dir, "*lock*"))
			if err != nil || len(locks) != 1 {
				t.Fatalf("%s has the lockfiles %v", dir, locks)
			}
			l := parseFile(t, locks[0], Options{})
			manifests := make(map[string][]byte)
			for _, dir := range []string{".", "w"} {
				manifests[dir] = []byte(omitProject[strings.TrimPrefix(dir+"/package.json", "./")])
			}
			if err := l.Require(manifests); err != nil {
				t.Fatal(err)
			}
			for _, mode := range omitModes {
				if _, ok := mode.args[m.Family]; ok {
					checkOmit(t, l, filepath.Join(dir, mode.name+".txt"), mode.dev, mode.optional)
					if m.Family == "pnpm" {
						checkLinks(t, l, filepath.Join(dir, mode.name+".txt"), mode.dev, mode.optional)
					}
				}
			}
			golden(t, filepath.Join(dir, "conditions.txt"), strings.Join(conditionsOf(l), "\n")+"\n")
		})
	}
}

// checkOmit compares the conditions with the installed packages in one file.
func checkOmit(t *testing.T, l *Lock, path string, noDev, noOptional bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	installed := strings.Fields(string(text))
	for i := range l.Packages {
		p := &l.Packages[i]
		present := slices.Contains(installed, p.String())
		switch {
		case p.Kind == Link && len(p.Places) == 1 && l.Manager != manager.Bun: // which does not link members by default
			present = slices.Contains(installed, "link:"+p.Places[0])
		case p.Kind != Registry:
			continue
		}
		switch {
		case present && l.Manager == manager.YarnClassic && slices.Contains(keptPeers, p.Name):
		case present && (noDev && p.Dev && !p.Optional || noOptional && p.Optional && !p.Dev):
			t.Errorf("%s: %s is installed, but has dev %v optional %v", path, p, p.Dev, p.Optional)
		case !present && !p.Dev && !p.Optional:
			t.Errorf("%s: %s is required, but not installed", path, p)
		case !present && !noDev && !noOptional && !strings.HasPrefix(p.Name, "mac"):
			t.Errorf("%s: %s is not installed", path, p)
		}
	}
}

// checkLinks checks that each link of an installation of pnpm is a dependency in the
// graph, except those of hoisting.
func checkLinks(t *testing.T, l *Lock, path string, noDev, noOptional bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	links := make(map[string]bool)
	for word := range strings.FieldsSeq(string(text)) {
		if link, ok := strings.CutPrefix(word, "link:"); ok && !strings.HasPrefix(link, "node_modules/.pnpm/node_modules/") {
			links[link] = true
		}
	}
	if len(links) < 5 {
		t.Errorf("%s has only %d links", path, len(links))
	}
	for _, e := range l.Edges {
		from := &l.Packages[e.From]
		for _, place := range from.Places {
			modules := join(place, "node_modules")
			if from.Kind != Member {
				modules = strings.TrimSuffix(place, "/"+from.Alias) // A/node_modules/A
			}
			link := modules + "/" + e.Name
			if links[link] && (noDev && e.Kind == Dev || noOptional && e.Kind == Optional) {
				t.Errorf("%s: %s is %s", path, link, e.Kind)
			}
			delete(links, link)
		}
	}
	for link := range links {
		t.Errorf("%s: %s is no dependency", path, link)
	}
}

// recordOmit installs the project in every way.
func recordOmit(t *testing.T, m testenv.Manager, dir string) {
	var packages []registry.Package
	for id, members := range omitPackages {
		name, version, _ := split(id)
		if members != "" {
			members = ", " + members
		}
		packages = append(packages, registry.Package{Files: map[string]string{
			"package.json": `{"name": "` + name + `", "version": "` + version + `"` + members + "}", "index.js": "",
		}})
	}
	url := registry.Serve(t, packages...).URL
	first := t.TempDir()
	runOmit(t, m, first, url, "install")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	name, text, err := Read(first)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range omitModes {
		args, ok := mode.args[m.Family]
		if !ok {
			continue
		}
		at := t.TempDir()
		if err := os.WriteFile(filepath.Join(at, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
		runOmit(t, m, at, url, args)
		installed := strings.Join(installedIn(t, at), "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, mode.name+".txt"), []byte(installed), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	kept := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).ReplaceAll(text, []byte("https://registry.example/"))
	if err := os.WriteFile(filepath.Join(dir, name), kept, 0o666); err != nil {
		t.Fatal(err)
	}
}

// runOmit writes the project to a directory and runs the package manager there.
func runOmit(t *testing.T, m testenv.Manager, dir, url, args string) {
	t.Helper()
	for name, text := range omitProject {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	words := append(m.Command(t), strings.Fields(args)...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Env = dir, m.Env(t, t.TempDir(), url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(words, " "), err, out)
	}
}

// installedIn returns name@version of every package below dir, and link:PLACE of every
// link, sorted.
func installedIn(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type() == fs.ModeSymlink && !strings.Contains(path, "/.bin/") {
			found = append(found, "link:"+filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator))))
		}
		if err != nil || d.Name() != "package.json" || !strings.Contains(path, "node_modules") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var pkg struct{ Name, Version string }
		if err := json.Unmarshal(text, &pkg); err != nil {
			return err
		}
		found = append(found, pkg.Name+"@"+pkg.Version)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
