package installhook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/project"
)

const driverLine = "importmap.json merge=nodeint -text"

// attributes are texts of .gitattributes, and what hook install --git makes of them.
var attributes = []struct{ name, old, want string }{
	{"none", "-", driverLine + "\n"},
	{"others", "* text=auto\n", "* text=auto\n" + driverLine + "\n"},
	{"no last newline", "* text=auto", "* text=auto\n" + driverLine},
	{"CR LF", "*.sh eol=lf\r\n*.cmd eol=crlf\r\n", "*.sh eol=lf\r\n*.cmd eol=crlf\r\n" + driverLine + "\r\n"},
	{"CR LF, no last newline", "*.sh eol=lf\r\n*.cmd eol=crlf", "*.sh eol=lf\r\n*.cmd eol=crlf\r\n" + driverLine},
	{"another driver", "importmap.json merge=union\n", "importmap.json merge=union\n" + driverLine + "\n"},
	{"a comment", "# importmap.json merge=nodeint\n", "# importmap.json merge=nodeint\n" + driverLine + "\n"},
}

// mergeHook returns a hook whose project has the text in .gitattributes; "-" is none.
func mergeHook(t testing.TB, text, mapFile string) (*Hook, string) {
	dir := t.TempDir()
	file := filepath.Join(dir, gitattributes)
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if text != "-" {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if mapFile != "" {
		mapFile = filepath.Join(dir, mapFile)
	}
	h, err := New(&project.Project{Root: dir, Dir: dir}, mapFile)
	if err != nil {
		t.Fatal(err)
	}
	return h, file
}

func attributesOf(t testing.TB, file string) string {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return "-"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func applyAll(t testing.TB, changes []Change, err error) {
	t.Helper()
	if err == nil {
		err = Apply(changes)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestInstallMerge(t *testing.T) {
	for _, test := range attributes {
		t.Run(test.name, func(t *testing.T) {
			h, file := mergeHook(t, test.old, "")
			if s, err := h.MergeState(); err != nil || s.Installed {
				t.Fatalf("before: %+v, %v", s, err)
			}
			changes, err := h.InstallMerge()
			applyAll(t, changes, err)
			if got := attributesOf(t, file); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if s, err := h.MergeState(); err != nil || !s.Installed || s.Command != driverLine {
				t.Errorf("after: %+v, %v", s, err)
			}
			if again, err := h.InstallMerge(); err != nil || len(again) > 0 {
				t.Errorf("again: %d changes, %v", len(again), err)
			}
			changes, err = h.Remove()
			applyAll(t, changes, err)
			if got := attributesOf(t, file); got != test.old {
				t.Errorf("removed: got %q, want %q", got, test.old)
			}
		})
	}
}

func TestInstallMergePlaces(t *testing.T) {
	for mapFile, want := range map[string]string{
		"maps/shop.json": "/maps/shop.json " + mergeAttributes + "\n",
		"../shop.json":   "",
		"a b.json":       "",
		"[x].json":       "",
		"é.json":         "",
		"maps/../x.json": "/x.json " + mergeAttributes + "\n",
	} {
		h := &Hook{Root: t.TempDir()}
		h.mapFile = filepath.Join(h.Root, mapFile)
		changes, err := h.InstallMerge()
		if want == "" {
			if err == nil {
				t.Errorf("%s: accepted", mapFile)
			}
			continue
		}
		if err != nil || len(changes) != 1 || string(changes[0].New) != want {
			t.Errorf("%s: %q, %v", mapFile, changes, err)
		}
	}
}

// A line that a person has edited is installed, and not removed.
func TestRemoveMergeEdited(t *testing.T) {
	h, _ := mergeHook(t, "importmap.json text eol=lf merge=nodeint\n", "")
	if changes, err := h.InstallMerge(); err != nil || len(changes) > 0 {
		t.Errorf("install: %v, %v", changes, err)
	}
	if _, err := h.Remove(); err == nil || !strings.Contains(err.Error(), "was edited") {
		t.Errorf("remove: %v", err)
	}
}

// FuzzInstallMerge holds that the lines of others stay, and that removing the line
// restores the text.
func FuzzInstallMerge(f *testing.F) {
	for _, test := range attributes {
		f.Add(test.old)
	}
	h, file := mergeHook(f, "", "")
	f.Fuzz(func(t *testing.T, old string) {
		if err := os.WriteFile(file, []byte(old), 0o644); err != nil {
			t.Fatal(err)
		}
		if s, err := h.MergeState(); err != nil || s.Installed || old == "" {
			return
		}
		changes, err := h.InstallMerge()
		applyAll(t, changes, err)
		if got := attributesOf(t, file); !strings.HasPrefix(got, old) {
			t.Fatalf("%q became %q", old, got)
		}
		if s, err := h.MergeState(); err != nil || !s.Installed {
			t.Fatalf("%q: not installed, %v", old, err)
		}
		changes, err = h.Remove()
		applyAll(t, changes, err)
		if got := attributesOf(t, file); got != old {
			t.Fatalf("%q was restored as %q", old, got)
		}
	})
}
