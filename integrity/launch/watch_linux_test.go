//go:build amd64 || arm64

package launch

import (
	"debug/elf"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// open opens an executable file.
func open(t *testing.T, path string) executable {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	var info unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &info); err != nil {
		t.Fatal(err)
	}
	return executable{file: f, info: &info}
}

// interpreterOf returns the dynamic loader of a program.
func interpreterOf(t *testing.T, path string) string {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			text := make([]byte, p.Filesz)
			if _, err := p.ReadAt(text, 0); err != nil {
				t.Fatal(err)
			}
			return strings.TrimRight(string(text), "\x00")
		}
	}
	t.Skip(path + " has no dynamic loader")
	return ""
}

func TestKindOf(t *testing.T) {
	node := testenv.Node(t, 24)
	text := filepath.Join(t.TempDir(), "text")
	write(t, map[string]string{text: "\x7fELF, but not really"})
	twin, copied := filepath.Join(t.TempDir(), "twin"), filepath.Join(t.TempDir(), "copied")
	write(t, map[string]string{twin: "the bytes of node", copied: "the bytes of node"})
	tests := []struct {
		file, node string
		want       kind
	}{
		{node, "/bin/sh", isNode},
		{testenv.Node(t, 22), node, isNode},
		{"/bin/sh", node, foreign},
		{"/proc/self/exe", node, foreign},
		{interpreterOf(t, "/bin/sh"), node, isLoader},
		{text, node, foreign},
		{copied, twin, isNode},
		{text, twin, foreign},
	}
	for _, tt := range tests {
		w := newWatch(&execCheck{node: tt.node})
		for range 2 { // read, and remembered
			if got, err := w.kindOf(open(t, tt.file)); got != tt.want || err != nil {
				t.Errorf("%s: %v, %v, want %v", tt.file, got, err, tt.want)
			}
		}
	}
}

// A file that cannot be read is refused, unless it belongs to root.
func TestKindOfUnreadable(t *testing.T) {
	w := newWatch(&execCheck{node: "/bin/sh"})
	x := open(t, "/proc/self/exe")
	w.self.Ino = 0 // it is some program
	x.file, x.err, x.info.Uid = nil, os.ErrPermission, 1000
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("%v, want an error", k)
	}
	x.info.Uid = 0
	if k, err := w.kindOf(x); k != foreign || err != nil {
		t.Errorf("of root: %v, %v", k, err)
	}
	x.err = os.ErrDeadlineExceeded
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("another error: %v, want an error", k)
	}
}
