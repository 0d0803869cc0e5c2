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

// What a header of the directory can say (§4.4.4, §4.4.5, §4.4.2, and stat.h).
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
	start         int64 // of its own header
	system        byte
	mode          uint32
}

// A zipReader reads a zip from its first byte to its last, as it is hashed: the
// directory, which says what there is to read, is read once before, and has to be
// the same when its turn comes. archive/zip reads here and there instead, and
// between hashing a file and that the file could be another.
type zipReader struct {
	*archive
	r    io.ReaderAt
	size int64

	headers []header          // by start
	start   int64             // of the directory
	tail    [sha256.Size]byte // the directory's digest, with what is behind it

	pos      int64 // how far the zip is read
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

// directory reads the directory: as many entries as its end says, with nothing
// before, between or after them, so that no reader finds another directory.
func (z *zipReader) directory() error {
	var end [zipEndSize]byte
	if z.size < zipEndSize {
		return z.broken("%d bytes are no zip", z.size)
	}
	if _, err := z.r.ReadAt(end[:], z.size-zipEndSize); err != nil && err != io.EOF {
		return z.problem(err)
	}
	le := binary.LittleEndian
	if string(end[:4]) != "PK\x05\x06" || le.Uint16(end[20:]) != 0 {
		return z.broken("it does not end as a zip does: it is truncated, or something follows")
	}
	count, length := int(le.Uint16(end[10:])), int64(le.Uint32(end[12:]))
	z.start = int64(le.Uint32(end[16:]))
	if le.Uint32(end[4:]) != 0 || int(le.Uint16(end[8:])) != count || z.start+length != z.size-zipEndSize {
		return z.broken("its directory is not where its end says: there are parts missing, bytes between, or it is of the 64-bit kind that yarn does not write")
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
		return z.broken("its directory has more in it than the entries that its end counts")
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
		return header{}, z.broken("its directory has fewer entries than its end counts")
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

// plausible refuses what yarn does not write, and what no file can be.
func (z *zipReader) plausible(h *header) error {
	switch {
	case h.flags&zipEncrypted != 0:
		return z.broken("it is encrypted")
	case h.flags&^(zipDescriptor|zipUTF8|3<<1) != 0: // bits 1 and 2 are deflate's level
		return z.broken("its flags %#x are not known", h.flags)
	case h.method != zipStored && h.method != zipDeflated:
		return z.broken("it is compressed with method %d: only deflate is read", h.method)
	case h.method == zipStored && h.packed != h.size:
		return z.broken("it is stored as it is, but in %d bytes and not in %d", h.packed, h.size)
	case h.start+zipLocalSize+h.packed > z.start:
		return z.broken("it reaches into the directory")
	case h.size > z.limits.Unpacked:
		return z.tooMuch()
	}
	return nil
}

// prefix is what package managers leave out of each path.
func (z *zipReader) prefix() string {
	name := z.opt.Package
	for i := 0; name == "" && i < len(z.headers); i++ {
		if h := z.headers[i]; !strings.HasSuffix(h.name, "/") {
			name = packageOf(h.name)
		}
	}
	return "node_modules/" + name + "/"
}

// packageOf returns the package that a path below node_modules is of.
func packageOf(name string) string {
	parts := strings.SplitN(strings.TrimPrefix(name, "node_modules/"), "/", 3)
	if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// file reads one entry. What is skipped is read as well: all that is hashed has
// to be what the directory says.
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

// placeIn says where an entry goes; "" if it goes nowhere.
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
			z.list.find(Special, h.name, "neither file nor link")
			return ""
		}
	}
	p := zipPlace(h.name, prefix)
	if p.code != "" {
		z.list.find(p.code, h.name, p.why)
	}
	return p.path
}

// local goes on to an entry's own header, which has to say what the directory does.
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
		return z.broken("there is no entry where the directory has it")
	case string(name) != h.name:
		return z.broken("it is called %s where its data is", quote(string(name)))
	case le.Uint16(b[6:]) != h.flags, le.Uint16(b[8:]) != h.method,
		!later && (le.Uint32(b[14:]) != h.crc || int64(le.Uint32(b[18:])) != h.packed || int64(le.Uint32(b[22:])) != h.size):
		return z.broken("its header in the directory and that at its data differ")
	}
	return z.skip(int64(le.Uint16(b[28:])))
}

// data reads the bytes of an entry.
func (z *zipReader) data(h *header, f *File) error {
	if z.start-z.pos < h.packed {
		return z.broken("it reaches into the directory")
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
		return z.zipProblem(err)
	case f.Size > h.size:
		return z.broken("it has more bytes than its header says, %d", h.size)
	case f.Size < h.size || packed.left > 0:
		return z.broken("its data ends after %d bytes, and its header says %d", f.Size, h.size)
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

// directoryAgain reads the rest: the directory that was read at first.
func (z *zipReader) directoryAgain() error {
	z.entry = ""
	if err := z.skip(z.start - z.pos); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, z.source); err != nil {
		return z.problem(err)
	}
	if [sha256.Size]byte(sum.Sum(nil)) != z.tail {
		return z.broken("it changed while it was read")
	}
	return nil
}

func (z *zipReader) skip(n int64) error {
	got, err := io.CopyN(io.Discard, z.source, n)
	z.pos += got
	return z.zipProblem(err)
}

func (z *zipReader) fill(b []byte) error {
	n, err := io.ReadFull(z.source, b)
	z.pos += int64(n)
	return z.zipProblem(err)
}

func (z *zipReader) zipProblem(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil:
		return nil
	case z.failed != nil:
		return z.failed
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return z.broken("its data is truncated or broken")
	}
	return z.problem(err)
}

func (z *zipReader) broken(format string, args ...any) error {
	return z.fail(BrokenZip, "let yarn make it again: remove it, then yarn install", format, args...)
}

// A packedReader reads the bytes of one entry as they are in the zip. It gives
// single bytes so that decompression takes no more than it needs.
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
