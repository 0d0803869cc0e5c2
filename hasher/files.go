package hasher

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bufferSize is the length of one read, in bytes. It is longer than nearly
	// every file of a node_modules and still fits in a core's cache.
	bufferSize = 256 << 10

	// maxBatch is the number of jobs that a worker takes at once at most. Jobs
	// that are neighbours often share a directory, which is then opened once.
	maxBatch = 128
)

// A Job is one file to hash.
type Job struct {
	// Path is relative to the root, with slashes, in the bytes of the file
	// system. It has no element that is empty, "." or "..".
	Path string

	// Algorithms are the digests to compute. The file is read once for all.
	Algorithms Set

	// Stamp, if not nil, gets what the system says of the open file before it is read.
	// It stays as it is if the Cache has the result, and where stamps are not supported:
	// on other systems than Linux.
	Stamp *Stamp

	// Content, if not nil, gets a copy of the bytes that were hashed, if one read had all
	// of them: always of a file of less than 64 KiB, and of no file of 256 KiB. It stays as
	// it is if the Cache has the result.
	Content *[]byte
}

// A Stamp is what the system says of a file beside its bytes.
type Stamp struct {
	Device, Inode uint64
	Size          int64
	Modified      int64 // mtime, in nanoseconds since 1970
	Changed       int64 // ctime, in nanoseconds since 1970
}

// A Result is the outcome of one Job.
type Result struct {
	Digests []Digest // in the order of [Set.Algorithms]; nil if Err is set
	Size    int64    // in bytes; 0 if Err is set

	// Err is nil, or it wraps one of these:
	//   - [fs.ErrNotExist]: the file does not exist;
	//   - [*KindError]: the path is not a regular file, or leads through
	//     something that is not a directory;
	//   - [ErrChanged] or [ErrPath];
	//   - [*fs.PathError]: any other error of the system, with the operation and
	//     the path.
	Err error
}

// Options are the options of Files. The zero value works.
type Options struct {
	// Workers is the number of files that are read at the same time at most.
	// The default is twice GOMAXPROCS and at least 16, because reads from a
	// disk overlap.
	Workers int

	// Progress, if not nil, is called from time to time with the number of
	// files finished and of bytes read so far, and once at the end. Several
	// goroutines call it: calls may overlap and may come out of order.
	Progress func(files int, bytes int64)

	// Cache, if not nil, has the results of files that another call has hashed.
	Cache *Cache
}

// A KindError reports a path that is not a regular file, or a parent of the path
// that is not a directory. Nothing was read.
type KindError struct {
	Path string // relative to the root; a parent of the job's path, or that path
	Kind string // "symbolic link", "directory", "regular file", "FIFO", "socket", "device" or "special file"
}

func (e *KindError) Error() string { return e.Path + " is a " + e.Kind }

// ErrChanged reports a file whose length changed between open and the last read.
var ErrChanged = errors.New("changed while it was read")

// ErrPath reports a Job whose Path does not have the form that Job requires.
// Nothing was opened.
var ErrPath = errors.New("not a path below the root")

// Files hashes the files of jobs, which are below the directory root. The result
// of jobs[i] is at index i. It does not depend on the number of workers.
//
// Files opens no path that leads through a symbolic link or out of root: the
// result is a [*KindError]. It follows symbolic links in root itself. It reads no
// FIFO, socket or device, and does not wait for one.
//
// Jobs of the same directory are fastest if they are neighbours.
//
// Files returns an error only if root cannot be opened or ctx is done. The
// outcome of a single file is in its Result.
func Files(ctx context.Context, root string, jobs []Job, opt Options) ([]Result, error) {
	if opt.Cache != nil {
		return opt.Cache.files(ctx, root, jobs, opt)
	}
	fsys, err := openRoot(root)
	if err != nil {
		return nil, err
	}
	defer fsys.close()

	p := newPool(ctx, fsys, jobs, opt)
	p.run()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("hashing files: %w", err)
	}
	p.report(0, 0)
	return p.results, nil
}

// A pool is the state that the workers of one call of Files share.
type pool struct {
	ctx      context.Context
	fsys     *rootDir
	jobs     []Job
	results  []Result
	progress func(files int, bytes int64)

	workers int
	batch   int
	next    atomic.Int64 // index of the first job that no worker has taken

	files, bytes atomic.Int64 // finished, for progress

	// retry is locked by the one worker that tries again to open a file. The
	// workers that wait for it hold no descriptor.
	retry sync.Mutex
}

func newPool(ctx context.Context, fsys *rootDir, jobs []Job, opt Options) *pool {
	p := &pool{ctx: ctx, fsys: fsys, jobs: jobs, progress: opt.Progress, workers: opt.Workers}
	if p.workers <= 0 {
		p.workers = max(16, 2*runtime.GOMAXPROCS(0))
	}
	p.workers = min(p.workers, len(jobs))
	if p.workers > 0 {
		p.batch = min(max(1, len(jobs)/(8*p.workers)), maxBatch)
	}

	// One array has the digests of all files: no allocation for each file.
	p.results = make([]Result, len(jobs))
	n := 0
	for _, j := range jobs {
		n += j.Algorithms.Len()
	}
	slab := make([]Digest, n)
	for i, j := range jobs {
		n := j.Algorithms.Len()
		p.results[i].Digests, slab = slab[:0:n], slab[n:]
	}
	return p
}

// run does all jobs.
func (p *pool) run() {
	var working sync.WaitGroup
	for range p.workers {
		working.Go(p.work)
	}
	working.Wait()
}

