package hasher

// Where blocks2 can be had, a worker has two files in hand, one in each lane,
// and hashes as many blocks of both as the shorter rest has. Then that lane
// reads on or takes the next file, so that both are nearly always in use.
//
// A file that one read takes whole, as nearly all are, is closed before it is
// hashed.

// laneBuffer is what one read of a lane asks for: the two stay in a core's
// cache, and what is not used is not touched.
const laneBuffer = 128 << 10

// lanes are the two of a worker.
type lanes struct {
	worker *worker
	lane   [2]lane
}

// A lane hashes one file at a time.
type lane struct {
	state  [8]uint32
	buf    []byte // laneBuffer long, with room for padding behind
	blocks []byte // in buf: read and not hashed yet
	job    int    // whose file it is; -1 if there is none
	file   reading
	open   bool  // more of the file is to be read
	size   int64 // hashed or in blocks, once open is false
}

func newLanes(w *worker) *lanes {
	ls := &lanes{worker: w}
	for i := range ls.lane {
		ls.lane[i].buf = make([]byte, laneBuffer, laneBuffer+maxPadding)
		ls.lane[i].job = -1
	}
	return ls
}

// run does jobs until none are left.
func (ls *lanes) run() {
	a, b := &ls.lane[0], &ls.lane[1]
	for {
		switch haveA, haveB := ls.fill(a), ls.fill(b); {
		case haveA && haveB:
			n := min(len(a.blocks), len(b.blocks))
			blocks2(&a.state, &b.state, &a.blocks[0], &b.blocks[0], n/blockSize)
			a.blocks, b.blocks = a.blocks[n:], b.blocks[n:]
		case haveA:
			a.hash()
		case haveB:
			b.hash()
		default:
			return
		}
	}
}

// hash hashes what the lane has, alone: the other lane does the same.
func (l *lane) hash() {
	other := l.state
	blocks2(&l.state, &other, &l.blocks[0], &l.blocks[0], len(l.blocks)/blockSize)
	l.blocks = nil
}

// fill sees to it that l has blocks to hash, and reports whether it has; it has
// none where no job is left.
func (ls *lanes) fill(l *lane) bool {
	for len(l.blocks) == 0 {
		if !ls.advance(l) {
			return false
		}
	}
	return true
}

// advance does the next step of a lane that has hashed all it has: it goes on
// with its file, is done with it, or begins another.
func (ls *lanes) advance(l *lane) bool {
	if l.open {
		ls.read(l)
		return true
	}
	if l.job >= 0 {
		ls.conclude(l)
	}
	i, ok := ls.worker.next()
	if ok {
		ls.begin(l, i)
	}
	return ok
}

// conclude is done with the lane's job. What a glance at the file did not find
// as it should be is read again, with a look at what it is.
func (ls *lanes) conclude(l *lane) {
	w, i := ls.worker, l.job
	l.job = -1
	ds := append(w.pool.results[i].Digests, digestOf(&l.state))
	if l.file.size == unknown && !w.pool.jobs[i].Want.Match(ds) {
		w.do(i)
		return
	}
	w.done(i, Result{Size: l.size, Digests: ds})
}

// begin begins a job. One that needs more than SHA-256 is done at once.
func (ls *lanes) begin(l *lane, i int) {
	job := &ls.worker.pool.jobs[i]
	if job.Algorithms != SetOf(SHA256) {
		ls.worker.do(i)
		return
	}
	f, err := ls.worker.start(job)
	l.job, l.file, l.state = i, f, initial
	if err != nil {
		ls.fail(l, err)
		return
	}
	l.open = true
	var n int
	var all bool
	if canGlance && job.Want != nil {
		n, all, err = l.file.glance(l.buf)
	} else {
		err = l.file.look()
	}
	switch {
	case err != nil:
		ls.fail(l, err)
	case all:
		l.last(n, int64(n))
	default:
		ls.read(l)
	}
}

// read reads the next blocks of a lane's file.
func (ls *lanes) read(l *lane) {
	n, last, err := l.file.next(l.buf)
	if err == nil && !last {
		err = ls.worker.pool.ctx.Err()
	}
	switch {
	case err != nil:
		ls.fail(l, err)
	case last:
		l.last(n, l.file.size)
	default:
		l.blocks = l.buf[:n]
	}
}

// last takes the last n bytes of a file of that size, which are in buf.
func (l *lane) last(n int, size int64) {
	l.close()
	l.size = size
	l.blocks = pad(l.buf[:n], size)
}

func (l *lane) close() {
	if l.open {
		l.file.close()
		l.open = false
	}
}

func (ls *lanes) fail(l *lane, err error) {
	l.close()
	ls.worker.done(l.job, Result{Err: err})
	l.job, l.blocks = -1, nil
}

// finish hashes the rest of the files that are open, each alone, and closes
// them.
func (ls *lanes) finish() {
	for i := range ls.lane {
		l := &ls.lane[i]
		for l.open {
			if len(l.blocks) > 0 {
				l.hash()
			}
			ls.read(l)
		}
	}
}
