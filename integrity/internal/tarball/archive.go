package tarball

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// chunk is the number of bytes that are read, decompressed and hashed at a time.
const chunk = 64 << 10

// An archive is one call of ReadTar or ReadZip.
type archive struct {
	ctx    context.Context
	name   string
	opt    Options
	limits Limits
	*workspace

	read     int64 // bytes of the archive so far
	unpacked int64 // bytes after decompression so far
	kept     int64 // bytes of files to keep so far
	entry    string
	failed   error // the first error of a reader; readers on top of it change the error
	lost     error // why the bytes of the archive cannot be read any further

	list     lister
	manifest []byte                                              // the text of the last package.json so far
	visit    func(h *tar.Header, path string, r io.Reader) error // called for an entry instead of listing it; may be nil
}

// A workspace is the memory of one archive. The next archive uses it again.
type workspace struct {
	source *bufio.Reader
	gz     gzip.Reader
	buf    []byte
	whole  hasher.Hasher // of the archive
	file   hasher.Hasher
	unix   hasher.Hasher // of a file without the carriage return in its first line
}

var workspaces = sync.Pool{New: func() any {
	return &workspace{source: bufio.NewReaderSize(nil, chunk), buf: make([]byte, chunk)}
}}

func newArchive(ctx context.Context, name string, opt Options) (*archive, error) {
	want := opt.Want.Algorithms()
	if want == 0 {
		return nil, &Error{Code: BadIntegrity, Archive: name, Reason: "the lockfile has no strong digest for it", Hint: hintInstall}
	}
	a := &archive{ctx: ctx, name: name, opt: opt, limits: opt.Limits.withDefaults()}
	a.workspace = workspaces.Get().(*workspace)
	a.whole.Reset(want)
	return a, nil
}

func (a *archive) release() {
	a.source.Reset(nil)
	workspaces.Put(a.workspace)
}

// finish checks the digest of the archive, also after an error of a reader: the wrong
// digest takes precedence. Then it returns the listing or that error.
func (a *archive) finish(readErr error) (*Listing, error) {
	a.entry = ""
	if err := a.check(); err != nil {
		return nil, err
	}
	if readErr != nil {
		return nil, readErr
	}
	l := a.list.finish()
	l.Size = a.read
	if l.File(nodejs.PackageJSON) != nil {
		l.Manifest = a.manifest
	}
	l.Digests = a.whole.Append(nil)
	return l, nil
}

// check reads the rest of the archive, and checks the digest of the whole.
func (a *archive) check() error {
	for {
		_, err := a.source.Read(a.buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			return a.lost
		}
	}
	got := a.whole.Append(nil)
	if a.opt.Want.Match(got) {
		return nil
	}
	return a.fail(WrongDigest, hintReload, "it is %s instead of %s", hasher.Format(got), a.opt.Want)
}

// readError returns the first error of the archive's readers, which caused err.
func (a *archive) readError(err error) error {
	if a.failed != nil {
		return a.failed
	}
	return &Error{Code: Unreadable, Archive: a.name, Entry: a.entry, Reason: err.Error(), Err: err}
}

// A raw reads the archive's own bytes. It counts and hashes them, and enforces the
// limit.
type raw struct {
	a *archive
	r io.Reader
}

func (s *raw) Read(p []byte) (int, error) {
	a := s.a
	if a.lost != nil {
		return 0, a.lost
	}
	if err := a.ctx.Err(); err != nil {
		return 0, a.lose(&Error{Code: Unreadable, Archive: a.name, Reason: err.Error(), Err: err})
	}
	n, err := s.r.Read(p)
	a.whole.Write(p[:n])
	if a.read += int64(n); a.read > a.limits.Archive {
		return 0, a.lose(&Error{Code: OverLimit, Archive: a.name, Reason: "it is larger than " + size(a.limits.Archive)})
	}
	if err != nil && err != io.EOF {
		err = a.lose(&Error{Code: Unreadable, Archive: a.name, Reason: err.Error(), Err: err})
	}
	return n, err
}

func (a *archive) lose(err error) error {
	a.lost = err
	return a.keep(err)
}

