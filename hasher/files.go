package hasher

import (
	"cmp"
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
	// bufferSize is what one read asks for. Nearly every file of a
	// node_modules is shorter, and it still fits a core's cache.
	bufferSize = 256 << 10

	// largeFile is the size from which a file is hashed before others, so
	// that no worker starts a long one when the rest are done.
	largeFile = 1 << 20

	// maxBatch is how many small files a worker takes at once. Neighbours
	// share a folder, which is opened once for those of a batch.
	maxBatch = 128
)

// A Job is a file to hash.
type Job struct {
	// Path is relative to the root, in slashes, in the file system's bytes. It
	// has no empty, "." or ".." element.
	Path string

	// Algorithms are the digests to compute, all from one read.
	Algorithms Set

	// Size is a guess at the size in bytes, 0 if unknown. It has an influence
	// on speed only.
	Size int64

	// Want is what the digests should be, nil if that is not known. The result
	// is the same without it, but for a device that holds just what is wanted:
	// it passes for a file. A short file that holds it is hashed without asking
	// the system what it is, a tenth of the time that such a file takes.
	Want *Metadata
}

// A Result is what became of a Job.
type Result struct {
	Digests []Digest // in the order of [Set.Algorithms]; nil if Err is set
	Size    int64    // in bytes; 0 if Err is set

	// Err is nil, or it wraps [fs.ErrNotExist] (there is no such file), a
	// [*KindError] (there is something else), [ErrChanged], [ErrPath], or the
	// system's error with the operation and the path ([*fs.PathError]).
	Err error
}

// Options are the options of Files. The zero value works.
type Options struct {
	// Workers is how many files are read at the same time at most: by default
	// twice GOMAXPROCS and at least 16, which a cold disk wants. On Linux no more
	// than GOMAXPROCS of them are at work while all that is read is in memory.
	Workers int

	// OnWait, if not nil, is called by one of the workers, once, when a disk
	// makes it wait. On Linux a worker that waits keeps its processor, so this
	// is the moment to raise GOMAXPROCS. Elsewhere it is not called.
	OnWait func()

	// Progress, if not nil, is called now and then with the number of files
	// done and of bytes read so far, and once when all is done. Several
	// goroutines call it, so that two calls may overlap or come in the wrong
	// order.
	Progress func(files int, bytes int64)
}

// A KindError says that what is at a path is no regular file or, where Path is
// a folder of the path asked for, no folder. It was not read.
type KindError struct {
	Path string // relative to the root
	Kind string // "symbolic link", "directory", "regular file", "FIFO", "socket", "device" or "special file"
}

func (e *KindError) Error() string { return e.Path + " is a " + e.Kind }

// ErrChanged is in the error of a file whose length was not the same when it
// was opened and when it had been read.
var ErrChanged = errors.New("changed while it was read")

// ErrPath is in the error of a Job whose Path is not of the form that Job
// describes. Nothing was opened.
var ErrPath = errors.New("not a path below the root")

