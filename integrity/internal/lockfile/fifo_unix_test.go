//go:build unix

package lockfile

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadFIFO checks that Read does not wait for a writer.
func TestReadFIFO(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "package-lock.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(dir); err == nil || !strings.HasSuffix(err.Error(), "package-lock.json is a FIFO, not a regular file") {
		t.Errorf("got %v", err)
	}
}
