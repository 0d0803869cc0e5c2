//go:build unix

package integrity_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// TestSameBytes tests guarantee G5: one tree has one map, independent of the directory,
// the number of processors, the modes and times of the files, and the run.
func TestSameBytes(t *testing.T) {
	for _, coverage := range levels {
		t.Run(string(coverage), func(t *testing.T) {
			var first []byte
			for _, c := range []struct {
				name       string
				processors int
				change     func(dir string)
			}{
				{"as it is", 2, nil},
				{"again, with one processor", 1, nil},
				{"with eight", 8, nil},
				{"with other modes", 2, func(dir string) { chmodAll(t, dir) }},
			} {
				dir := filepath.Join(t.TempDir(), "another directory %41 #")
				if out, err := exec.Command("cp", "-R", filepath.Join("..", "fixtures", "shop"), dir).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				os.Remove(filepath.Join(dir, integrity.MapName))
				if c.change != nil {
					c.change(dir)
				}
				text := generateWith(t, dir, coverage, c.processors)
				if first == nil {
					first = text
				}
				if !bytes.Equal(first, text) {
					t.Errorf("%s: another map:\n%s\nwas\n%s", c.name, text, first)
				}
			}
		})
	}
}

func generateWith(t *testing.T, dir string, coverage integrity.Coverage, processors int) []byte {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p, Coverage: coverage})
	if err != nil {
		t.Fatal(err)
	}
	return g.Text
}

func chmodAll(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("chmod", "-R", "u+rwX,go-rwx", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
