package tarball

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// Sizes of the fixed parts of a zip (APPNOTE 6.3.10 §4.3.7, §4.3.12, §4.3.16).
const (
	zipLocalSize  = 30
	zipHeaderSize = 46
	zipEndSize    = 22
)

// Values in a header of the directory (§4.4.4, §4.4.5, §4.4.2, and stat.h).
const (
	zipEncrypted  = 1 << 0
	zipDescriptor = 1 << 3 // the sizes come after the data
	zipUTF8       = 1 << 11
	zipStored     = 0
	zipDeflated   = 8
	zipUnix       = 3
	modeType      = 0o170000
	modeFile      = 0o100000
	modeLink      = 0o120000
)

// A header is an entry of a zip's directory.
type header struct {
	name          string
	flags, method uint16
	crc           uint32
	packed, size  int64
	start         int64 // the offset of its own header
	system        byte
	mode          uint32
}

// A zipReader reads a zip from its first byte to its last while hashing it. The
// directory lists the entries, so it is read once before; it must not have changed when
// its turn comes. archive/zip reads at random offsets instead, so the file could change
// between hashing and reading it.
type zipReader struct {
	*archive
	r    io.ReaderAt
	size int64

	headers []header          // by start
	start   int64             // the offset of the directory
	tail    [sha256.Size]byte // the digest of the directory and the end record

	pos      int64 // the offset of the next byte to read
	inflate  io.ReadCloser
	checksum hash.Hash32
}

func (a *archive) zip(r io.ReaderAt, size int64) error {
	z := &zipReader{archive: a, r: r, size: size, checksum: crc32.NewIEEE()}
	if err := z.directory(); err != nil {
		return err
	}
	prefix := z.prefix()
	for i := range z.headers {
		if err := z.file(&z.headers[i], prefix); err != nil {
			return err
		}
	}
	return z.directoryAgain()
}

// directory reads the directory. It must have as many entries as the end record says,
// and no bytes before, between or after them, so that no reader finds another directory.
func (z *zipReader) directory() error {
	var end [zipEndSize]byte
	if z.size < zipEndSize {
		return z.broken("%d bytes are too short for a zip", z.size)
	}
	if _, err := z.r.ReadAt(end[:], z.size-zipEndSize); err != nil && err != io.EOF {
		return z.readError(err)
	}
	le := binary.LittleEndian
	if string(end[:4]) != "PK\x05\x06" || le.Uint16(end[20:]) != 0 {
		return z.broken("it does not end with an end record: it is truncated, or bytes follow")
	}
	count, length := int(le.Uint16(end[10:])), int64(le.Uint32(end[12:]))
	z.start = int64(le.Uint32(end[16:]))
	if le.Uint32(end[4:]) != 0 || int(le.Uint16(end[8:])) != count || z.start+length != z.size-zipEndSize {
		return z.broken("its directory is not where its end record says: it has several parts, other bytes, or 64-bit sizes")
	}
	sum := sha256.New()
	section := io.NewSectionReader(z.r, z.start, length)
	if err := z.readHeaders(bufio.NewReader(io.TeeReader(section, sum)), count); err != nil {
		return err
	}
	sum.Write(end[:])
	sum.Sum(z.tail[:0])
	return nil
}

func (z *zipReader) readHeaders(r *bufio.Reader, count int) error {
	for range count {
		h, err := z.header(r)
		if err != nil {
			return err
		}
		z.headers = append(z.headers, h)
	}
	if z.entry = ""; r.Buffered() > 0 || !atEnd(r) {
		return z.broken("its directory has more bytes than its entries")
	}
	slices.SortStableFunc(z.headers, func(a, b header) int { return cmp.Compare(a.start, b.start) })
	return nil
}

func atEnd(r *bufio.Reader) bool {
	_, err := r.Peek(1)
	return err == io.EOF
}

