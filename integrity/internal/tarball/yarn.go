package tarball

import (
	"archive/tar"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"github.com/nodeint/nodeint/hasher"
)

// What yarn writes to every header (APPNOTE 6.3.10 §4.4): 1984-06-22 21:50:00 UTC, and
// the file types and modes of Unix in the upper half of the external attributes.
const (
	yarnDate       = 4<<9 | 6<<5 | 22
	yarnTime       = 21<<11 | 50<<5
	yarnMadeBy     = zipUnix<<8 | 63
	yarnFile       = 0o100644
	yarnExecutable = 0o100755
	yarnDir        = 0o040755
	yarnForFile    = 10 // the version of the format that a reader must support
	yarnForDir     = 20
	maxZipEntries  = math.MaxUint16 - 1 // a zip with more needs 64-bit sizes
)

// WriteYarnZip writes the zip that yarn 4 makes from a package's tarball with its default
// settings, without compression. The zip then depends only on the tarball, so its
// checksum in yarn.lock authenticates the tarball. Until the checksum is compared, the
// tarball is untrusted. WriteYarnZip reads it twice, because in a zip the checksum of a
// file precedes its bytes.
//
// The zip has the directory node_modules/<name>, then the files in the order of the
// tarball, each after its parent directories. If yarn writes anything else, the zip does
// not have the checksum. The error is an [*Error], or an error of w or tarball.
func WriteYarnZip(ctx context.Context, w io.Writer, name string, tarball io.ReadSeeker, limits Limits) error {
	z := &yarnZip{w: w, prefix: "node_modules/" + name + "/", places: make(map[string]int)}
	for _, visit := range []func(*tar.Header, string, *archive, io.Reader) error{z.plan, z.write} {
		if err := walkTar(ctx, name, tarball, limits, visit); err != nil {
			return err
		}
		if _, err := tarball.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	return z.end()
}

// walkTar visits the files and directories of a tarball that have a place in a package.
func walkTar(ctx context.Context, name string, r io.Reader, limits Limits, visit func(*tar.Header, string, *archive, io.Reader) error) error {
	a := &archive{ctx: ctx, name: name, limits: limits.withDefaults()}
	a.workspace = workspaces.Get().(*workspace)
	defer a.release()
	a.whole.Reset(hasher.SetOf(hasher.SHA256))
	a.source.Reset(&raw{a: a, r: r})
	a.visit = func(h *tar.Header, path string, r io.Reader) error { return visit(h, path, a, r) }
	return a.tarball()
}

// A yarnZip is a zip while it is written.
type yarnZip struct {
	w       io.Writer
	prefix  string
	entries []yarnEntry
	places  map[string]int // index in entries, by name
	at      int            // index of the next entry to write
	size    int64          // so far
}

type yarnEntry struct {
	name        string // that of a directory ends in a slash
	crc         uint32
	size, start int64
	mode        uint32
}

// plan adds an entry with its size and checksum, which precede its bytes in the zip.
func (z *yarnZip) plan(h *tar.Header, path string, a *archive, r io.Reader) error {
	if len(z.entries) > maxZipEntries {
		return a.fail(OverLimit, "", "it has more entries than a zip without 64-bit sizes can have")
	}
	if isDir(h) {
		z.dirs(z.prefix + path + "/")
		return nil
	}
	e := yarnEntry{name: z.prefix + path, mode: yarnFile}
	if h.Mode&0o111 != 0 {
		e.mode = yarnExecutable
	}
	if _, again := z.places[e.name]; again {
		return a.fail(Duplicate, "", "two entries have this path")
	}
	z.dirs(e.name[:strings.LastIndexByte(e.name, '/')+1])
	sum := crc32.NewIEEE()
	var err error
	if e.size, err = io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{r}, a.buf); err != nil {
		return a.tarError(err)
	}
	e.crc = sum.Sum32()
	z.add(e)
	return nil
}

// dirs adds the parent directories of a name.
func (z *yarnZip) dirs(name string) {
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		if _, there := z.places[name[:i+1]]; !there {
			z.add(yarnEntry{name: name[:i+1], mode: yarnDir})
		}
	}
}

func (z *yarnZip) add(e yarnEntry) {
	z.places[e.name] = len(z.entries)
	z.entries = append(z.entries, e)
}

// write writes a planned entry and the directories before it.
func (z *yarnZip) write(h *tar.Header, path string, a *archive, r io.Reader) error {
	if isDir(h) {
		return nil
	}
	i, there := z.places[z.prefix+path]
	if !there {
		return a.fail(Unreadable, "", "it changed while it was read")
	}
	for ; z.at <= i; z.at++ {
		if err := z.header(&z.entries[z.at]); err != nil {
			return err
		}
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{z.w}, struct{ io.Reader }{r}, a.buf)
	z.size += n
	if err == nil && n != z.entries[i].size {
		return a.fail(Unreadable, "", "it changed while it was read")
	}
	return err
}

// header writes the header before an entry's bytes (§4.3.7). The limits of a tarball
// keep its numbers below 32 bits.
func (z *yarnZip) header(e *yarnEntry) error {
	e.start = z.size
	b := append([]byte("PK\x03\x04"), e.common()...)
	b = append(b, e.name...)
	n, err := z.w.Write(b)
	z.size += int64(n)
	return err
}

// common are the fields that an entry's two headers share.
func (e *yarnEntry) common() []byte {
	need, flags := uint16(yarnForFile), uint16(0)
	if e.mode == yarnDir {
		need = yarnForDir
	}
	for i := range len(e.name) {
		if e.name[i] >= 0x80 {
			flags = zipUTF8
		}
	}
	le := binary.LittleEndian
	b := le.AppendUint16(nil, need)
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, zipStored)
	b = le.AppendUint16(b, yarnTime)
	b = le.AppendUint16(b, yarnDate)
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, uint32(e.size))
	b = le.AppendUint32(b, uint32(e.size))
	b = le.AppendUint16(b, uint16(len(e.name)))
	return le.AppendUint16(b, 0)
}

// end writes the directory (§4.3.12) and its end (§4.3.16).
func (z *yarnZip) end() error {
	for ; z.at < len(z.entries); z.at++ { // directories without a file
		if err := z.header(&z.entries[z.at]); err != nil {
			return err
		}
	}
	le := binary.LittleEndian
	var b []byte
	for i := range z.entries {
		e := &z.entries[i]
		b = le.AppendUint16(append(b, "PK\x01\x02"...), yarnMadeBy)
		b = append(b, e.common()...)
		b = append(b, make([]byte, 6)...) // no comment, the first disk, no text
		b = le.AppendUint32(b, e.mode<<16)
		b = le.AppendUint32(b, uint32(e.start))
		b = append(b, e.name...)
	}
	size := len(b)
	b = append(b, "PK\x05\x06\x00\x00\x00\x00"...)
	for range 2 {
		b = le.AppendUint16(b, uint16(len(z.entries)))
	}
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(z.size))
	b = le.AppendUint16(b, 0)
	_, err := z.w.Write(b)
	return err
}
