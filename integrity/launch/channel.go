package launch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// channels are what node and nodeint share beside the standard streams.
type channels struct {
	image     *os.File
	paths     []string // where the image is found, best first
	verdict   *os.File // nil where a file descriptor cannot be inherited
	verdictFD int      // its number in node, or -1
	dir       string   // private folder; "" where memory is enough
}

// openChannels makes them: in memory, or else in a private folder.
func openChannels() (*channels, error) {
	c := &channels{verdictFD: -1}
	if c.inMemory() {
		return c, nil
	}
	c.close()
	c = &channels{verdictFD: -1}
	if err := c.inFolder(); err != nil {
		c.close()
		return nil, failed("", "give nodeint a folder to write to with TMPDIR", "making room for the hook: %w", err)
	}
	return c, nil
}

// inMemory makes both as memfds with high numbers: the low ones may be spoken
// for, as those that systemd hands over are.
func (c *channels) inMemory() bool {
	var err error
	if c.image, err = anonymous("nodeint-image"); err != nil {
		return false
	}
	if c.verdict, err = anonymous("nodeint-verdict"); err != nil {
		return false
	}
	c.verdictFD = int(c.verdict.Fd())
	for _, who := range []string{"self", fmt.Sprint(os.Getpid())} {
		c.paths = append(c.paths, fmt.Sprintf("/proc/%s/fd/%d", who, c.image.Fd()))
	}
	_, err = os.Stat(c.paths[0]) // /proc may not be mounted
	return err == nil
}

func (c *channels) inFolder() error {
	var err error
	if c.dir, err = os.MkdirTemp("", "nodeint-"); err != nil { // 0700
		return err
	}
	if c.image, err = os.OpenFile(filepath.Join(c.dir, "image"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		return err
	}
	c.paths = []string{c.image.Name()}
	f, err := os.OpenFile(filepath.Join(c.dir, "verdict"), os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if c.verdict, err = inheritable(f); err == nil {
		c.verdictFD = int(c.verdict.Fd())
	}
	return f.Close()
}

// write puts the image in its place, for good.
func (c *channels) write(image []byte) error {
	if _, err := c.image.Write(image); err != nil {
		return failed("", "make room, or name another folder with TMPDIR", "writing the image of the hook: %w", err)
	}
	if c.dir != "" {
		return c.image.Chmod(0o400)
	}
	if err := seal(c.image); err != nil {
		return failed("", "", "sealing the image of the hook: %w", err)
	}
	return nil
}

// stopped reports whether the hook has written that it killed this process.
func (c *channels) stopped(pid int) bool {
	if c.verdict == nil {
		return false
	}
	const most = 1 << 20 // the program can write there too
	text, err := io.ReadAll(io.NewSectionReader(c.verdict, 0, most))
	if err != nil {
		return false
	}
	for line := range bytes.Lines(text) {
		var v struct{ PID int }
		if json.Unmarshal(line, &v) == nil && v.PID == pid {
			return true
		}
	}
	return false
}

// close removes all of it.
func (c *channels) close() error {
	var errs []error
	for _, f := range []*os.File{c.image, c.verdict} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	if c.dir != "" {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}
