//go:build unix

package noderesolve

import (
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// browserTests have the tree, the directory and the specifiers of a resolveTest, and what
// import gets for each specifier.
var browserTests = []struct {
	resolveTest
	want string
}{
	{resolveTest{"paths", "", "./a ./a.js ./b ./d ./d/ ./gone ../x ./a.js?x", []string{"a.js", "a.mjs", "b.mjs", "d/index.js"}},
		"a.js a.js b.mjs d/index.js d/index.js failed undetermined undetermined"},
	{resolveTest{"main of a directory", "", "./d", []string{`d/package.json: {"module":"m","main":"n"}`, "d/m.mjs", "d/n.js"}}, "d/m.mjs"},
	{resolveTest{"main fields", "", "p q r s", []string{
		`node_modules/p/package.json: {"browser":"b.js","module":"m.js","main":"n.js"}`, "node_modules/p/b.js", "node_modules/p/m.js",
		`node_modules/q/package.json: {"module":"m.js","main":"n.js"}`, "node_modules/q/m.js", "node_modules/q/n.js",
		`node_modules/r/package.json: {"browser":"gone.js","main":"n"}`, "node_modules/r/n.js",
		"node_modules/s/index.mjs"}},
		"node_modules/p/b.js node_modules/q/m.js node_modules/r/n.js node_modules/s/index.mjs"},
	{resolveTest{"conditions", "", "p p/sub p/none #x", []string{
		`package.json: {"imports":{"#x":{"node":"./n.js","custom":"./c.js"}}}`, "c.js",
		`node_modules/p/package.json: {"browser":"m.js","exports":{".":{"node":"./n.js","module-sync":"./s.js","require":"./r.js","browser":"./b.js","default":"./d.js"},"./sub":{"require":"./r.js","import":"./i.js"}}}`,
		"node_modules/p/m.js", "node_modules/p/n.js", "node_modules/p/b.js", "node_modules/p/i.js", "node_modules/p/s.js", "node_modules/p/none.js"}},
		"node_modules/p/b.js node_modules/p/i.js failed c.js"},
	{resolveTest{"files of a package without exports", "", "p/a p/d p/../q", []string{"node_modules/p/a.js", "node_modules/p/d/index.js", "node_modules/q/index.js"}},
		"node_modules/p/a.js node_modules/p/d/index.js undetermined"},
	{resolveTest{"builtin modules", "", "fs node:fs buffer process/", []string{"node_modules/buffer/index.js", "node_modules/process/index.js"}},
		"node:fs node:fs node_modules/buffer/index.js node_modules/process/index.js"},
	{resolveTest{"replacements", "node_modules/p", "./a ./a.js ./b.js fs q r ./c", []string{
		`node_modules/p/package.json: {"browser":{"./a.js":"./w.js","./b.js":false,"fs":"./f.js","q":"r","r":false,"./c":"./w"}}`,
		"node_modules/p/a.js", "node_modules/p/b.js", "node_modules/p/c.js", "node_modules/p/w.js", "node_modules/p/f.js", "node_modules/q/index.js", "node_modules/r/index.js"}},
		"node_modules/p/w.js node_modules/p/w.js omitted node_modules/p/f.js node_modules/r/index.js omitted node_modules/p/w.js"},
	{resolveTest{"replacement of a main file, from outside", "", "p fs", []string{
		`node_modules/p/package.json: {"main":"n.js","browser":{"./n.js":"./w.js","fs":false}}`, "node_modules/p/n.js", "node_modules/p/w.js"}},
		"node_modules/p/w.js node:fs"},
	{resolveTest{"URLs", "", "/a.js https://x.example/ data:,", []string{"a.js"}}, "undetermined undetermined undetermined"},
	{resolveTest{"links", "", "p", []string{"node_modules/p -> .s/p", "node_modules/.s/p/index.js"}}, "node_modules/.s/p/index.js"},
	{resolveTest{"nothing above the root", "", "p", []string{"a.js"}}, "failed"},
}

func TestBrowser(t *testing.T) {
	for _, test := range browserTests {
		tr, err := tree.Open(writeTree(t, test.files))
		if err != nil {
			t.Fatal(err)
		}
		r := NewBrowser(tr, []string{"custom"})
		var got []string
		for _, s := range strings.Fields(test.specifiers) {
			result, err := r.Resolve(test.dir, s, true)
			if err != nil {
				t.Fatal(err)
			}
			if required, err := r.Resolve(test.dir, s, false); required != failed || err != nil {
				t.Errorf("%s: require(%q) gets %v, %v", test.name, s, required, err)
			}
			if result.Outcome == Omitted {
				got = append(got, "omitted")
			} else {
				got = append(got, format(result))
			}
		}
		if err := tr.Close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s:\ngot:  %s\nwant: %s", test.name, got, test.want)
		}
	}
}
