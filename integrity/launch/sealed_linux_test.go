package launch

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// No process can change the image after node is started.
func TestImageSealed(t *testing.T) {
	c := &channels{verdictFD: -1}
	defer c.close()
	if !c.inMemory() {
		testenv.Unavailable(t, "there are no memory files here")
	}
	if err := c.write([]byte("image")); err != nil {
		t.Fatal(err)
	}
	for _, path := range c.paths {
		if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
			if _, err := f.WriteString("other"); err == nil {
				t.Errorf("%s was written to", path)
			}
			f.Close()
		}
		if err := os.Truncate(path, 0); err == nil {
			t.Errorf("%s was truncated", path)
		}
	}
	if _, err := unix.FcntlInt(c.image.Fd(), unix.F_ADD_SEALS, 0); err != unix.EPERM {
		t.Errorf("adding a seal: %v, want %v", err, unix.EPERM)
	}
	if text, err := os.ReadFile(c.paths[0]); err != nil || string(text) != "image" {
		t.Errorf("it holds %q (%v)", text, err)
	}
}
