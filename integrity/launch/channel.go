package launch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/integrity/problem"
)

// channels are the files that node and nodeint share besides the standard streams.
type channels struct {
	image     *os.File
	paths     []string // of the image, best first
	verdict   *os.File // nil if node cannot inherit a file descriptor
	verdictFD int      // its number in node, or -1
	tally     string   // path at which every process can open it
	dir       string   // private directory; "" if both are in memory
}

// openChannels creates them in memory, or if that fails in a private directory.
func openChannels() (*channels, error) {
	c := &channels{verdictFD: -1}
	if c.inMemory() {
		return c, nil
	}
	c.close()
	c = &channels{verdictFD: -1}
	if err := c.inDir(); err != nil {
		c.close()
		return nil, problem.NotChecked("", "set TMPDIR to a directory that nodeint can write to", "creating a file for the preload: %w", err)
	}
	return c, nil
}

// inMemory creates both as memfds with high numbers: the low ones may be in use, as
// those are that systemd passes on.
func (c *channels) inMemory() bool {
	var err error
	if c.image, err = memfd("nodeint-image"); err != nil {
		return false
	}
	if c.verdict, err = memfd("nodeint-verdict"); err != nil {
		return false
	}
	// Several processes write, some by a descriptor of their own.
	if err := appendOnly(c.verdict); err != nil {
		return false
	}
	c.verdictFD = int(c.verdict.Fd())
	c.tally = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), c.verdictFD)
	for _, process := range []string{"self", fmt.Sprint(os.Getpid())} {
		c.paths = append(c.paths, fmt.Sprintf("/proc/%s/fd/%d", process, c.image.Fd()))
	}
	_, err = os.Stat(c.paths[0]) // /proc may not be mounted
	return err == nil
}

// move makes the files in memory available by the process pid, which inherits them. A
// process that Landlock restricts cannot read /proc of one that it does not restrict.
func (c *channels) move(pid int) {
	if c.dir != "" {
		return
	}
	c.tally = fmt.Sprintf("/proc/%d/fd/%d", pid, c.verdictFD)
	c.paths[len(c.paths)-1] = fmt.Sprintf("/proc/%d/fd/%d", pid, c.image.Fd())
}

// imageFD returns the file descriptor of the image in node, or -1.
func (c *channels) imageFD() int {
	if c.dir != "" {
		return -1
	}
	return int(c.image.Fd())
}

func (c *channels) inDir() error {
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
	c.tally = f.Name()
	if c.verdict, err = inheritable(f); err == nil {
		c.verdictFD = int(c.verdict.Fd())
	}
	return f.Close()
}

// write writes the image and makes the file read-only.
func (c *channels) write(image []byte) error {
	if _, err := c.image.Write(image); err != nil {
		return problem.NotChecked("", "free space, or set TMPDIR to another directory", "writing the preload's image: %w", err)
	}
	if c.dir != "" {
		return c.image.Chmod(0o400)
	}
	if err := seal(c.image); err != nil {
		return problem.NotChecked("", "", "sealing the preload's image: %w", err)
	}
	return nil
}

// A message is a line that the preload has written to the verdict file.
type message struct {
	PID     int
	Started bool   // the preload has started in the process
	Trusted string // absolute path of a file that was loaded from a trusted directory, or ""
}

// messages returns what the preload has written. The program can write there too.
func (c *channels) messages() (iter.Seq[message], error) {
	const maxSize = 8 << 20
	var text []byte
	if c.verdict != nil {
		var err error
		if text, err = io.ReadAll(io.NewSectionReader(c.verdict, 0, maxSize)); err != nil {
			return nil, problem.NotChecked("", "run it again; if it fails again, the machine has a fault",
				"reading what the preload reported: %w", err)
		}
	}
	return func(yield func(message) bool) {
		for line := range bytes.Lines(text) {
			var m message
			if json.Unmarshal(line, &m) == nil && !yield(m) {
				return
			}
		}
	}, nil
}

// find reports whether match holds for a message.
func (c *channels) find(match func(message) bool) (found bool, err error) {
	all, err := c.messages()
	if err != nil {
		return false, err
	}
	for m := range all {
		if match(m) {
			return true, nil
		}
	}
	return false, nil
}

// stopped reports whether the preload has written that it killed the process.
func (c *channels) stopped(pid int) bool {
	found, _ := c.find(func(m message) bool { return m.PID == pid && m.Trusted == "" && !m.Started })
	return found // with an error, it is a signal from elsewhere
}

// started reports whether the preload has started in any process.
func (c *channels) started() (bool, error) {
	return c.find(func(m message) bool { return m.Started })
}

// trusted returns the files that were loaded from trusted directories, sorted.
func (c *channels) trusted() ([]string, error) {
	all, err := c.messages()
	if err != nil {
		return nil, err
	}
	var files []string
	for m := range all {
		if m.Trusted != "" {
			files = append(files, m.Trusted)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// close closes the files and removes the directory.
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
