package shadow

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// searchTests lay out a tree in which only the files of pinned are in the map.
// An entry of added or want that ends with "/" is a directory, and "a -> b" is a
// link.
var searchTests = []struct {
	name     string
	coverage mapfile.Coverage
	pinned   []string
	links    []string
	packages []string // besides those of the pinned files in node_modules
	absent   []string
	include  []string
	exclude  []string
	added    []string
	want     []string // reason, path and what Node would load instead
}{
	{name: "nothing added", coverage: mapfile.Tree, pinned: []string{"app.js", "lib/a.js"}},
	{name: "manifest on the path", coverage: mapfile.Graph, pinned: []string{"lib/a.js"},
		added: []string{"lib/package.json", "other/package.json"}, want: []string{"manifest lib/package.json"}},
	{name: "no extension before .js", coverage: mapfile.Graph, pinned: []string{"lib/a.js"},
		added: []string{"lib/a"}, want: []string{"precedes lib/a lib/a.js"}},
	{name: ".js before .json", coverage: mapfile.Graph, pinned: []string{"a.json"},
		added: []string{"a.js", "a.node"}, want: []string{"precedes a.js a.json"}},
	{name: "a file before a directory", coverage: mapfile.Graph, pinned: []string{"lib/index.js"},
		added: []string{"lib.js"}, want: []string{"precedes lib.js lib"}},
	{name: "a requested file", coverage: mapfile.Graph, pinned: []string{"a.js"}, absent: []string{"./local"},
		added: []string{"local.json"}, want: []string{"requested local.json"}},
	{name: "a requested directory", coverage: mapfile.Graph, pinned: []string{"a.js"}, absent: []string{"./local"},
		added: []string{"local/index.js"}, want: []string{"requested local/"}},
	{name: "a requested package", coverage: mapfile.Graph, pinned: []string{"a.js"}, absent: []string{"opt", "@s/opt"},
		added: []string{"node_modules/opt/index.js", "node_modules/@s/opt/index.js", "node_modules/other/index.js"},
		want:  []string{"nearer node_modules/@s/opt/", "nearer node_modules/opt/"}},
	{name: "a nearer package", coverage: mapfile.Graph, pinned: []string{"lib/a.js", "node_modules/dep/index.js"},
		added: []string{"lib/node_modules/dep/index.js"}, want: []string{"nearer lib/node_modules/dep/ node_modules/dep"}},
	{name: "a package above all of its name", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/a/index.js", "node_modules/a/node_modules/x/index.js", "node_modules/a/node_modules/@s/x/index.js"},
		added: []string{"node_modules/x/index.js", "node_modules/x.js", "node_modules/@s/x/index.js"}},
	{name: "a package between two of its name", coverage: mapfile.Graph,
		pinned: []string{"node_modules/x/index.js", "node_modules/a/b/c.js", "node_modules/a/b/node_modules/x/index.js"},
		added:  []string{"node_modules/a/node_modules/x/index.js"}, want: []string{"nearer node_modules/a/node_modules/x/ node_modules/x"}},
	{name: "a package above all, requested elsewhere in vain", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/a/node_modules/x/index.js"}, absent: []string{"x"},
		added: []string{"node_modules/x/index.js"}, want: []string{"nearer node_modules/x/"}},
	{name: "a package above a link", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/.pnpm/x@1/node_modules/x/index.js"},
		links: []string{"node_modules/.pnpm/a@1/node_modules/x -> ../../x@1/node_modules/x"},
		added: []string{"node_modules/x/index.js", "node_modules/.pnpm/node_modules/x/index.js"}},
	{name: "a package nearer than a link", coverage: mapfile.Graph, pinned: []string{"lib/a.js", "packages/x/index.js"},
		links: []string{"node_modules/x -> ../packages/x"},
		added: []string{"lib/node_modules/x/index.js"}, want: []string{"nearer lib/node_modules/x/ node_modules/x"}},
	{name: "a package nearer than one in the target of a link", coverage: mapfile.Graph, pinned: []string{"lib/a.js", "shared/x/index.js", "shared/@s/y/index.js", "shared/z.js"},
		links: []string{"node_modules -> shared"}, packages: []string{"shared/x", "shared/@s/y"},
		added: []string{"lib/node_modules/x/index.js", "lib/node_modules/@s/y/index.js", "lib/node_modules/z/index.js"},
		want:  []string{"nearer lib/node_modules/@s/y/ shared/@s/y", "nearer lib/node_modules/x/ shared/x", "nearer lib/node_modules/z/ shared/z.js"}},
	{name: "a package nearer than one in the target of a scope's link", coverage: mapfile.Graph, pinned: []string{"lib/a.js", "packages/x/index.js"},
		links: []string{"node_modules/@s -> ../packages"}, packages: []string{"packages/x"},
		added: []string{"lib/node_modules/@s/x/index.js"}, want: []string{"nearer lib/node_modules/@s/x/ node_modules/@s"}},
	{name: "a file in the place of a scope", coverage: mapfile.Graph, pinned: []string{"lib/a.js", "node_modules/@s/x/index.js"},
		added: []string{"lib/node_modules/@s", "lib/node_modules/@t"}, want: []string{"nearer lib/node_modules/@s node_modules/@s/x"}},
	{name: "a file before a package", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/x/index.js"},
		added: []string{"node_modules/x.js"}, want: []string{"nearer node_modules/x.js node_modules/x"}},
	{name: "a package and a file after a file", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/x.js"},
		added: []string{"node_modules/x/index.js", "node_modules/x.json"}},
	{name: "covered in a package", coverage: mapfile.Packages, pinned: []string{"a.js", "node_modules/dep/index.js"},
		added: []string{"node_modules/dep/new.js", "node_modules/dep/readme.md", "node_modules/dep/.git/x.js"},
		want:  []string{"covered node_modules/dep/.git/x.js", "covered node_modules/dep/new.js"}},
	{name: "not covered by the graph", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/dep/index.js"},
		added: []string{"node_modules/dep/new.js"}},
	{name: "any file of the tree", coverage: mapfile.Tree, pinned: []string{"a.js"},
		added: []string{"readme.md", "sub/x -> ../a.js", ".git/config"}, want: []string{"covered readme.md", "covered sub/x"}},
	{name: "the target of a link", coverage: mapfile.Graph, pinned: []string{"a.js"}, links: []string{"x -> lib/real", "y -> gone/../a.js"}, absent: []string{"./lib/real", "./lib/real/x", "./gone", "./none"},
		added: []string{"lib/real/readme", "gone/readme", "none/readme"}, want: []string{"requested gone/", "requested lib/real/"}},
	{name: "below the target of a link", coverage: mapfile.Graph, pinned: []string{"a.js"}, links: []string{"out -> ../../real"}, absent: []string{"./real"},
		added: []string{"real/readme"}},
	{name: "in .bin", coverage: mapfile.Graph, pinned: []string{"a.js", "node_modules/p/cli.js"}, links: []string{"node_modules/.bin/p -> ../p/cli.js", "node_modules/.bin/q.js -> ../p/cli.js"},
		added: []string{"node_modules/.bin/q", "node_modules/.bin/p.js", "node_modules/.bin/package.json"}},
	{name: "version control below the root", coverage: mapfile.Tree, pinned: []string{"a.js"}, include: []string{"lib/.hg/*"},
		added: []string{"lib/.git/x.js", "lib/.git/HEAD", "lib/.git/hooks/y.so.1", "lib/.git/l -> HEAD", "lib/.hg/z", "lib/.svn"}, want: []string{"covered lib/.git/hooks/y.so.1", "covered lib/.git/l", "covered lib/.git/x.js"}},
	{name: "never pinned", coverage: mapfile.Tree, pinned: []string{"a.js", "b/c.js"}, include: []string{".hg/**", "**/.vite/**"},
		added: []string{".git/x.js", ".hg/x.js", "b/.git", "b/.vite/x.js", "node_modules/.cache/x.js", ".importmap.json.12.tmp", ".other.json.12.tmp"},
		want:  []string{"covered .other.json.12.tmp"}},
	{name: "beside a pinned file of a cache", coverage: mapfile.Tree, pinned: []string{".turbo/x.js"},
		added: []string{".turbo/x", ".turbo/y.js", ".turbo/package.json"}, want: []string{"manifest .turbo/package.json", "precedes .turbo/x .turbo/x.js"}},
	{name: "excluded", coverage: mapfile.Tree, pinned: []string{"a.js"}, exclude: []string{"logs/"},
		added: []string{"logs/x.js"}},
	{name: "exclude does not hide what is requested", coverage: mapfile.Graph, pinned: []string{"a.js"}, exclude: []string{"lib/"}, absent: []string{"./lib/x"},
		added: []string{"lib/x.js"}, want: []string{"requested lib/x.js"}},
	{name: "included", coverage: mapfile.Graph, pinned: []string{"a.js"}, include: []string{"views/**"},
		added: []string{"views/x.html", "b.html"}, want: []string{"included views/x.html"}},
	{name: "nodeint's own map", coverage: mapfile.Tree, pinned: []string{"a.js"}, added: []string{"importmap.json"}},
}