// Files hashes the files of the jobs, which lie below the folder root. The
// result of jobs[i] is at i, and does not depend on the number of workers.
//
// A path that leads through a symbolic link, or out of root, is never opened:
// the result is a KindError. Symbolic links in root itself are followed. A FIFO
// or socket is never read, and it or a device never waited for.
//
// It is fastest where jobs of the same folder are neighbours. The error is not
// nil only if root cannot be opened or ctx is done; what a file can be is data,
// and is in its result.
func Files(ctx context.Context, root string, jobs []Job, opt Options) ([]Result, error) {
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

// A pool is what the workers of one call of Files share.
type pool struct {
	ctx      context.Context
	fsys     *rootDir
	jobs     []Job
	results  []Result
	progress func(files int, bytes int64)

	workers int // at most
	first   int // how many of them there are while none waits
	working sync.WaitGroup
	slow    atomic.Bool // one waited: all of them are there
	onWait  func()

	order []int // indices of jobs; nil where they are done as they came
	large int   // how many at the front of order are large files
	batch int
	next  atomic.Int64 // position in order

	files, bytes atomic.Int64 // done, for progress

	// retry is held by the one worker that tries again to open a file: those
	// that wait for it hold no descriptor.
	retry sync.Mutex
}

func newPool(ctx context.Context, fsys *rootDir, jobs []Job, opt Options) *pool {
	p := &pool{ctx: ctx, fsys: fsys, jobs: jobs, progress: opt.Progress, workers: opt.Workers, onWait: opt.OnWait}
	if p.workers <= 0 {
		p.workers = max(16, 2*runtime.GOMAXPROCS(0))
	}
	p.workers = min(p.workers, len(jobs))
	if p.first = p.workers; tellsWaiting {
		p.first = min(p.first, runtime.GOMAXPROCS(0))
	}
	p.sort()
	if p.workers > 0 {
		p.batch = min(max(1, (len(jobs)-p.large)/(8*p.workers)), maxBatch)
	}

	// One array for the digests of all files: no garbage for each.
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

// sort puts the large files first, the largest of all at the front, and leaves
// the others in the order they came.
func (p *pool) sort() {
	large := func(i int) bool { return p.jobs[i].Size >= largeFile }
	for i := range p.jobs {
		if large(i) {
			p.order = append(p.order, i)
		}
	}
	p.large = len(p.order)
	if p.large == 0 {
		return
	}
	slices.SortStableFunc(p.order, func(a, b int) int {
		return cmp.Compare(p.jobs[b].Size, p.jobs[a].Size)
	})
	p.order = slices.Grow(p.order, len(p.jobs)-p.large)
	for i := range p.jobs {
		if !large(i) {
			p.order = append(p.order, i)
		}
	}
}

// take returns the next positions that a worker is to do; none are left where
// from is not less than to.
func (p *pool) take() (from, to int) {
	if int(p.next.Load()) < p.large {
		from = int(p.next.Add(1)) - 1
		return from, from + 1
	}
	to = int(p.next.Add(int64(p.batch)))
	return to - p.batch, min(to, len(p.jobs))
}

// run does all the jobs. More workers than processors help only while some of
// them wait, and cost switches and caches (7 % of all the time) where none does:
// on a system that tells whether a worker waits the others come when one does.
func (p *pool) run() {
	for range p.first {
		p.working.Go(p.work)
	}
	p.working.Wait()
}

// hurry brings in the workers that run left out.
func (p *pool) hurry() {
	if p.slow.Swap(true) {
		return
	}
	if p.onWait != nil {
		p.onWait()
	}
	for range p.workers - p.first {
		p.working.Go(p.work)
	}
}

// work does jobs until none are left.
func (p *pool) work() {
	r := p.fsys.newReader()
	defer r.close()
	w := &worker{pool: p, reader: r}
	if hasBlocks2 {
		w.lanes = newLanes(w)
		w.lanes.run()
		return
	}
	for i, ok := w.next(); ok; i, ok = w.next() {
		w.do(i)
	}
}

func (p *pool) report(files int, bytes int64) {
	if p.progress != nil {
		p.progress(int(p.files.Add(int64(files))), p.bytes.Add(bytes))
	}
}

// A worker does one job after the other or, in lanes, two at a time.
type worker struct {
	pool   *pool
	reader *reader
	lanes  *lanes // nil where there are none
	hasher Hasher
	buf    []byte // made when it is needed

	at, to int // positions taken of the pool's order

	files int // done and not reported
	bytes int64
}

// next returns the index of the next job.
func (w *worker) next() (i int, ok bool) {
	p := w.pool
	if w.at >= w.to {
		p.report(w.files, w.bytes)
		w.files, w.bytes = 0, 0
		w.at, w.to = p.take()
	}
	if w.at >= w.to || p.ctx.Err() != nil {
		return 0, false
	}
	if tellsWaiting && !p.slow.Load() && w.reader.waits() {
		p.hurry()
	}
	i = w.at
	w.at++
	if p.order != nil {
		i = p.order[i]
	}
	return i, true
}

// done notes what became of job i.
func (w *worker) done(i int, r Result) {
	w.pool.results[i] = r
	w.files++
	w.bytes += r.Size
}

// do does job i, whatever its algorithms are.
func (w *worker) do(i int) {
	j := &w.pool.jobs[i]
	size, err := w.hash(j)
	if err != nil {
		w.done(i, Result{Err: err})
		return
	}
	w.done(i, Result{Size: size, Digests: w.hasher.Append(w.pool.results[i].Digests)})
}

func (w *worker) hash(j *Job) (int64, error) {
	f, err := w.start(j)
	if err != nil {
		return 0, err
	}
	defer f.close()
	if err := f.look(); err != nil {
		return 0, err
	}
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
			return f.size, nil
		}
	}
}

// start opens the file of a job.
func (w *worker) start(j *Job) (reading, error) {
	if !validPath(j.Path) {
		return reading{}, fmt.Errorf("%q: %w", clip(j.Path), ErrPath)
	}
	if j.Algorithms.Len() == 0 {
		return reading{}, fmt.Errorf("%s: no algorithm to hash it with", j.Path)
	}
	f, err := w.open(j.Path)
	return reading{file: f, size: unknown}, err
}

// A reading is a file that is read from its beginning to its end.
type reading struct {
	file
	size int64 // when the system was asked; unknown before
	done int64
}

const unknown = -1

// look asks the system what the file is, and how long.
func (r *reading) look() (err error) {
	r.size, err = r.stat()
	return err
}

// glance reads the beginning of a file that was not looked at. If it is short,
// that was most likely all, and of a file: only files and devices are read at an
// offset (ESPIPE, EISDIR for others), and devices give nothing or all that is
// asked for. Otherwise it looks, and nothing counts as read.
func (r *reading) glance(buf []byte) (n int, all bool, err error) {
	n, err = r.read(buf, 0)
	if err == nil && 0 < n && n < len(buf) {
		return n, true, nil
	}
	if lookErr := r.look(); lookErr != nil {
		return 0, false, lookErr
	}
	return 0, false, err
}

// next fills buf with the bytes that come next, and reports whether they are
// the last: buf is full, or they are. A read that is short and comes to size is
// the end of the file: no other read has to say so.
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

// open opens a file. Where the system says that it is short of descriptors, or
// asks to try again, it is tried again, by one worker at a time and with longer
// and longer pauses, for about a second.
func (w *worker) open(path string) (file, error) {
	f, err := w.reader.open(path)
	if err == nil || !isTemporary(err) {
		return f, err
	}
	w.release()
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

// release closes all that the worker has open.
func (w *worker) release() {
	w.reader.release()
	if w.lanes != nil {
		w.lanes.finish()
	}
}

// validPath reports whether path is of the form that Job asks for.
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
