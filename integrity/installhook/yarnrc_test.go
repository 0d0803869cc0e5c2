package installhook

import (
	"strings"
	"testing"
)

const pluginPath = ".yarn/plugins/plugin-nodeint.cjs"

// Each .yarnrc.yml, with the plugin entered; struck out again it has to be the
// first one.
var rcs = []struct{ name, was, is string }{
	{"empty", "", "plugins:\n  - " + pluginPath},
	{"settings", "nodeLinker: node-modules\n", "nodeLinker: node-modules\nplugins:\n  - " + pluginPath + "\n"},
	{"no end of the last line", "nodeLinker: node-modules", "nodeLinker: node-modules\nplugins:\n  - " + pluginPath},
	{"CRLF", "a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nplugins:\r\n  - " + pluginPath + "\r\n"},
	{"CRLF, no end", "a: 1\r\nb: 2", "a: 1\r\nb: 2\r\nplugins:\r\n  - " + pluginPath},
	{"a plugin", "plugins:\n  - a.cjs\nb: 2\n", "plugins:\n  - a.cjs\n  - " + pluginPath + "\nb: 2\n"},
	{"as yarn writes it", "plugins:\n  - checksum: 1\n    path: a.cjs\n    spec: \"https://example.org\"\n\nyarnPath: x\n",
		"plugins:\n  - checksum: 1\n    path: a.cjs\n    spec: \"https://example.org\"\n  - " + pluginPath + "\n\nyarnPath: x\n"},
	{"not indented", "plugins:\n- a.cjs\nb: 2\n", "plugins:\n- a.cjs\n- " + pluginPath + "\nb: 2\n"},
	{"comments", "# x\nplugins:\n    # y\n    - a.cjs\n    # z\n", "# x\nplugins:\n    # y\n    - a.cjs\n    - " + pluginPath + "\n    # z\n"},
	{"a plugin, no end", "plugins:\n  - a.cjs", "plugins:\n  - a.cjs\n  - " + pluginPath},
	{"plugins of something else", "x:\n  plugins:\n    - a\n", "x:\n  plugins:\n    - a\nplugins:\n  - " + pluginPath + "\n"},
}

func TestEnter(t *testing.T) {
	for _, r := range rcs {
		t.Run(r.name, func(t *testing.T) {
			is, err := enter([]byte(r.was), pluginPath)
			if err != nil || string(is) != r.is {
				t.Errorf("entered, it is %q (%v), not %q", is, err, r.is)
			}
			if again, err := enter(is, pluginPath); err != nil || string(again) != string(is) {
				t.Errorf("a second time it is %q (%v)", again, err)
			}
			was, err := strike(is, pluginPath)
			if err != nil || string(was) != r.was || was == nil {
				t.Errorf("struck out, it is %q (%v), not %q", was, err, r.was)
			}
		})
	}
}

// A file that was made for the plugin goes with it.
func TestEnterNone(t *testing.T) {
	is, err := enter(nil, pluginPath)
	if err != nil || string(is) != "plugins:\n  - "+pluginPath+"\n" {
		t.Errorf("entered, it is %q (%v)", is, err)
	}
	if was, err := strike(is, pluginPath); was != nil || err != nil {
		t.Errorf("struck out, it is %q (%v)", was, err)
	}
}

func TestEnterRefused(t *testing.T) {
	for _, rc := range unlisted {
		if is, err := enter([]byte(rc), pluginPath); err == nil {
			t.Errorf("%.99q became %.99q", rc, is)
		}
	}
}

// unlisted are texts whose plugins, if they have any, no line can be added to.
var unlisted = []string{
	"plugins: []\n", "plugins: [a.cjs]\n", "plugins:\n", "plugins: x\n", "a: [\n",
	"\"plugins\":\n  - a\n", "---\na: 1\n---\nplugins:\n  - a\n", "a: 1\r", strings.Repeat("[", 40), strings.Repeat("# x\n", 100_000),
	"a: b\nplugins:\n ! 0", "a: &x [1]\nplugins: *x\n", "plugins:\n  - a\nplugins:\n  - b\n", "<<: {plugins: [a]}\n",
}

// Edited since: what else is there stays.
func TestStrikeEdited(t *testing.T) {
	for _, r := range []struct{ is, was string }{
		{"plugins:\n  - " + pluginPath + "\n  - b.cjs\n", "plugins:\n  - b.cjs\n"},
		{"plugins:\n  - " + pluginPath + "\n\n  # b\n  - b.cjs\n", "plugins:\n\n  # b\n  - b.cjs\n"},
		{"plugins:\n  - " + pluginPath + "\nb: 1\n", "b: 1\n"},
		{"b: 1\n", "b: 1\n"},
	} {
		if was, err := strike([]byte(r.is), pluginPath); err != nil || string(was) != r.was {
			t.Errorf("%q became %q (%v), not %q", r.is, was, err, r.was)
		}
	}
	if was, err := strike([]byte("plugins:\n  - a\nb:\n  - "+pluginPath+"\n"), pluginPath); err == nil {
		t.Errorf("an item of another list was struck out: %q", was)
	}
}

// Whatever .yarnrc.yml there is: what enter changes comes back by strike.
func FuzzEnter(f *testing.F) {
	for _, r := range rcs {
		f.Add([]byte(r.was))
		f.Add([]byte(r.is))
	}
	for _, rc := range unlisted {
		f.Add([]byte(rc))
	}
	f.Fuzz(func(t *testing.T, rc []byte) {
		is, err := enter(rc, pluginPath)
		if err != nil || string(is) == string(rc) {
			return
		}
		was, err := strike(is, pluginPath)
		if err != nil || string(was) != string(rc) {
			t.Fatalf("%q became %q and then %q (%v)", rc, is, was, err)
		}
	})
}
