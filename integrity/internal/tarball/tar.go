package tarball

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxMembers is the most gzip members of a tarball. npm writes one.
const maxMembers = 64

// tarball reads the archive as a tar file, with or without gzip.
func (a *archive) tarball() error {
	magic, err := a.source.Peek(4)
	if err != nil && err != io.EOF {
		return a.readError(err)
	}
	switch {
	case len(magic) == 0:
		return a.fail(BrokenTar, hintReload, "it is empty")
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return a.gzip()
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return a.fail(BrokenTar, hintReport, "it is compressed with zstd; only gzip is supported")
	}
	return a.tar(&unpacked{a, a.source})
}

func (a *archive) gzip() error {
	m := &members{a: a}
	if err := m.open(); err != nil {
		return err
	}
	if err := a.tar(&unpacked{a, m}); err != nil {
		return err
	}
	if m.trailing {
		a.list.find(AfterEnd, "", "bytes after the gzip data, which no reader reads")
	}
	return nil
}

// tar reads the entries and the padding after them. In a gzipped archive, the checksum
// comes after the padding.
func (a *archive) tar(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return a.padding(r)
		}
		if err != nil {
			return a.tarError(err)
		}
		if err := a.tarEntry(h, tr); err != nil {
			return err
		}
	}
}

func (a *archive) tarEntry(h *tar.Header, r io.Reader) error {
	if err := a.next(h.Name); err != nil {
		return err
	}
	if reason := ambiguous(h); reason != "" {
		return a.fail(BrokenTar, hintReport, "%s", reason)
	}
	if isDir(h) && a.visit != nil {
		if p := tarPlace(h.Name); p.path != "" {
			return a.visit(h, p.path, r)
		}
	}
	if isDir(h) || h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	if code, reason := notAFile(h); code != "" {
		a.list.find(code, h.Name, reason)
		return nil
	}
	p := tarPlace(h.Name)
	if p.code != "" {
		a.list.find(p.code, h.Name, p.why)
	}
	if p.path == "" {
		return nil
	}
	if a.visit != nil {
		return a.visit(h, p.path, r)
	}
	f := File{Path: p.path, Executable: h.Mode&0o111 != 0}
	if err := a.digest(&f, r); err != nil {
		return a.tarError(err)
	}
	a.list.add(f)
	return nil
}

// isDir reports whether an entry is a directory. Old writers wrote directories as files
// whose name ends in a slash.
func isDir(h *tar.Header) bool {
	return h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeReg && strings.HasSuffix(h.Name, "/")
}

// ambiguous says why readers of tar understand a header differently, so that they may
// find different entries after it. It returns "" for other headers.
func ambiguous(h *tar.Header) string {
	switch h.Typeflag {
	case tar.TypeReg:
		if h.Linkname != "" {
			return "a file with a link target: npm reads its bytes as headers"
		}
		if isDir(h) && h.Size != 0 {
			return "a file with the name of a directory: npm reads its bytes as headers"
		}
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		if h.Size != 0 {
			return "a link or device with a size: some readers skip that many bytes, others none"
		}
	case tar.TypeXGlobalHeader:
		for key := range h.PAXRecords {
			if key == "path" || key == "linkpath" || key == "size" || strings.HasPrefix(key, "GNU.sparse.") {
				return "a global header with the record " + quote(key) + ", which some readers apply to all entries, others to none"
			}
		}
	}
	return ""
}

// notAFile returns the code and the reason for an entry that not all package managers
// write as the same regular file.
func notAFile(h *tar.Header) (Code, string) {
	switch h.Typeflag {
	case tar.TypeSymlink:
		return Symlink, "a symbolic link to " + quote(h.Linkname) + ", which npm and pnpm skip"
	case tar.TypeLink:
		return HardLink, "a hard link to " + quote(h.Linkname) + ", which npm skips"
	case tar.TypeGNUSparse:
		return Sparse, "a sparse file, which package managers do not support"
	case tar.TypeReg:
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return Sparse, "a sparse file, whose map package managers do not support"
			}
		}
		return "", ""
	}
	return Special, "an entry of type " + quote(string(rune(h.Typeflag))) + ": a device, a FIFO, or a type that package managers read differently"
}

// padding reads the bytes after the last entry.
func (a *archive) padding(r io.Reader) error {
	a.entry = ""
	zero := true
	for {
		n, err := r.Read(a.buf)
		zero = zero && len(bytes.Trim(a.buf[:n], "\x00")) == 0
		if err == io.EOF {
			break
		}
		if err != nil {
			return a.readError(err)
		}
	}
	if !zero {
		a.list.find(AfterEnd, "", "bytes after the end of the tar, which no reader reads")
	}
	return nil
}

func (a *archive) tarError(err error) error {
	switch {
	case a.failed != nil:
		return a.failed
	case errors.Is(err, io.ErrUnexpectedEOF):
		return a.fail(BrokenTar, hintReload, "it is truncated in an entry")
	case errors.Is(err, tar.ErrHeader):
		return a.fail(BrokenTar, hintReport, "the next header is invalid, or readers understand it differently")
	}
	return a.fail(BrokenTar, hintReport, "%s", strings.TrimPrefix(err.Error(), "archive/tar: "))
}

// An unpacked reads decompressed bytes and enforces their limit.
type unpacked struct {
	a *archive
	r io.Reader
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if limit := u.a.unpack(n); limit != nil {
		return 0, u.a.keep(limit)
	}
	return n, err
}

// members reads the members of a gzip file in order (RFC 1952 §2.2). Like zlib, it
// ignores bytes after the last member.
type members struct {
	a        *archive
	count    int
	trailing bool
}

func (m *members) open() error {
	if err := m.a.gz.Reset(m.a.source); err != nil {
		return m.readError(err)
	}
	m.a.gz.Multistream(false)
	if m.count++; m.count > maxMembers {
		return m.a.keep(m.a.fail(OverLimit, hintReport, "it has more than %d gzip members", maxMembers))
	}
	return nil
}

func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.a.gz.Read(p)
		if err == nil || n > 0 && err == io.EOF {
			return n, nil
		}
		if err != io.EOF {
			return n, m.readError(err)
		}
		if more, err := m.another(); !more {
			return 0, err
		}
	}
}

// another opens the next member. The error is io.EOF if there is none.
func (m *members) another() (bool, error) {
	magic, err := m.a.source.Peek(2)
	if err != nil && err != io.EOF {
		return false, m.readError(err)
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		m.trailing = len(magic) > 0
		return false, io.EOF
	}
	if err := m.open(); err != nil {
		return false, err
	}
	return true, nil
}

func (m *members) readError(err error) error {
	a := m.a
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "gzip: "), "flate: ")
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "the gzip data is truncated"
	}
	return a.keep(a.fail(BrokenGzip, hintReload, "%s", reason))
}
