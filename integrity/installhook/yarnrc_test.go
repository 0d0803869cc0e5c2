package installhook

import (
	"strings"
	"testing"
)

const pluginPath = ".yarn/plugins/plugin-nodeint.cjs"

// Texts of .yarnrc.yml before and after addPlugin. removePlugin must restore the
// text before.
var rcs = []struct{ name, was, is string }{
	{"empty", "", "plugins:\n  - " + pluginPath},
	{"settings", "nodeLinker: node-modules\n", "nodeLinker: node-modules\nplugins:\n  - " + pluginPath + "\n"},
	{"no line ending at the end", "nodeLinker: node-modules", "nodeLinker: node-modules\nplugins:\n  - " + pluginPath},
	{"CRLF", "a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nplugins:\r\n  - " + pluginPath + "\r\n"},
	{"CRLF, no line ending at the end", "a: 1\r\nb: 2", "a: 1\r\nb: 2\r\nplugins:\r\n  - " + pluginPath},
	{"a plugin", "plugins:\n  - a.cjs\nb: 2\n", "plugins:\n  - a.cjs\n  - " + pluginPath + "\nb: 2\n"},
	{"as yarn writes it", "plugins:\n  - checksum: 1\n    path: a.cjs\n    spec: \"https://example.org\"\n\nyarnPath: x\n",
		"plugins:\n  - checksum: 1\n    path: a.cjs\n    spec: \"https://example.org\"\n  - " + pluginPath + "\n\nyarnPath: x\n"},
	{"not indented", "plugins:\n- a.cjs\nb: 2\n", "plugins:\n- a.cjs\n- " + pluginPath + "\nb: 2\n"},
	{"comments", "# x\nplugins:\n    # y\n    - a.cjs\n    # z\n", "# x\nplugins:\n    # y\n    - a.cjs\n    - " + pluginPath + "\n    # z\n"},
	{"a plugin, no line ending at the end", "plugins:\n  - a.cjs", "plugins:\n  - a.cjs\n  - " + pluginPath},
	{"plugins of another member", "x:\n  plugins:\n    - a\n", "x:\n  plugins:\n    - a\nplugins:\n  - " + pluginPath + "\n"},
}

func TestAddPlugin(t *testing.T) {
	for _, r := range rcs {
		t.Run(r.name, func(t *testing.T) {
			is, err := addPlugin([]byte(r.was), pluginPath)
			if err != nil || string(is) != r.is {
				t.Errorf("added: %q (%v), want %q", is, err, r.is)
			}
			if again, err := addPlugin(is, pluginPath); err != nil || string(again) != string(is) {
				t.Errorf("added again: %q (%v)", again, err)
			}
			was, err := removePlugin(is, pluginPath)
			if err != nil || string(was) != r.was || was == nil {
				t.Errorf("removed: %q (%v), want %q", was, err, r.was)
			}
		})
	}
}

// removePlugin deletes a file that addPlugin created.
func TestAddPluginNone(t *testing.T) {
	is, err := addPlugin(nil, pluginPath)
	if err != nil || string(is) != "plugins:\n  - "+pluginPath+"\n" {
		t.Errorf("added: %q (%v)", is, err)
	}
	if was, err := removePlugin(is, pluginPath); was != nil || err != nil {
		t.Errorf("removed: %q (%v)", was, err)
	}
}

func TestAddPluginRejects(t *testing.T) {
	for _, rc := range unlisted {
		if is, err := addPlugin([]byte(rc), pluginPath); err == nil {
			t.Errorf("%.99q became %.99q", rc, is)
		}
	}
}

// unlisted are texts to whose plugins addPlugin cannot add a line.
var unlisted = []string{
	"plugins: []\n", "plugins: [a.cjs]\n", "plugins:\n", "plugins: x\n", "a: [\n",
	"\"plugins\":\n  - a\n", "---\na: 1\n---\nplugins:\n  - a\n", "a: 1\r", strings.Repeat("[", 40), strings.Repeat("# x\n", 100_000),
	"a: b\nplugins:\n ! 0", "a: &x [1]\nplugins: *x\n", "plugins:\n  - a\nplugins:\n  - b\n", "<<: {plugins: [a]}\n",
}

// removePlugin keeps the lines that were added since.
func TestRemovePluginEdited(t *testing.T) {
	for _, r := range []struct{ is, was string }{
		{"plugins:\n  - " + pluginPath + "\n  - b.cjs\n", "plugins:\n  - b.cjs\n"},
		{"plugins:\n  - " + pluginPath + "\n\n  # b\n  - b.cjs\n", "plugins:\n\n  # b\n  - b.cjs\n"},
		{"plugins:\n  - " + pluginPath + "\nb: 1\n", "b: 1\n"},
		{"b: 1\n", "b: 1\n"},
	} {
		if was, err := removePlugin([]byte(r.is), pluginPath); err != nil || string(was) != r.was {
			t.Errorf("%q became %q (%v), not %q", r.is, was, err, r.was)
		}
	}
	if was, err := removePlugin([]byte("plugins:\n  - a\nb:\n  - "+pluginPath+"\n"), pluginPath); err == nil {
		t.Errorf("an item of another list was removed: %q", was)
	}
}

// removePlugin restores every text that addPlugin changes.
func FuzzAddPlugin(f *testing.F) {
	for _, r := range rcs {
		f.Add([]byte(r.was))
		f.Add([]byte(r.is))
	}
	for _, rc := range unlisted {
		f.Add([]byte(rc))
	}
	f.Fuzz(func(t *testing.T, rc []byte) {
		is, err := addPlugin(rc, pluginPath)
		if err != nil || string(is) == string(rc) {
			return
		}
		was, err := removePlugin(is, pluginPath)
		if err != nil || string(was) != string(rc) {
			t.Fatalf("%q became %q and then %q (%v)", rc, is, was, err)
		}
	})
}
