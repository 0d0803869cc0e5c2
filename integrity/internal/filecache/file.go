package filecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

const (
	suffix   = ".cache"
	maxFiles = 32        // caches in a directory; the oldest are removed
	maxSize  = 256 << 20 // of the file of a cache, in bytes
)

// Open returns the cache of a map in the directory dir. It returns nil if the file system of
// the tree does not keep times as a cache requires. A cache that cannot be read is empty.
func Open(dir string, t *tree.Tree, mapFile string) *Cache {
	device, ok := t.StampDevice()
	if !ok || dir == "" {
		return nil
	}
	program, ok := programID()
	if !ok {
		return nil
	}
	name := sha256.Sum256([]byte(t.Root() + "\x00" + mapFile))
	c := &Cache{
		tree: t, device: device, oldest: time.Now().Add(-minAge).UnixNano(),
		file:    filepath.Join(dir, hex.EncodeToString(name[:16])+suffix),
		key:     program + "\x00" + t.Root() + "\x00" + mapFile,
		current: make(map[string]*record),
	}
	c.old = c.read()
	return c
}

// programID returns a text that differs for each build of nodeint.
func programID() (string, bool) {
	path, err := os.Executable()
	if err != nil {
		return "", false
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	return fmt.Sprintf("%s\x00%d\x00%d", path, info.Size(), info.ModTime().UnixNano()), true
}

// read returns the records of the file of the cache, or nil.
func (c *Cache) read() map[string]*record {
	if !isPrivate(filepath.Dir(c.file)) || !isPrivate(c.file) {
		return nil
	}
	data, err := safefile.Read(c.file, maxSize)
	if err != nil {
		return nil
	}
	records, err := decode(data, c.key)
	if err != nil {
		return nil
	}
	return records
}

// Save writes what this run knows for the next one. It forgets files that this run has not
// asked for. A cache that cannot be written is left as it is: the next run reads the files.
func (c *Cache) Save() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := maps.Clone(c.current)
	maps.DeleteFunc(kept, func(_ string, r *record) bool { return !c.mayKeep(r) })
	if !c.changed && len(kept) == len(c.old) || len(kept)+len(c.old) == 0 {
		return
	}
	dir := filepath.Dir(c.file)
	if os.MkdirAll(dir, 0o700) != nil || !isPrivate(dir) {
		return
	}
	data := encode(kept, c.key)
	if len(data) > maxSize || writeFile(c.file, data) != nil {
		return
	}
	removeOldest(dir)
}

// mayKeep reports whether the next run may use a record.
func (c *Cache) mayKeep(r *record) bool {
	return !r.isMixed && r.stamp.Device == c.device && r.stamp.Changed < c.oldest && r.stamp != (tree.Stamp{})
}

// writeFile replaces a file. A crash may leave any content there: decode rejects it.
func writeFile(file string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), "*.tmp") // with the mode 0600
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(data).WriteTo(tmp)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// removeOldest removes the caches that were not written for the longest time, and temporary
// files of runs that were killed.
func removeOldest(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	type cacheFile struct {
		path string
		time time.Time
	}
	var files []cacheFile
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue
		}
		path := filepath.Join(dir, e.Name())
		switch filepath.Ext(e.Name()) {
		case suffix:
			files = append(files, cacheFile{path, info.ModTime()})
		case ".tmp":
			if time.Since(info.ModTime()) > time.Hour {
				os.Remove(path)
			}
		}
	}
	slices.SortFunc(files, func(a, b cacheFile) int { return b.time.Compare(a.time) })
	for _, f := range files[min(len(files), maxFiles):] {
		os.Remove(f.path)
	}
}
