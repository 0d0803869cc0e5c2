package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/integrity/project"
)

// A start script with any flag of nodeint run or nodeint trace names the file that
// node starts.
func TestFlagsInStartScript(t *testing.T) {
	root := newRoot(newUI(os.Stdout, os.Stderr), "")
	for _, verb := range []string{"run", "trace"} {
		cmd, _, err := root.Find([]string{verb})
		if err != nil {
			t.Fatal(err)
		}
		check := func(f *pflag.Flag) {
			flags := []string{"--" + f.Name}
			if f.Shorthand != "" {
				flags = append(flags, "-"+f.Shorthand)
			}
			for _, flag := range flags {
				if f.NoOptDefVal == "" {
					flag += " ."
				}
				testStartScript(t, "nodeint "+verb+" "+flag+" node server.js")
			}
		}
		cmd.LocalFlags().VisitAll(check)
		cmd.InheritedFlags().VisitAll(check)
	}
}

func testStartScript(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"package.json": fmt.Sprintf(`{"scripts": {"start": %q}}`, script), "server.js": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := p.Entries()
	if err != nil || len(entries) != 1 || filepath.Base(entries[0]) != "server.js" {
		t.Errorf("%q: entries %q (%v), want server.js", script, entries, err)
	}
}
