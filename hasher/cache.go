package hasher

import (
	"context"
	"fmt"
	"sync"
)

// A Cache keeps the results of Files, so that calls that share it hash each file once,
// also if they run at the same time. It is for one check of several maps of one tree:
// a file that is changed after it was hashed is not hashed again. The zero value is
// empty. A Cache must not be copied.
type Cache struct {
	mu      sync.Mutex
	results map[cacheKey]*cached
}

type cacheKey struct {
	root, path string
	algorithms Set
}

// A cached is a result that is known when done is closed.
type cached struct {
	done   chan struct{}
	result Result
	err    error // of the whole call
}

// files is Files with the cache. It hashes the files that no other call has begun to
// hash, and then waits for the others.
func (c *Cache) files(ctx context.Context, root string, jobs []Job, opt Options) ([]Result, error) {
	opt.Cache = nil
	all, own := make([]*cached, len(jobs)), []int{}
	c.mu.Lock()
	if c.results == nil {
		c.results = map[cacheKey]*cached{}
	}
	for i, job := range jobs {
		key := cacheKey{root, job.Path, job.Algorithms}
		if all[i] = c.results[key]; all[i] == nil {
			all[i] = &cached{done: make(chan struct{})}
			c.results[key] = all[i]
			own = append(own, i)
		}
	}
	c.mu.Unlock()
	todo := make([]Job, 0, len(own))
	for _, i := range own {
		todo = append(todo, jobs[i])
	}
	found, err := Files(ctx, root, todo, opt)
	for n, i := range own {
		if all[i].err = err; err == nil {
			all[i].result = found[n]
		}
		close(all[i].done)
	}
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(jobs))
	for i, r := range all {
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("hashing files: %w", ctx.Err())
		}
		if r.err != nil {
			return nil, r.err
		}
		results[i] = r.result
	}
	return results, nil
}
