//go:build unix

package integrity_test

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

var levels = []integrity.Coverage{integrity.Graph, integrity.Packages, integrity.Dependencies, integrity.Tree}

// triedLevels returns the levels for tests that try each. Outside CI these are the
// lowest and the highest.
func triedLevels() []integrity.Coverage {
	if testenv.Thorough() {
		return levels
	}
	return []integrity.Coverage{levels[0], levels[len(levels)-1]}
}

// A layout is the way a package manager puts the same packages on the disk.
type layout struct {
	name  string
	where map[string]string // the directory of each package
	links map[string]string
}

var layouts = []layout{
	{
		name: "npm",
		where: map[string]string{
			"dep": "node_modules/dep", "sub": "node_modules/sub", "esm": "node_modules/esm",
			"addon": "node_modules/addon", "lazy": "node_modules/lazy", "unused": "node_modules/unused",
		},
	},
	{
		name: "pnpm",
		where: map[string]string{
			"dep": "node_modules/.pnpm/dep@1.0.0/node_modules/dep", "sub": "node_modules/.pnpm/sub@1.0.0/node_modules/sub",
			"esm": "node_modules/.pnpm/esm@1.0.0/node_modules/esm", "addon": "node_modules/.pnpm/addon@1.0.0/node_modules/addon",
			"lazy": "node_modules/.pnpm/lazy@1.0.0/node_modules/lazy", "unused": "node_modules/.pnpm/unused@1.0.0/node_modules/unused",
		},
		links: map[string]string{
			"node_modules/dep":   ".pnpm/dep@1.0.0/node_modules/dep",
			"node_modules/esm":   ".pnpm/esm@1.0.0/node_modules/esm",
			"node_modules/addon": ".pnpm/addon@1.0.0/node_modules/addon",
			"node_modules/.pnpm/dep@1.0.0/node_modules/sub":  "../../sub@1.0.0/node_modules/sub",
			"node_modules/.pnpm/dep@1.0.0/node_modules/lazy": "../../lazy@1.0.0/node_modules/lazy",
		},
	},
}

// program is the made-up project. A name with a colon is a package's file.
// Nothing reaches dep:lib/unreached.js, nor the package unused; only dep's
// package.json names lazy.
var program = map[string]string{
	"package.json":           `{"name":"app","version":"1.0.0","main":"app.js","imports":{"#conf":"./conf.js"},"dependencies":{"dep":"1","esm":"1","addon":"1"}}`,
	"app.js":                 `require('./lib/util'); require('#conf'); require('dep'); require('./thing'); require('./plain'); import('esm'); require('addon');`,
	"conf.js":                `module.exports = 'conf';`,
	"lib/util.js":            `exports.util = () => 'util';`,
	"thing/index.js":         `module.exports = 'thing';`,
	"plain.js":               `module.exports = 'plain';`,
	"README.md":              "# app\n",
	"dep:package.json":       `{"name":"dep","version":"1.0.0","main":"./lib/main","dependencies":{"sub":"1","lazy":"1"}}`,
	"dep:lib/main.js":        `exports.sub = require('sub'); exports.data = require('../data.json');`,
	"dep:lib/unreached.js":   `module.exports = 'unreached';`,
	"dep:data.json":          `{"n": 1}`,
	"dep:README.md":          "# dep\n",
	"sub:package.json":       `{"name":"sub","version":"1.0.0"}`,
	"sub:index.js":           `module.exports = 'sub';`,
	"esm:package.json":       `{"name":"esm","version":"1.0.0","type":"module","exports":{"node":"./node.js","default":"./other.js"},"imports":{"#in":"./in.js"}}`,
	"esm:node.js":            `import '#in'; export default 'node';`,
	"esm:in.js":              `export default 'in';`,
	"esm:other.js":           `export default 'other';`,
	"addon:package.json":     `{"name":"addon","version":"1.0.0","main":"build/addon.node"}`,
	"addon:build/addon.node": "\x7fELF not really\x00",
	"lazy:package.json":      `{"name":"lazy","version":"1.0.0"}`,
	"lazy:index.js":          `module.exports = 'lazy';`,
	"unused:package.json":    `{"name":"unused","version":"6.6.6"}`,
	"unused:index.js":        `module.exports = 'unused';`,
}

// path returns the path of a name of program, relative to the project.
func (l layout) path(name string) string {
	if pkg, file, ok := strings.Cut(name, ":"); ok {
		return path.Join(l.where[pkg], file)
	}
	return name
}

// A site is one copy of the program on the disk.
type site struct {
	t   *testing.T
	dir string
	layout
}

func build(t *testing.T, l layout) *site {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t, dir, l}
	for name, text := range program {
		s.write(name, text)
	}
	for link, target := range l.links {
		s.link(link, target)
	}
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) at(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(s.path(name)))
}

func (s *site) write(name, text string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.at(name)), 0o777))
	s.must(os.WriteFile(s.at(name), []byte(text), 0o666))
}

func (s *site) edit(name, old, new string) {
	s.t.Helper()
	data, err := os.ReadFile(s.at(name))
	s.must(err)
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		s.t.Fatalf("%s does not hold %q", name, old)
	}
	s.must(os.WriteFile(s.at(name), []byte(text), 0o666))
}

func (s *site) remove(name string) {
	s.t.Helper()
	s.must(os.RemoveAll(s.at(name)))
}

func (s *site) rename(from, to string) {
	s.t.Helper()
	s.must(os.Rename(s.at(from), s.at(to)))
}

func (s *site) link(name, target string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.at(name)), 0o777))
	s.must(os.Symlink(filepath.FromSlash(target), s.at(name)))
}

func (s *site) mapFile() string { return filepath.Join(s.dir, integrity.MapName) }

func (s *site) generate(c integrity.Coverage) []byte {
	s.t.Helper()
	p, err := project.Find(s.dir)
	s.must(err)
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: c})
	s.must(err)
	s.must(integrity.Write(g))
	return g.Text
}

func (s *site) verify() (*integrity.Report, error) {
	s.t.Helper()
	p, err := project.Locate(s.dir, integrity.MapName)
	s.must(err)
	return integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
}

// quick lists the maps that [eachMap] tests outside CI. The mutants need them.
var quick = []string{"npm/graph", "npm/dependencies", "pnpm/dependencies", "npm/tree"}

// eachMap calls f for every layout and level, with the map that generate writes.
func eachMap(t *testing.T, f func(t *testing.T, l layout, c integrity.Coverage, text []byte)) {
	for _, l := range layouts {
		for _, c := range levels {
			name := l.name + "/" + string(c)
			if !testenv.Thorough() && !slices.Contains(quick, name) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f(t, l, c, build(t, l).generate(c))
			})
		}
	}
}
