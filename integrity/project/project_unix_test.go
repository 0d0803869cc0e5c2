//go:build unix

package project

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestFindFIFO(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "package.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Find(dir)
	wantError(t, err, "is a FIFO, not a regular file")
}