func (z *zipReader) header(r *bufio.Reader) (header, error) {
	var b [zipHeaderSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil || string(b[:4]) != "PK\x01\x02" {
		return header{}, z.broken("its directory has fewer entries than its end record says")
	}
	le := binary.LittleEndian
	name := make([]byte, le.Uint16(b[28:]))
	if _, err := io.ReadFull(r, name); err != nil {
		return header{}, z.broken("its directory is truncated")
	}
	if err := z.next(string(name)); err != nil {
		return header{}, err
	}
	if _, err := r.Discard(int(le.Uint16(b[30:])) + int(le.Uint16(b[32:]))); err != nil {
		return header{}, z.broken("its directory is truncated")
	}
	h := header{
		name: string(name), flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
		packed: int64(le.Uint32(b[20:])), size: int64(le.Uint32(b[24:])), start: int64(le.Uint32(b[42:])),
		system: b[5], mode: le.Uint32(b[38:]) >> 16,
	}
	return h, z.plausible(&h)
}

// plausible rejects headers that yarn does not write or that no file can have.
func (z *zipReader) plausible(h *header) error {
	switch {
	case h.flags&zipEncrypted != 0:
		return z.broken("it is encrypted")
	case h.flags&^(zipDescriptor|zipUTF8|3<<1) != 0: // bits 1 and 2 are deflate's level
		return z.broken("its flags %#x are not supported", h.flags)
	case h.method != zipStored && h.method != zipDeflated:
		return z.broken("it is compressed with method %d; only deflate is supported", h.method)
	case h.method == zipStored && h.packed != h.size:
		return z.broken("it is not compressed, but has %d bytes instead of %d", h.packed, h.size)
	case h.start+zipLocalSize+h.packed > z.start:
		return z.broken("its data overlaps with the directory")
	case h.size > z.limits.Unpacked:
		return z.tooMuch()
	}
	return nil
}

// prefix returns the beginning of each path that package managers remove.
func (z *zipReader) prefix() string {
	name := z.opt.Package
	for i := 0; name == "" && i < len(z.headers); i++ {
		if h := z.headers[i]; !strings.HasSuffix(h.name, "/") {
			name = packageOf(h.name)
		}
	}
	return "node_modules/" + name + "/"
}

// packageOf returns the name of the package of a path below node_modules.
func packageOf(name string) string {
	parts := strings.SplitN(strings.TrimPrefix(name, "node_modules/"), "/", 3)
	if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// file reads one entry, also one that is skipped: all hashed bytes must be as the
// directory says.
func (z *zipReader) file(h *header, prefix string) error {
	z.entry = h.name
	if err := z.local(h); err != nil {
		return err
	}
	f := File{Path: z.placeIn(h, prefix), Executable: h.system == zipUnix && h.mode&0o111 != 0}
	if err := z.data(h, &f); err != nil {
		return err
	}
	if f.Path != "" {
		z.list.add(f)
	}
	return nil
}

// placeIn returns the path of an entry in the package, or "" if it is skipped.
func (z *zipReader) placeIn(h *header, prefix string) string {
	if strings.HasSuffix(h.name, "/") {
		return ""
	}
	if h.system == zipUnix {
		switch h.mode & modeType {
		case 0, modeFile:
		case modeLink:
			z.list.find(Symlink, h.name, "a symbolic link")
			return ""
		default:
			z.list.find(Special, h.name, "neither a file nor a link")
			return ""
		}
	}
	p := zipPlace(h.name, prefix)
	if p.code != "" {
		z.list.find(p.code, h.name, p.why)
	}
	return p.path
}

// local reads an entry's own header, which must be equal to that in the directory.
func (z *zipReader) local(h *header) error {
	if h.start < z.pos {
		return z.broken("it overlaps with another entry")
	}
	var b [zipLocalSize]byte
	if err := z.skip(h.start - z.pos); err != nil {
		return err
	}
	if err := z.fill(b[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	name := make([]byte, min(int(le.Uint16(b[26:])), len(h.name)+1))
	if err := z.fill(name); err != nil {
		return err
	}
	later := h.flags&zipDescriptor != 0
	switch {
	case string(b[:4]) != "PK\x03\x04":
		return z.broken("there is no entry at its offset")
	case string(name) != h.name:
		return z.broken("its own header has the name %s", quote(string(name)))
	case le.Uint16(b[6:]) != h.flags, le.Uint16(b[8:]) != h.method,
		!later && (le.Uint32(b[14:]) != h.crc || int64(le.Uint32(b[18:])) != h.packed || int64(le.Uint32(b[22:])) != h.size):
		return z.broken("its header in the directory and its own header differ")
	}
	return z.skip(int64(le.Uint16(b[28:])))
}

// data reads the bytes of an entry.
func (z *zipReader) data(h *header, f *File) error {
	if z.start-z.pos < h.packed {
		return z.broken("its data overlaps with the directory")
	}
	f.packed = packed{z.pos, h.packed, h.method == zipDeflated}
	packed := &packedReader{z, h.packed}
	var r io.Reader = packed
	if h.method == zipDeflated {
		z.inflate = resetInflate(z.inflate, packed)
		r = z.inflate
	}
	z.checksum.Reset()
	r = &unpacked{z.archive, io.LimitReader(r, h.size+1)}
	err := z.digest(f, io.TeeReader(r, z.checksum))
	switch {
	case err != nil:
		return z.zipError(err)
	case f.Size > h.size:
		return z.broken("it has more bytes than its header says: %d", h.size)
	case f.Size < h.size || packed.left > 0:
		return z.broken("its data ends after %d bytes instead of %d", f.Size, h.size)
	case z.checksum.Sum32() != h.crc:
		return z.broken("its checksum is wrong")
	}
	return nil
}

func resetInflate(r io.ReadCloser, from io.Reader) io.ReadCloser {
	if r == nil {
		return flate.NewReader(from)
	}
	_ = r.(flate.Resetter).Reset(from, nil) // never fails
	return r
}

// directoryAgain reads the directory again, and checks that it has not changed.
func (z *zipReader) directoryAgain() error {
	z.entry = ""
	if err := z.skip(z.start - z.pos); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, z.source); err != nil {
		return z.readError(err)
	}
	if [sha256.Size]byte(sum.Sum(nil)) != z.tail {
		return z.broken("it changed while it was read")
	}
	return nil
}

func (z *zipReader) skip(n int64) error {
	got, err := io.CopyN(io.Discard, z.source, n)
	z.pos += got
	return z.zipError(err)
}

func (z *zipReader) fill(b []byte) error {
	n, err := io.ReadFull(z.source, b)
	z.pos += int64(n)
	return z.zipError(err)
}

func (z *zipReader) zipError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil:
		return nil
	case z.failed != nil:
		return z.failed
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return z.broken("its data is truncated or corrupt")
	}
	return z.readError(err)
}

func (z *zipReader) broken(format string, args ...any) error {
	return z.fail(BrokenZip, "remove it, and run yarn install", format, args...)
}

// A packedReader reads the bytes of one entry in the zip. It implements io.ByteReader, so
// that decompression reads no more than it needs.
type packedReader struct {
	z    *zipReader
	left int64
}

func (p *packedReader) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n, err := p.z.source.Read(b[:min(int64(len(b)), p.left)])
	p.took(n)
	return n, err
}

func (p *packedReader) ReadByte() (byte, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	c, err := p.z.source.ReadByte()
	if err == nil {
		p.took(1)
	}
	return c, err
}

func (p *packedReader) took(n int) {
	p.left -= int64(n)
	p.z.pos += int64(n)
}