func TestSearch(t *testing.T) {
	for _, tt := range searchTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr := writeTree(t, slices.Concat(tt.links, tt.pinned, tt.added))
			m := &mapfile.Map{Coverage: tt.coverage, Include: tt.include, Exclude: tt.exclude, Absent: tt.absent,
				Files: make(map[string]string), Links: make(map[string]string), Packages: map[string]mapfile.Package{"": {}}}
			for _, f := range tt.pinned {
				m.Files[f] = "sha256-"
				if dir, ok := mapfile.InstalledDir(f); ok {
					m.Packages[dir] = mapfile.Package{}
				}
			}
			for _, dir := range tt.packages {
				m.Packages[dir] = mapfile.Package{}
			}
			for _, l := range tt.links {
				link, target, _ := strings.Cut(l, " -> ")
				m.Links[link] = target
			}
			if tt.coverage == mapfile.Packages {
				delete(m.Packages, "") // the project's own files are not in question here
			}
			s, err := NewSearch(tr, m, map[string]bool{"importmap.json": true})
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, describe(f))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// describe returns the reason, the path and what Node would load instead.
func describe(f File) string {
	names := []string{"manifest", "precedes", "requested", "nearer", "covered", "included"}
	p := f.Path
	if f.Kind == tree.Directory {
		p += "/"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", names[f.Reason], p, f.Instead))
}

func writeTree(t *testing.T, entries []string) *tree.Tree {
	t.Helper()
	dir := t.TempDir()
	for _, e := range entries {
		name, target, isLink := strings.Cut(e, " -> ")
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil && isLink {
			err = os.Symlink(target, path)
		} else if err == nil {
			err = os.WriteFile(path, nil, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// Every reason has a sentence of its own.
func TestDetail(t *testing.T) {
	seen := make(map[string]bool)
	for r := Manifest; r <= Included; r++ {
		detail := File{Reason: r, Instead: "x.js"}.Detail()
		if detail == "" || seen[detail] {
			t.Errorf("reason %d: %q", r, detail)
		}
		seen[detail] = true
	}
}
