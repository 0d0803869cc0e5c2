// Package filecache keeps what generate finds in the bytes of files for the next generate
// of the same map: digests, powers, and the names that a module requests.
//
// A [Cache] is a file outside of the project. It only saves reading and parsing: everything
// that depends on more than the bytes of one file is done again each time, such as
// resolving names and looking for files.
//
// A record is used only if the file has the stamp that it had before it was read: device,
// inode, size, and the times of the last write and of the last change, in nanoseconds. A
// program can set the time of the last write. It cannot set that of the last change: the
// kernel does, at each write and at each change of the inode. A record is kept only if the
// last change is at least two seconds older than the generate that read the file, so that
// a write after it gets another time, however coarse those of the file system are.
//
// Root can set the clock or write to the disk, and a program that has mapped a file into
// its memory can write to it some seconds without a new time. Then the map that generate
// writes has the digest of the bytes that the file had: everything in a record is about
// the same bytes. So verify, which never reads a cache, reports the file as changed.
//
// The file of a cache is read strictly. One that is not well formed, that somebody else
// could have written, or that another nodeint has written, is as good as none.
package filecache

import (
	"strings"
	"sync"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// minAge is how much older than a run the last change of a file must be for its record to
// be kept. The times of some file systems have a resolution of two seconds.
const minAge = 2 * time.Second

// A Cache has the records of the files of a tree. Its methods may be called concurrently.
// Those of a nil Cache find nothing and keep nothing.
type Cache struct {
	tree   *tree.Tree
	file   string
	key    string // what the file of the cache must have been written for
	device uint64 // of the root; other devices may keep no times
	oldest int64  // a file that was changed at this time or later is not kept, in nanoseconds

	mu      sync.Mutex
	old     map[string]*record // of the file of the cache
	current map[string]*record // that are known to be right, and those of this run
	changed bool               // current is not what the file of the cache has
}

// A record is what is known of one file.
type record struct {
	stamp     tree.Stamp
	digests   string // as in a map, or ""
	hasPowers bool
	known     uint32 // the powers that the package had when the file was read
	powers    uint32 // that it has beside
	module    string // what package graph keeps, or ""
	isMixed   bool   // the file was read with two stamps: nothing of it is kept
}

// Read is [tree.Tree.ReadFile] for a file of which something will be kept.
func (c *Cache) Read(p string, limit int64) ([]byte, error) {
	data, stamp, err := c.tree.ReadStamped(p, limit)
	if err == nil {
		c.mu.Lock()
		c.note(p, stamp)
		c.mu.Unlock()
	}
	return data, err
}

// note makes the record of a file that was read. It is called with the lock.
func (c *Cache) note(p string, stamp tree.Stamp) *record {
	r := c.current[p]
	if r == nil {
		r = &record{stamp: stamp}
		c.current[p] = r
	}
	if r.stamp != stamp {
		r.isMixed = true
	}
	return r
}

// record returns the record of a file whose stamp is the same as when it was read, or nil.
func (c *Cache) record(p string) *record {
	c.mu.Lock()
	r, isCurrent := c.current[p]
	if !isCurrent {
		r = c.old[p]
	}
	c.mu.Unlock()
	switch {
	case r == nil || isCurrent:
		return r
	case c.tree.Stamp(p) != r.stamp:
		r = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.current[p]; ok {
		return now // another goroutine was faster
	}
	if r == nil {
		delete(c.old, p)
		return nil
	}
	c.current[p] = r
	return r
}

// view calls fn with the record of p, if there is one, and returns what fn returns.
func (c *Cache) view(p string, fn func(r *record) bool) bool {
	if c == nil {
		return false
	}
	r := c.record(p)
	if r == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !r.isMixed && fn(r)
}

// update calls fn with the record of a file that was read in this run.
func (c *Cache) update(p string, fn func(r *record)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.current[p]; r != nil && !r.isMixed {
		fn(r)
		c.changed = true
	}
}

// Digests returns the digests of a file, if they are those of set.
func (c *Cache) Digests(p string, set hasher.Set) (result hasher.Result, ok bool) {
	ok = c.view(p, func(r *record) bool {
		result.Digests, ok = parseDigests(r.digests, set)
		result.Size = r.stamp.Size
		return ok
	})
	return result, ok
}

// parseDigests parses what [hasher.Format] has made of digests of the algorithms in set.
func parseDigests(text string, set hasher.Set) ([]hasher.Digest, bool) {
	algorithms := set.Algorithms()
	parts := strings.Fields(text)
	if len(parts) != len(algorithms) {
		return nil, false
	}
	digests := make([]hasher.Digest, len(parts))
	for i, part := range parts {
		d, err := hasher.ParseDigest(part)
		if err != nil || d.Algorithm() != algorithms[i] {
			return nil, false
		}
		digests[i] = d
	}
	return digests, true
}

// KeepDigests keeps the digests of a file that Read has read.
func (c *Cache) KeepDigests(p string, digests []hasher.Digest) {
	c.update(p, func(r *record) { r.digests = hasher.Format(digests) })
}

// KeepHashed keeps the digests of a file that package hasher has read with a stamp.
func (c *Cache) KeepHashed(p string, stamp hasher.Stamp, digests []hasher.Digest) {
	if c == nil || stamp == (hasher.Stamp{}) {
		return
	}
	c.mu.Lock()
	c.note(p, tree.Stamp(stamp))
	c.mu.Unlock()
	c.KeepDigests(p, digests)
}

// Module returns what KeepModule has kept.
func (c *Cache) Module(p string) (facts string, ok bool) {
	ok = c.view(p, func(r *record) bool {
		facts = r.module
		return facts != ""
	})
	return facts, ok
}

// KeepModule keeps what package graph found in a module that Read has read.
func (c *Cache) KeepModule(p, facts string) {
	c.update(p, func(r *record) { r.module = facts })
}

// Powers adds to found the powers that a file has beside. It reports whether they are
// known: they are if found is what it was when the file was read.
func (c *Cache) Powers(p string, found map[nodejs.Power]bool) bool {
	return c.view(p, func(r *record) bool {
		if !r.hasPowers || r.known != maskOf(found) {
			return false
		}
		for i, power := range powers {
			if r.powers>>i&1 != 0 {
				found[power] = true
			}
		}
		return true
	})
}

// PowersOf returns the argument of KeepPowers for a set of powers.
func (c *Cache) PowersOf(found map[nodejs.Power]bool) uint32 {
	if c == nil {
		return 0
	}
	return maskOf(found)
}

// KeepPowers keeps that a package with the powers known has the powers found after a file
// that Read has read.
func (c *Cache) KeepPowers(p string, known, found uint32) {
	c.update(p, func(r *record) { r.hasPowers, r.known, r.powers = true, known, found&^known })
}

// powers are all powers. The place of one is its bit.
var powers = nodejs.Powers()

func maskOf(set map[nodejs.Power]bool) (mask uint32) {
	for i, power := range powers {
		if set[power] {
			mask |= 1 << i
		}
	}
	return mask
}
