package permissions

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

func TestFlags(t *testing.T) {
	used := map[nodejs.Power]bool{nodejs.Worker: true, nodejs.Network: true, nodejs.FSWrite: true, nodejs.Eval: true}
	sources := map[nodejs.Power][]Use{nodejs.Worker: {{Path: "a.js", Line: 1}}}
	for _, c := range []struct {
		major int
		used  map[nodejs.Power]bool
		want  string
	}{
		{22, used, `--permission "--allow-fs-read=/srv/my shop" --allow-fs-write=* --allow-worker`},
		{26, used, `--permission "--allow-fs-read=/srv/my shop" --allow-fs-write=* --allow-worker --allow-net`},
		{22, nil, `--permission "--allow-fs-read=/srv/my shop" --allow-fs-write=* --allow-addons --allow-child-process --allow-wasi --allow-worker`},
		{24, map[nodejs.Power]bool{}, `--permission "--allow-fs-read=/srv/my shop"`},
	} {
		list := Flags(c.major, "/srv/my shop", c.used, sources)
		if got := Options(list); got != c.want {
			t.Errorf("node %d: %s, want %s", c.major, got, c.want)
		}
		for _, f := range list {
			if (f.Reason == "") != (len(f.Uses) > 0 && c.used != nil) {
				t.Errorf("%s: the reason is %q, with %d uses", f, f.Reason, len(f.Uses))
			}
		}
	}
}

func TestUses(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{
		"a.js": `require("vm"); eval(x)`, "b.js": "\n eval(y)", "types.d.ts": `import "vm"`, "data.json": `"vm"`,
		"node_modules/x/x.node": "", "node_modules/x/lib/x.cjs": `eval(z)`,
	}
	list := []string{"gone.js"}
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	got, err := Uses(t.Context(), root, list, map[string]string{"": "app@1", "node_modules/x": "x@2"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[nodejs.Power][]Use{
		nodejs.VM:     {{Path: "a.js", Package: "app@1", Line: 1, Column: 9, Word: "vm"}},
		nodejs.Eval:   {{Path: "a.js", Package: "app@1", Line: 1, Column: 16, Word: "eval"}, {Path: "node_modules/x/lib/x.cjs", Package: "x@2", Line: 1, Column: 1, Word: "eval"}},
		nodejs.Addons: {{Path: "node_modules/x/x.node", Package: "x@2"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
