package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// verify -v says how many pinned files fs-verity seals, and whether IPE is on. Without
// either it says nothing.
func TestPrintKernel(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json": `{"name": "app", "version": "1.0.0"}`, "main.js": "require('./lib.js');\n", "lib.js": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(words ...string) string {
		var out, errs bytes.Buffer
		if code := nodeint(context.Background(), append([]string{"-C", dir}, words...), &out, &errs); code != 0 {
			t.Fatalf("%q: status %d\n%s%s", words, code, &out, &errs)
		}
		return out.String()
	}
	run("generate", "-q", "--", "main.js")
	if out := run("verify", "-v"); strings.Contains(out, "fs-verity") || strings.Contains(out, "IPE") {
		t.Errorf("without fs-verity it prints\n%s", out)
	}
	defer func(f func(string) bool, file string) { hasVerity, ipeEnforce = f, file }(hasVerity, ipeEnforce)
	hasVerity = func(file string) bool { return filepath.Base(file) == "lib.js" }
	ipeEnforce = filepath.Join(t.TempDir(), "enforce")
	if err := os.WriteFile(ipeEnforce, []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := run("verify", "-v")
	if !strings.Contains(out, "kernel: fs-verity seals 1 of 3 pinned files\n") || !strings.Contains(out, "kernel: IPE enforces its policy\n") {
		t.Errorf("it prints\n%s", out)
	}
	if out := run("verify"); strings.Contains(out, "kernel:") {
		t.Errorf("without -v it prints\n%s", out)
	}
}
