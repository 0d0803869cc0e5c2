package project

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// npmrcTexts are texts of .npmrc and the node-options in them.
var npmrcTexts = []struct{ text, want string }{
	{"", ""},
	{"node-options=-C a", "-C a"},
	{" node-options = --conditions=a ; b\n", "--conditions=a"},
	{"node-options=\"-C 'a b' # c\"\n", "-C 'a b' # c"},
	{`node-options="-C \"a\""`, `-C "a"`},
	{"node-options='-C a'", "-C a"},
	{"; node-options=-C a\n#node-options=-C b\n", ""},
	{"node-options=-C a\nnode-options=-C b\r\n", "-C b"},
	{"[section]\nnode-options=-C a", ""},
	{"node-options-x=1\nnode-options=${X}", "${X}"},
	{"node-options", ""},
	{`node-options="`, `"`},
}

func TestNpmrcOptions(t *testing.T) {
	for _, tt := range npmrcTexts {
		if got, err := npmrcOptions([]byte(tt.text)); got != tt.want || err != nil {
			t.Errorf("%q: %q (%v), want %q", tt.text, got, err, tt.want)
		}
	}
}

func FuzzNpmrcOptions(f *testing.F) {
	for _, tt := range npmrcTexts {
		f.Add([]byte(tt.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if options, err := npmrcOptions(text); err != nil || options != "" && !strings.Contains(string(text), "node-options") {
			t.Errorf("%q: %q (%v)", text, options, err)
		}
	})
}

// What the start of node decides, in a workspace with settings of package managers.
func TestStartOf(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		start string
		want  *Start // paths are relative to the directory of the test
	}{
		"flags": {start: "node -C b -C a -r ./x.js app.js", want: &Start{
			Entries: []string{"p/x.js", "p/app.js"}, Conditions: []string{"a", "b"}}},
		"npmrc": {start: "node app.js", files: map[string]string{".npmrc": "node-options=-C a"}, want: &Start{
			Entries: []string{"p/app.js"}, Conditions: []string{"a"}, Files: []string{".npmrc"}}},
		"the member's npmrc": {start: "node app.js", files: map[string]string{".npmrc": "node-options=-C a", "p/.npmrc": "node-options=-C b"}, want: &Start{
			Entries: []string{"p/app.js"}, Conditions: []string{"b"}, Files: []string{"p/.npmrc"}}},
		"pnpm": {start: "node app.js", files: map[string]string{"pnpm-workspace.yaml": "packages: [p]\nnodeOptions: -C a"}, want: &Start{
			Entries: []string{"p/app.js"}, Conditions: []string{"a"}, Files: []string{"pnpm-workspace.yaml"}}},
		"package map of pnpm": {start: "node app.js", files: map[string]string{"node_modules/.package-map.json": "{}", "pnpm-lock.yaml": ""}, want: &Start{
			Entries: []string{"p/app.js"}, PackageMap: "node_modules/.package-map.json", Files: []string{"node_modules/.package-map.json"}}},
		"another program": {start: "node -C a x.js"},
		"another program, and pnpm": {start: "node -C a x.js", files: map[string]string{"node_modules/.package-map.json": "{}", "pnpm-lock.yaml": ""}, want: &Start{
			PackageMap: "node_modules/.package-map.json", Files: []string{"node_modules/.package-map.json"}}},
		"not node": {start: "next start"},
	} {
		files := map[string]string{
			"package.json": `{"workspaces": ["p"]}`, "p/package.json": `{"scripts": {"start": "` + tt.start + `"}}`, "p/app.js": "", "p/x.js": "",
		}
		for name, text := range tt.files {
			files[name] = text
		}
		dir := tree(t, files)
		p, err := Find(filepath.Join(dir, "p"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.StartOf([]string{filepath.Join(p.Dir, "app.js")})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got != nil {
			got.Place = ""
			got.Entries, got.Files = relative(t, p.Root, got.Entries), relative(t, p.Root, got.Files)
			if got.PackageMap != "" {
				got.PackageMap = relative(t, p.Root, []string{got.PackageMap})[0]
			}
			for _, list := range []*[]string{&got.Entries, &got.Files} {
				if len(*list) == 0 {
					*list = nil
				}
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: wanted (-), got (+):\n%s", name, diff)
		}
	}
}
