package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWorkspaces(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		from  string
		root  string
		err   string
	}{
		{name: "npm", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: "packages/a", root: "."},
		{name: "npm, a dotted pattern", files: map[string]string{"package.json": `{"workspaces":["./packages/*/"]}`}, from: "packages/a", root: "."},
		{name: "npm, a plain name", files: map[string]string{"package.json": `{"workspaces":["a"]}`}, from: "a", root: "."},
		{name: "npm, any depth", files: map[string]string{"package.json": `{"workspaces":["packages/**"]}`}, from: "packages/x/y/a", root: "."},
		{name: "npm, too deep", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: "packages/x/a", root: "packages/x/a"},
		{name: "npm, excluded", files: map[string]string{"package.json": `{"workspaces":["packages/*","!packages/a"]}`}, from: "packages/a", root: "packages/a"},
		{name: "npm, excluded and included again", files: map[string]string{"package.json": `{"workspaces":["!packages/a","packages/*"]}`}, from: "packages/a", root: "."},
		{name: "npm, the workspace itself", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: ".", root: "."},
		{name: "npm, not in node_modules", files: map[string]string{"package.json": `{"workspaces":["**"]}`}, from: "node_modules/a", root: "node_modules/a"},
		{name: "yarn 1", files: map[string]string{"package.json": `{"workspaces":{"packages":["packages/*"],"nohoist":[]}}`}, from: "packages/a", root: "."},
		{name: "yarn, within another", files: map[string]string{"package.json": `{"workspaces":["w"]}`, "w/package.json": `{"workspaces":["a"]}`}, from: "w/a", root: "."},
		{name: "pnpm", files: map[string]string{"package.json": `{}`, "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n"}, from: "packages/a", root: "."},
		{name: "pnpm, excluded first", files: map[string]string{"pnpm-workspace.yaml": "packages: ['!**/a', 'packages/**']"}, from: "packages/a", root: "packages/a"},
		{name: "pnpm, settings only", files: map[string]string{"pnpm-workspace.yaml": "onlyBuiltDependencies:\n  - esbuild\n"}, from: "packages/a", root: "packages/a"},
		{name: "no workspace", files: map[string]string{"package.json": `{}`}, from: "packages/a", root: "packages/a"},
		{name: "null", files: map[string]string{"package.json": `{"workspaces":null}`}, from: "a", root: "a"},
		{name: "wrong type", files: map[string]string{"package.json": `{"workspaces":"a"}`}, from: "a", err: "workspaces is not a list of strings"},
		{name: "bad pattern", files: map[string]string{"package.json": `{"workspaces":["a["]}`}, from: "a", err: "which is not a glob pattern"},
		{name: "bad YAML", files: map[string]string{"pnpm-workspace.yaml": "packages: [a"}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "YAML of a wrong type", files: map[string]string{"pnpm-workspace.yaml": "packages: {a: b}"}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "YAML of a wrong item", files: map[string]string{"pnpm-workspace.yaml": "packages: [a, [b]]"}, from: "a", err: "an item that is not a string"},
		{name: "deep YAML", files: map[string]string{"pnpm-workspace.yaml": "packages: " + strings.Repeat("[", 60<<10)}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "broken package.json above", files: map[string]string{"package.json": `{`}, from: "a", err: "is not JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.files[tt.from+"/package.json"] == "" && tt.from != "." {
				tt.files[tt.from+"/package.json"] = "{}"
			}
			dir := tree(t, tt.files)
			p, err := Find(filepath.Join(dir, tt.from))
			if tt.err != "" {
				wantError(t, err, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(dir, tt.root); p.Root != want {
				t.Errorf("root is %s, want %s", p.Root, want)
			}
		})
	}
}

func FuzzWorkspaces(f *testing.F) {
	f.Add("packages: ['packages/*', '!**/test/**']", "packages/a")
	f.Add("packages:\n ! 0\n", "a")
	f.Add("packages:\n  - a\n  - &x b/{c,d}\n  - *x\ncatalog:\n  x: 1", "a/b")
	f.Fuzz(func(t *testing.T, text, rel string) {
		path := filepath.Join(t.TempDir(), "pnpm-workspace.yaml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if patterns, err := pnpmPatterns(path); err == nil {
			isMember(patterns, rel)
		}
	})
}

func TestYAMLList(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
		err        string // part of it; "" for none
	}{
		{name: "nothing"},
		{name: "a comment", text: "# list:\n"},
		{name: "null", text: "~"},
		{name: "a document start alone", text: "---\n"},
		{name: "another key", text: "other: [a]\nsub:\n  list: [b]\n"},
		{name: "no value", text: "list:\n"},
		{name: "empty", text: "list: []\n"},
		{name: "lines", text: "list:\n  - a\n  - 'b'\n  - \"c\\t\"\n", want: []string{"a", "b", "c\t"}},
		{name: "lines, CRLF", text: "list:\r\n- a\r\n- b # c\r\n", want: []string{"a", "b"}},
		{name: "a quoted key", text: `{"list": [a]}`, want: []string{"a"}},
		{name: "a byte order mark", text: "\ufefflist: [a]", want: []string{"a"}},
		{name: "items that are not strings", text: "list: [1, 1.10, true, ~, {a: b}, [c]]", want: []string{"1", "1.10", "true", "", "", ""}},
		{name: "aliases", text: "a: &a x\nb: &b [*a, y]\nlist: *b\n", want: []string{"x", "y"}},
		{name: "an alias to itself", text: "list: &a [*a]", want: []string{""}},
		{name: "document start and end", text: "---\nlist: [a]\n...\n", want: []string{"a"}},
		{name: "two documents", text: "list: [a]\n---\nlist: [b]\n", err: "more than one document"},
		{name: "twice", text: "list: [a]\nlist: [b]\n", err: "line 2: list occurs twice"},
		{name: "a merge key", text: "a: &a {list: [a]}\n<<: *a\n", err: "line 2: merge keys"},
		{name: "a string", text: "list: a", err: "list is not a list"},
		{name: "not a mapping", text: "- list", err: "the top level is not a mapping"},
		{name: "broken", text: "list: [a", err: "not YAML"},
		{name: "no such anchor", text: "list: *a", err: "not YAML"},
		{name: "an invalid tag", text: "a: b\nlist:\n ! 0", err: "list is not a list"},
		{name: "deep", text: "list: " + strings.Repeat("[", 60<<10), err: "not YAML"},
		{name: "large", text: strings.Repeat("#", 256<<10+1), err: "larger than 256 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := YAMLList([]byte(tt.text), "list")
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v does not contain %q", err, tt.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("YAMLList = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