// work does jobs until none is left.
func (p *pool) work() {
	r := p.fsys.newReader()
	defer r.close()
	w := &worker{pool: p, reader: r}
	if pair, ok := newPairHasher(w); ok {
		w.pair = pair
		pair.run()
		return
	}
	for i, ok := w.next(); ok; i, ok = w.next() {
		w.do(i)
	}
}

// take returns the indices [from, to) of the next jobs. If from is not less than
// to, none is left.
func (p *pool) take() (from, to int) {
	to = int(p.next.Add(int64(p.batch)))
	return to - p.batch, min(to, len(p.jobs))
}

func (p *pool) report(files int, bytes int64) {
	if p.progress != nil {
		p.progress(int(p.files.Add(int64(files))), p.bytes.Add(bytes))
	}
}

// A worker does one job after the other or, with a pairHasher, two at a time.
type worker struct {
	pool   *pool
	reader *reader
	pair   pairHasher // nil if two-way SHA-256 is not available
	hasher Hasher
	buf    []byte // of do; nil until the first job

	from, to int // indices of the jobs taken and not begun

	files int // finished and not yet reported
	bytes int64
}

// A pairHasher does the jobs of a worker. It hashes two files at once if the jobs
// ask for SHA-256 only, and leaves other jobs to worker.do.
type pairHasher interface {
	run()          // does jobs until none is left
	releaseFiles() // closes the open files after reading them
}

// next returns the index of the next job. If ok is false, none is left or the
// context is done.
func (w *worker) next() (i int, ok bool) {
	if w.from >= w.to {
		w.pool.report(w.files, w.bytes)
		w.files, w.bytes = 0, 0
		w.from, w.to = w.pool.take()
	}
	if w.from >= w.to || w.pool.ctx.Err() != nil {
		return 0, false
	}
	w.from++
	return w.from - 1, true
}

// done records the result of job i.
func (w *worker) done(i int, r Result) {
	w.pool.results[i] = r
	w.files++
	w.bytes += r.Size
}

// do does job i, for any algorithms.
func (w *worker) do(i int) {
	size, err := w.hash(&w.pool.jobs[i])
	if err != nil {
		w.done(i, Result{Err: err})
		return
	}
	w.done(i, Result{Size: size, Digests: w.hasher.Append(w.pool.results[i].Digests)})
}

// hash reads the file of a job into w.hasher and returns its size.
func (w *worker) hash(j *Job) (int64, error) {
	f, err := w.start(j)
	if err != nil {
		return 0, err
	}
	defer f.close()
	if w.buf == nil {
		w.buf = make([]byte, bufferSize)
	}
	w.hasher.Reset(j.Algorithms)
	for {
		n, last, err := f.next(w.buf)
		if err == nil && !last {
			err = w.pool.ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		w.hasher.Write(w.buf[:n])
		if last {
			j.keep(w.buf[:n], f.size)
			return f.size, nil
		}
	}
}

// keep copies the last bytes that were read if they are the whole file.
func (j *Job) keep(read []byte, size int64) {
	if j.Content != nil && int64(len(read)) == size {
		*j.Content = slices.Clone(read)
	}
}

// start opens the file of a job and asks the system for its kind and size.
func (w *worker) start(j *Job) (reading, error) {
	if !validPath(j.Path) {
		return reading{}, fmt.Errorf("%q: %w", clip(j.Path), ErrPath)
	}
	if j.Algorithms.Len() == 0 {
		return reading{}, fmt.Errorf("%s: no algorithm given", j.Path)
	}
	f, err := w.open(j.Path)
	if err != nil {
		return reading{}, err
	}
	size, err := f.fstat()
	if err != nil {
		f.close()
		return reading{}, err
	}
	if j.Stamp != nil {
		f.stamp(j.Stamp)
	}
	return reading{file: f, size: size}, nil
}

// A reading is an open file that is read from its beginning to its end.
type reading struct {
	file
	size int64 // when it was opened
	done int64 // bytes read
}

// next fills buf with the next bytes and reports whether they are the last. If
// they are not, buf is full. A short read that reaches size is the end of the
// file: no further read has to confirm it.
func (r *reading) next(buf []byte) (n int, last bool, err error) {
	for n < len(buf) {
		got, err := r.read(buf[n:], r.done)
		if err != nil {
			return 0, false, err
		}
		n += got
		r.done += int64(got)
		if r.done > r.size || got == 0 && r.done < r.size {
			return 0, false, fmt.Errorf("%s: %w", r.path, ErrChanged)
		}
		if r.done == r.size && n < len(buf) {
			return n, true, nil
		}
	}
	return n, false, nil
}

// open opens a file. If the system is short of descriptors, or asks to try again,
// open tries again for about a second: one worker at a time, with growing pauses.
func (w *worker) open(path string) (file, error) {
	f, err := w.reader.open(path)
	if err == nil || !isTemporary(err) {
		return f, err
	}
	w.reader.release()
	if w.pair != nil {
		w.pair.releaseFiles()
	}
	w.pool.retry.Lock()
	defer w.pool.retry.Unlock()
	for pause := time.Millisecond; pause < time.Second; pause *= 2 {
		f, err = w.reader.open(path)
		if err == nil || !isTemporary(err) || w.pool.ctx.Err() != nil {
			return f, err
		}
		time.Sleep(pause)
	}
	return f, err
}

// validPath reports whether path has the form that Job requires.
func validPath(path string) bool {
	if path == "" || strings.IndexByte(path, 0) >= 0 || !validOnSystem(path) {
		return false
	}
	for rest, more := path, true; more; {
		var element string
		element, rest, more = strings.Cut(rest, "/")
		if element == "" || element == "." || element == ".." {
			return false
		}
	}
	return true
}
