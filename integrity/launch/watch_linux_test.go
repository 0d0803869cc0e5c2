//go:build amd64 || arm64

package launch

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	single, sameSingle := filepath.Join(t.TempDir(), "single"), filepath.Join(t.TempDir(), "same")
	application := strings.Repeat("x", 1<<20-20) + string(applicationFuse) + " and a program"
	write(t, map[string]string{single: application, sameSingle: application})
	loader := interpreterOf(t, "/bin/sh")
	tests := []struct {
		file, node string
		want       kind
	}{
		{node, "/bin/sh", isNode},
		{testenv.Node(t, 22), node, isNode},
		{"/bin/sh", node, foreign},
		{"/proc/self/exe", node, foreign},
		{loader, node, isLoader},
		{withoutSections(t, loader), node, isLoader},
		{single, sameSingle, isSingle},
		{text, node, foreign},
		{copied, twin, isNode},
		{text, twin, foreign},
	}
	for _, tt := range tests {
		w := newWatch(&execCheck{node: tt.node})
		if got, err := w.kindOf(open(t, tt.file)); got != tt.want || err != nil {
			t.Errorf("%s: %v, %v, want %v", tt.file, got, err, tt.want)
		}
	}
}

// withoutSections returns a copy of a program without section headers, as strip of
// binutils makes one. The kernel and the loader do not need them.
func withoutSections(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(text[40:48]) // e_shoff
	clear(text[60:64]) // e_shnum, e_shstrndx
	copied := filepath.Join(t.TempDir(), "without-sections")
	write(t, map[string]string{copied: string(text)})
	return copied
}

func FuzzKindOfELF(f *testing.F) {
	for _, path := range []string{"/bin/sh", "/proc/self/exe"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 1<<12)])
	}
	f.Add([]byte("\x7fELF, but not really"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if k := kindOfELF(bytes.NewReader(text)); k == isSingle {
			t.Errorf("%v", k)
		}
	})
}

// A file that cannot be read is refused, unless it is root's and runs with privileges.
func TestKindOfUnreadable(t *testing.T) {
	w := newWatch(&execCheck{node: "/bin/sh"})
	x := open(t, "/proc/self/exe")
	w.self.Ino = 0 // it is some program
	x.file, x.err, x.info.Uid = nil, os.ErrPermission, 1000
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("%v, want an error", k)
	}
	x.info.Mode |= unix.S_ISUID
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("of a user, with privileges: %v, want an error", k)
	}
	x.info.Uid = 0
	for _, bit := range []uint32{unix.S_ISUID, unix.S_ISGID} {
		x.info.Mode = unix.S_IFREG | 0o711 | bit
		if k, err := w.kindOf(x); k != foreign || err != nil {
			t.Errorf("of root, with privileges: %v, %v", k, err)
		}
	}
	x.info.Mode = unix.S_IFREG | 0o711
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("of root: %v, want an error", k)
	}
	x.info.Mode |= unix.S_ISUID
	x.err = os.ErrDeadlineExceeded
	if k, err := w.kindOf(x); err == nil {
		t.Errorf("another error: %v, want an error", k)
	}
}

// TestKindOfUnread: a file whose read fails is not taken for another program, nor for one
// without a first line.
func TestKindOfUnread(t *testing.T) {
	dir, err := os.Open(t.TempDir()) // which no read succeeds on
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	w := newWatch(&execCheck{node: "/bin/sh"})
	x := open(t, "/bin/cat")
	x.file = dir
	if k, err := w.kindOf(x); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("%v, %v, want an error", k, err)
	}
	if _, isScript, err := firstLine(dir); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("%v, %v, want an error", isScript, err)
	}
}
