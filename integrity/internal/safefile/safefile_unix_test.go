//go:build unix

package safefile

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// None of these opens may block: nothing ever opens the other end.
func TestOpenRejectsOtherKinds(t *testing.T) {
	t.Chdir(t.TempDir()) // the path of a socket has at most 107 bytes
	if err := syscall.Mkfifo("fifo", 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Symlink("fifo", "link"); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{"fifo": "FIFO", "link": "FIFO", "socket": "socket", os.DevNull: "device", ".": "directory"} {
		_, err := Read(path, 10)
		e, ok := errors.AsType[*KindError](err)
		if !ok || e.Kind != kind || IsAbsent(err) {
			t.Errorf("Read(%s): %v, want a KindError for a %s", path, err, kind)
		} else if want := path + " is a " + kind + ", not a regular file"; e.Error() != want {
			t.Errorf("Read(%s): %q, want %q", path, e, want)
		}
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	file, link, dangling, loop := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "dangling"), filepath.Join(dir, "loop")
	write(t, file, "text")
	for link, target := range map[string]string{link: "file", dangling: "none", loop: "loop"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := Read(link, 10); string(text) != "text" || err != nil {
		t.Errorf("Read through a link = %q, %v", text, err)
	}
	if _, err := Read(dangling, 10); !IsAbsent(err) {
		t.Errorf("Read of a dangling link: %v", err)
	}
	if found, err := TargetExists(dangling); found || err != nil {
		t.Errorf("TargetExists of a dangling link = %v, %v", found, err)
	}
	if _, err := TargetExists(loop); err == nil {
		t.Error("TargetExists returned no error for a loop of links")
	}
	if _, err := TargetExists(filepath.Join(dir, strings.Repeat("a", 300))); err == nil {
		t.Error("TargetExists returned no error for a name that is too long")
	}
}

func TestPermission(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "")
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	if _, err := TargetExists(file); !errors.Is(err, os.ErrPermission) {
		t.Errorf("TargetExists: %v, want permission denied", err)
	}
}
