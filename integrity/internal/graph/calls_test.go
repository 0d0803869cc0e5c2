package graph

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// loadingForms are calls that load, of every form, with names that exist, that do not exist,
// and that are not known.
var loadingForms = []string{
	"require('./b')", "require('./none')", "require(x)", "require(__dirname + '/b')", "require(__dirname + 'b')",
	"require(__filename + '/../b')", "require('./l/' + x)", "require(new URL('./b.js', 'file:///'))", "require('')",
	"require.resolve('./b')", "require.resolve(x)", "require.resolve('b', { paths: [x] })", "module.require('./b')", "module.require(x)",
	"var require; require('./b')", "var require; require(x)", "var require = require || x; require('./b')",
	"(function (r) { r('./b'); r(x) })(require)", "(function () { arguments[0]('./b') })(require)", "arguments[1]('./b')",
	"require('module').createRequire(__filename)('./b')", "require('module').createRequire(x)('./b')",
	"require('module')._load('./b', module)", "require('module')._load(x)", "new (require('module'))().load(__dirname + '/b.js')",
	"require.cache[x].require('./b')", "module.children[0].require(x)", "require.extensions['.js'](module, __dirname + '/b.js')",
	"import('./b.js')", "import(x)", "import('./l/' + x)", "import(__dirname + 'b')", "import('data:text/javascript,1')",
	"import(new URL('./b.js', import.meta.url))", "import.meta.resolve('./b.js')", "import.meta.resolve(x)",
	"new (require('worker_threads').Worker)('./b.js')", "new (require('worker_threads').Worker)(x)",
	"new (require('worker_threads').Worker)(__filename + 'b')", "new (require('worker_threads').Worker)('require(1)', { eval: true })",
	"new (require('worker_threads').Worker)('./b.js', x)", "new (require('worker_threads').Worker)('./b.js', { execArgv: x })",
	"require('child_process').fork('./b.js')", "require('child_process').fork(x)", "require('child_process').fork('b.js', [], { cwd: x })",
	"require('child_process').fork('./b.js', [], { execArgv: ['--import', x] })",
	"require('child_process').spawn(process.execPath, ['b.js'])", "require('child_process').spawn(process.execPath, [x])",
	"require('child_process').spawn(x, ['b.js'])", "require('child_process').spawn('node', ['--env-file=.env', 'b.js'])",
	"require('child_process').execFileSync(process.argv[0], ['b.js'], { cwd: x })", "require('child_process').exec('node b.js')",
	"require('cluster').setupPrimary({ exec: x })", "require('cluster').setupPrimary(x)",
	"process.dlopen(module, x)", "process.dlopen(module, __dirname + 'b')",
	"require('module').register('./b.js', x)", "require('module').register(x)",
}

// TestCallsEnd checks that every call that loads ends: as an edge of the graph, as a gap at
// its place, or as a name that resolves to nothing.
func TestCallsEnd(t *testing.T) {
	for _, form := range loadingForms {
		t.Run(form, func(t *testing.T) {
			// A module with nothing but literals is not scanned.
			files := map[string]string{"a.js": "use(__dirname);\n" + form, "b.js": "", "l/c.js": ""}
			if n := checkCalls(t, files); n == 0 {
				t.Error("neither a call nor a gap")
			}
		})
	}
}

// TestCallsEndInProjects does the same for the projects of fixtures/fidelity.
func TestCallsEndInProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many projects")
	}
	projects, err := filepath.Glob("../../../fixtures/fidelity/*.txtar")
	if err != nil || len(projects) < 100 {
		t.Fatalf("%d projects: %v", len(projects), err)
	}
	n := 0
	for _, project := range projects {
		t.Run(strings.TrimSuffix(filepath.Base(project), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(project)
			if err != nil {
				t.Fatal(err)
			}
			files := make(map[string]string)
			for _, f := range archive.Files {
				files[f.Name] = string(f.Data)
			}
			n += checkCalls(t, files)
		})
	}
	if n < 100 {
		t.Errorf("%d calls", n)
	}
}

// checkCalls checks the calls in files, all of which are entries. It returns the number of
// calls and gaps.
func checkCalls(t *testing.T, files map[string]string) int {
	t.Helper()
	root := lay(t, files)
	var entries []string
	for name := range files {
		if slices.Contains([]string{".js", ".mjs", ".cjs"}, filepath.Ext(name)) {
			entries = append(entries, name)
		}
	}
	if len(entries) == 0 {
		return 0
	}
	g, err := discover(t, root, entries...)
	if err != nil {
		t.Fatal(err)
	}
	n := len(g.Gaps)
	for _, name := range entries {
		found := jsscan.Scan([]byte(files[name]))
		for _, c := range found.Calls {
			n++
			if lost := lostCall(g, filepath.Join(root, filepath.Dir(name)), name, c, found); lost != "" {
				t.Errorf("%s:%d:%d: %s: %s", name, c.Line, c.Column+1, files[name][c.Start:c.End], lost)
			}
		}
	}
	return n
}

// lostCall returns why the call c of the module name ends nowhere, or "".
func lostCall(g *Graph, dir, name string, c jsscan.Call, found jsscan.Result) string {
	hasGap := slices.ContainsFunc(g.Gaps, func(gap problem.Gap) bool {
		return gap.Path == name && gap.Line >= c.Line && (gap.Line > c.Line || gap.Column > c.Column && gap.Column <= c.Column+1+c.End-c.Start)
	})
	hasEdge := func(specifier string) bool {
		return nodejs.IsBuiltin(specifier) || slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.Specifier == specifier })
	}
	switch c.Outcome {
	case jsscan.Nothing:
		return ""
	case jsscan.Unknown:
		if !hasGap {
			return "no gap"
		}
	case jsscan.Esbuild:
		if !hasGap && !hasEdge(c.Literal) {
			return fmt.Sprintf("esbuild reports neither an import of %q nor a gap", c.Literal)
		}
	case jsscan.Named:
		for _, s := range found.Specifiers {
			switch {
			case s.Place != c.Place || s.Optional || s.Kind == jsscan.Pattern:
			case s.Kind == jsscan.File && !hasEdge(filepath.Join(dir, s.Text)):
				return "no edge to the file " + s.Text
			case (s.Kind == jsscan.Require || s.Kind == jsscan.Import) && !hasEdge(s.Text):
				return "no edge to " + s.Text
			}
		}
	default:
		return "it has no outcome"
	}
	return ""
}
