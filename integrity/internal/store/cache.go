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

// staleAfter is the age at which a temporary file of another process is removed.
const staleAfter = 24 * time.Hour

// A cache is nodeint's own cache. It contains the fetched archives under their digests.
// Each archive is hashed again whenever it is used.
type cache struct{ dir string }

// defaultCache returns the default directory of the cache, or "" if the system has no
// directory for caches.
func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "nodeint", "archives")
}

// path returns the path of the archive with a digest: sha512/ab/cdef….
func (c cache) path(d hasher.Digest) string {
	digits := hex.EncodeToString(d.Bytes())
	return filepath.Join(c.dir, d.Algorithm().String(), digits[:2], digits[2:])
}

// A pending is an archive while it is written. The file is not embedded, because its
// other write methods would bypass the hash.
type pending struct {
	file *os.File
	hash hasher.Hasher
}

// create begins an archive in a temporary file.
func (c cache) create(set hasher.Set) (*pending, error) {
	if c.dir == "" {
		return nil, errors.New("there is no directory for caches: set XDG_CACHE_HOME or HOME")
	}
	dir := filepath.Join(c.dir, "tmp")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	removeStale(dir)
	f, err := os.CreateTemp(dir, "archive-") // 0600
	if err != nil {
		return nil, err
	}
	p := &pending{file: f}
	p.hash.Reset(set)
	return p, nil
}

// removeStale removes the temporary files of processes that were killed.
func removeStale(dir string) {
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

// Write writes and hashes b.
func (p *pending) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	return n, err
}

func (p *pending) discard() {
	_ = p.file.Close()
	_ = os.Remove(p.file.Name())
}

// keep renames a finished archive to its path. Its bytes are flushed to the disk before,
// so a crash leaves the whole archive or none. Concurrent writers of one path write the
// same bytes.
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

// syncDir flushes the names in a directory to the disk. Windows does this itself.
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

// copyTo copies r to w. It returns an error after limit bytes, or when ctx is done.
func copyTo(ctx context.Context, w io.Writer, r io.Reader, limit int64) error {
	buf := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buf)
	n, err := io.CopyBuffer(w, io.LimitReader(&withContext{ctx, r}, limit+1), buf[:])
	if err == nil && n > limit {
		err = errTooLarge
	}
	return err
}

var errTooLarge = errors.New("it is larger than the limit for archives")

// A withContext is a reader that returns an error when its context is done.
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
