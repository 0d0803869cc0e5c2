package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file, empty := filepath.Join(dir, "file"), filepath.Join(dir, "empty")
	write(t, file, "12345")
	write(t, empty, "")
	for _, tt := range []struct {
		path  string
		limit int64
		want  string
		err   error
	}{
		{file, 5, "12345", nil},
		{file, 6, "12345", nil},
		{file, 4, "", ErrTooLarge},
		{file, 0, "", ErrTooLarge},
		{empty, 0, "", nil},
		{filepath.Join(dir, "none"), 5, "", fs.ErrNotExist},
	} {
		got, err := Read(tt.path, tt.limit)
		if string(got) != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Read(%s, %d) = %q, %v, want %q, %v", filepath.Base(tt.path), tt.limit, got, err, tt.want, tt.err)
		}
	}
	if _, err := Read(file, 4); err == nil || err.Error() != "read "+file+": larger than the limit of 4 bytes" {
		t.Errorf("the error for a large file is %v", err)
	}
}

// An empty file gives an empty slice, not nil.
func TestReadInfo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	text, info, err := ReadInfo(file, 1)
	if err != nil || text == nil || info.Size() != 0 || !info.Mode().IsRegular() {
		t.Errorf("ReadInfo = %v, %v, %v", text, info, err)
	}
}

// The limit holds for the bytes read, not for the size before reading.
func TestReadOpenGrowingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "123")
	f, info, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write(t, file, "123456")
	if _, err := ReadOpen(f, info, 4); !errors.Is(err, ErrTooLarge) {
		t.Errorf("ReadOpen returned %v for a file that grew over the limit", err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadOpen(f, info, 6); string(text) != "123456" || err != nil {
		t.Errorf("ReadOpen = %q, %v for a file that grew", text, err)
	}
}

func TestOpenDirectory(t *testing.T) {
	_, _, err := Open(t.TempDir())
	if e, ok := errors.AsType[*KindError](err); !ok || e.Kind != "directory" {
		t.Errorf("Open returned %v for a directory", err)
	}
}

func TestIsAbsent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "")
	for _, path := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "none", "x"), filepath.Join(file, "x")} {
		if _, err := os.Stat(path); !IsAbsent(err) {
			t.Errorf("IsAbsent(%v) = false", err)
		}
		if _, err := Read(path, 1); !IsAbsent(err) {
			t.Errorf("IsAbsent(%v) = false for Read", err)
		}
		if found, err := TargetExists(path); found || err != nil {
			t.Errorf("TargetExists(%s) = %v, %v", path, found, err)
		}
	}
	for _, err := range []error{nil, fs.ErrPermission, fs.ErrInvalid, errors.New("EIO")} {
		if IsAbsent(err) {
			t.Errorf("IsAbsent(%v) = true", err)
		}
	}
	for _, path := range []string{file, dir} {
		if found, err := TargetExists(path); !found || err != nil {
			t.Errorf("TargetExists(%s) = %v, %v", path, found, err)
		}
	}
	if _, err := TargetExists(filepath.Join(dir, "\x00")); err == nil {
		t.Error("TargetExists returned no error for a path that the system rejects")
	}
}

func TestKindOf(t *testing.T) {
	for mode, want := range map[fs.FileMode]string{
		0o644: "regular file", fs.ModeDir | 0o755: "directory", fs.ModeSymlink: "symbolic link", fs.ModeNamedPipe: "FIFO",
		fs.ModeSocket: "socket", fs.ModeDevice: "device", fs.ModeDevice | fs.ModeCharDevice: "device", fs.ModeIrregular: "device",
	} {
		if got := KindOf(mode); got != want {
			t.Errorf("KindOf(%v) = %q, want %q", mode, got, want)
		}
	}
}
