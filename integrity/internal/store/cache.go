package store

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/nodeint/nodeint/hasher"
)

// staleAfter is how long a temporary file stays that a writer left behind.
const staleAfter = 24 * time.Hour

// A cache is nodeint's own: archives that were fetched, under their digests. Each
// is hashed again whenever it is used.
type cache struct{ dir string }

// defaultCache is the cache's folder where the caller names none; "" if the system
// has no place for caches.
func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "nodeint", "archives")
}

// path is where the archive with a digest is: sha512/ab/cdef….
func (c cache) path(d hasher.Digest) string {
	digits := hex.EncodeToString(d.Bytes())
	return filepath.Join(c.dir, d.Algorithm().String(), digits[:2], digits[2:])
}

// A pending archive is being written. The file is not embedded: it has more ways to
// write, which would pass the hash by.
type pending struct {
	file *os.File
	hash hasher.Hasher
}

// create begins an archive, in a file that nobody looks at.
func (c cache) create(set hasher.Set) (*pending, error) {
	if c.dir == "" {
		return nil, errors.New("there is no folder for caches: set XDG_CACHE_HOME or HOME")
	}
	dir := filepath.Join(c.dir, "tmp")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sweep(dir)
	f, err := os.CreateTemp(dir, "archive-") // 0600
	if err != nil {
		return nil, err
	}
	p := &pending{file: f}
	p.hash.Reset(set)
	return p, nil
}

// sweep removes what writers that were killed have left.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Write writes and hashes.
func (p *pending) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	return n, err
}

func (p *pending) discard() {
	_ = p.file.Close()
	_ = os.Remove(p.file.Name())
}

// keep puts an archive that is what was wanted in its place, whole or not at all:
// its bytes are on the disk before its name is. Who else writes the same one writes
// the same bytes.
func (c cache) keep(p *pending, d hasher.Digest) error {
	path := c.path(d)
	err := errors.Join(p.file.Sync(), p.file.Close(), os.MkdirAll(filepath.Dir(path), 0o700))
	if err == nil {
		err = os.Rename(p.file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(p.file.Name())
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir writes a folder's names to the disk. Windows does so by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// copyTo copies until the end, the limit or the end of ctx.
func copyTo(ctx context.Context, w io.Writer, r io.Reader, most int64) error {
	buf := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buf)
	n, err := io.CopyBuffer(w, io.LimitReader(&withContext{ctx, r}, most+1), buf[:])
	if err == nil && n > most {
		err = errTooLarge
	}
	return err
}

var errTooLarge = errors.New("it is larger than an archive may be")

// A withContext reads until its context is done.
type withContext struct {
	ctx context.Context
	r   io.Reader
}

func (c *withContext) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
