package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// On a terminal, init shows the plan and asks. It writes only after yes.
func TestInitAsks(t *testing.T) {
	testenv.Nodeint(t)
	for _, e := range []struct {
		answer string
		wrote  bool
	}{{"y\n", true}, {"YES\n", true}, {"n\n", false}, {"\n", false}, {"yesterday\n", false}, {"\x04", false}} {
		dir := t.TempDir()
		testenv.WriteFile(t, dir, "package.json", []byte(`{"name": "p", "main": "server.js"}`))
		testenv.WriteFile(t, dir, "package-lock.json", []byte(`{"lockfileVersion": 3, "packages": {}}`))
		testenv.WriteFile(t, dir, "server.js", nil)
		s := atTerminal(t, "-C", dir, "init")
		in := bufio.NewReader(s.keyboard)
		for !strings.HasSuffix(s.seen.String(), "write this? [y/N] ") {
			b, err := in.ReadByte()
			if err != nil {
				t.Fatalf("after %q: %v", s.seen.String(), err)
			}
			s.seen.WriteByte(b)
		}
		if !strings.Contains(s.seen.String(), `nodeint hook run`) {
			t.Errorf("the question comes without the changes: %s", s.seen.String())
		}
		if _, err := io.WriteString(s.keyboard, e.answer); err != nil {
			t.Fatal(err)
		}
		if code := s.end(); code != 0 {
			t.Errorf("answer %q: status %d", e.answer, code)
		}
		_, err := os.Stat(filepath.Join(dir, "importmap.json"))
		if wrote := err == nil; wrote != e.wrote {
			t.Errorf("answer %q: wrote %v", e.answer, wrote)
		}
	}
}
