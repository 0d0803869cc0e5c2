package launch

import (
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

func TestOff(t *testing.T) {
	all := len(Switchable())
	for _, c := range []struct {
		name, flags, allow string
		used               map[Power]bool
		on                 []Power // of those that can be switched off
	}{
		{"nothing is used", "", "", map[Power]bool{}, nil},
		{"not known", "", "", nil, Switchable()},
		{"used", "", "", map[Power]bool{"vm": true, "environment": true}, []Power{"vm"}},
		{"allowed", "", "worker,addons", map[Power]bool{}, []Power{"worker", "addons"}},
		{"transform needs hooks", "", "transform", map[Power]bool{}, []Power{"module-hooks"}},
		{"eval needs vm", "", "eval", map[Power]bool{}, []Power{"eval", "vm"}},
		{"tests run in processes", "--test", "", map[Power]bool{}, []Power{"child-process", "test"}},
		{"code of the command line", "-e 1", "", map[Power]bool{}, Switchable()},
	} {
		flags, _, err := nodeflags.Flags(Allow{}).Parse(strings.Fields(c.flags))
		if err != nil && len(flags) == 0 && c.flags != "" && c.name != "code of the command line" {
			t.Fatal(err)
		}
		if c.name == "code of the command line" {
			flags = []nodeflags.Flag{{Name: "-e", Kind: nodeflags.Eval}}
		}
		off := Off(c.used, strings.Split(c.allow, ","), &Program{Flags: flags})
		for _, p := range c.on {
			if slices.Contains(off, p) {
				t.Errorf("%s: %s is off", c.name, p)
			}
		}
		if len(off) != all-len(c.on) {
			t.Errorf("%s: %d powers are off, want %d", c.name, len(off), all-len(c.on))
		}
	}
}

// Each power that can be switched off is one that a module of Node gives, or that the
// preload guards.
func TestModulesOf(t *testing.T) {
	got := modulesOf([]Power{"child-process", "vm"})
	if len(got) != 4 || got["child_process"] != "child-process" || got["cluster"] != "child-process" || got["vm"] != "vm" || got["repl"] != "vm" {
		t.Errorf("%v", got)
	}
}