// keep records the first error of a reader, and returns it.
func (a *archive) keep(err error) error {
	if a.failed == nil {
		a.failed = err
	}
	return a.failed
}

// unpack counts n bytes after decompression, and enforces the limit.
func (a *archive) unpack(n int) error {
	if a.unpacked += int64(n); a.unpacked > a.limits.Unpacked {
		return a.tooMuch()
	}
	return nil
}

func (a *archive) tooMuch() error {
	return a.fail(OverLimit, hintReport, "it unpacks to more than %s", size(a.limits.Unpacked))
}

// next begins an entry, and enforces the limits of entries and names.
func (a *archive) next(name string) error {
	a.entry = name
	a.list.entries++
	a.list.names += len(name)
	switch {
	case a.list.entries > a.limits.Entries:
		return a.fail(OverLimit, hintReport, "it has more than %d entries", a.limits.Entries)
	case len(name) > a.limits.Path:
		return a.fail(OverLimit, hintReport, "the path has %d bytes; the limit is %d", len(name), a.limits.Path)
	case a.list.names > a.limits.Names:
		return a.fail(OverLimit, hintReport, "its paths have more than %s", size(int64(a.limits.Names)))
	}
	return nil
}

// digest reads and hashes a file to its end.
func (a *archive) digest(f *File, r io.Reader) error {
	a.file.Reset(a.opt.Algorithms)
	f.kept = a.opt.Keep != nil && a.opt.Keep(f.Path)
	manifest := f.Path == nodejs.PackageJSON
	if manifest {
		a.manifest = nil
	}
	cr := 0
	for {
		n, err := fill(r, a.buf)
		b := a.buf[:n]
		a.file.Write(b)
		if manifest = manifest && f.Size+int64(n) <= nodejs.MaxPackageJSON; manifest {
			a.manifest = append(a.manifest, b...)
		}
		if f.Size == 0 {
			cr = a.startUnix(b)
		} else if cr > 0 {
			a.unix.Write(b)
		}
		f.Size += int64(n)
		a.keepBytes(f, b)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if f.Path == nodejs.PackageJSON && !manifest {
		a.manifest = nil
	}
	f.Digests = a.file.Append(nil)
	if cr > 0 {
		f.Unix = a.unix.Append(nil)
	}
	return nil
}

// keepBytes keeps the next bytes of a file, if it is one to keep and there is room. A
// file that is too large leaves its room to the next.
func (a *archive) keepBytes(f *File, b []byte) {
	if !f.kept {
		return
	}
	if a.kept += int64(len(b)); a.kept > MaxKept {
		a.kept -= int64(len(f.bytes) + len(b))
		f.kept, f.bytes = false, nil
		return
	}
	f.bytes = append(f.bytes, b...)
}

// startUnix begins to hash a file without the carriage return in its first line. It
// returns the offset of the carriage return, or 0 if there is none.
func (a *archive) startUnix(b []byte) int {
	cr := shebangCR(b)
	if cr > 0 {
		a.unix.Reset(a.opt.Algorithms)
		a.unix.Write(b[:cr])
		a.unix.Write(b[cr+1:])
	}
	return cr
}

// fill reads until buf is full. Unlike io.ReadFull it does not change the error: an
// error for a truncated archive does not become the end of a file.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var got int
		got, err = r.Read(buf[n:])
		n += got
	}
	return n, err
}

// shebangCR returns the offset of the carriage return that package managers remove, or 0
// if there is none. They look for it in the first 2048 bytes.
func shebangCR(b []byte) int {
	line, _, ok := bytes.Cut(b[:min(len(b), 2048)], []byte("\n"))
	if !ok || len(line) < 4 || !bytes.HasPrefix(line, []byte("#!")) || line[len(line)-1] != '\r' {
		return 0
	}
	return len(line) - 1
}

// size formats a limit in the largest unit that divides it.
func size(n int64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if shift := 30 - 10*i; n > 0 && n%(1<<shift) == 0 {
			return fmt.Sprintf("%d %s", n>>shift, unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
