package tarball

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxMembers is how many gzip members follow one another at most. npm writes one.
const maxMembers = 64

// tarball reads the archive as a tar file, decompressed where it is gzipped.
func (a *archive) tarball() error {
	magic, err := a.source.Peek(4)
	if err != nil && err != io.EOF {
		return a.problem(err)
	}
	switch {
	case len(magic) == 0:
		return a.fail(BrokenTar, hintAgain, "it is empty")
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return a.gzip()
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return a.fail(BrokenTar, hintPacked, "it is compressed with zstd, which no registry serves: only gzip is read")
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
		a.list.find(AfterEnd, "", "bytes after the gzip data, which nobody reads")
	}
	return nil
}

// tar reads the entries, and the padding after them: where the archive is
// gzipped its checksum comes after that.
func (a *archive) tar(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return a.padding(r)
		}
		if err != nil {
			return a.tarProblem(err)
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
		return a.fail(BrokenTar, hintPacked, "%s", reason)
	}
	if isFolder(h) && a.visit != nil {
		if p := tarPlace(h.Name); p.path != "" {
			return a.visit(h, p.path, r)
		}
	}
	if isFolder(h) || h.Typeflag == tar.TypeXGlobalHeader {
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
		return a.tarProblem(err)
	}
	a.list.add(f)
	return nil
}

// isFolder reports whether an entry is a folder. Old writers made one of a file
// whose name ends in a slash.
func isFolder(h *tar.Header) bool {
	return h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeReg && strings.HasSuffix(h.Name, "/")
}

// ambiguous returns what makes a header one that readers of tar do not agree on,
// and after which they may not even find the same entries.
func ambiguous(h *tar.Header) string {
	switch h.Typeflag {
	case tar.TypeReg:
		if h.Linkname != "" {
			return "a file that names another as a link does: npm takes its bytes for headers"
		}
		if isFolder(h) && h.Size != 0 {
			return "a file with the name of a folder: npm takes its bytes for headers"
		}
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		if h.Size != 0 {
			return "a link or device with a size: some readers skip that many bytes and others none"
		}
	case tar.TypeXGlobalHeader:
		for key := range h.PAXRecords {
			if key == "path" || key == "linkpath" || key == "size" || strings.HasPrefix(key, "GNU.sparse.") {
				return "a global header with the record " + quote(key) + ", which some readers use for all entries and others for none"
			}
		}
	}
	return ""
}

// notAFile returns what an entry is that package managers do not lay out as a
// file, or not all of them in the same way.
func notAFile(h *tar.Header) (Code, string) {
	switch h.Typeflag {
	case tar.TypeSymlink:
		return Symlink, "a symbolic link to " + quote(h.Linkname) + ", which npm and pnpm leave out"
	case tar.TypeLink:
		return HardLink, "a hard link to " + quote(h.Linkname) + ", which npm leaves out"
	case tar.TypeGNUSparse:
		return Sparse, "a sparse file, which package managers do not read"
	case tar.TypeReg:
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return Sparse, "a sparse file, of which package managers do not read the map"
			}
		}
		return "", ""
	}
	return Special, "an entry of type " + quote(string(rune(h.Typeflag))) + ": a device, FIFO, or what package managers do not agree on"
}

// padding reads what comes after the last entry.
func (a *archive) padding(r io.Reader) error {
	a.entry = ""
	blank := true
	for {
		n, err := r.Read(a.buf)
		blank = blank && len(bytes.Trim(a.buf[:n], "\x00")) == 0
		if err == io.EOF {
			break
		}
		if err != nil {
			return a.problem(err)
		}
	}
	if !blank {
		a.list.find(AfterEnd, "", "bytes after the end of the tar, which nobody reads")
	}
	return nil
}

func (a *archive) tarProblem(err error) error {
	switch {
	case a.failed != nil:
		return a.failed
	case errors.Is(err, io.ErrUnexpectedEOF):
		return a.fail(BrokenTar, hintAgain, "it ends in the middle of an entry")
	case errors.Is(err, tar.ErrHeader):
		return a.fail(BrokenTar, hintPacked, "what follows is no header of an entry: a wrong checksum or number, or what readers do not agree on")
	}
	return a.fail(BrokenTar, hintPacked, "%s", strings.TrimPrefix(err.Error(), "archive/tar: "))
}

// An unpacked counts what it reads against the limit.
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

// members reads the members of a gzip file, one after the other (RFC 1952 §2.2).
// Bytes after the last that are no member are left alone, as zlib does.
type members struct {
	a        *archive
	count    int
	trailing bool
}

func (m *members) open() error {
	if err := m.a.gz.Reset(m.a.source); err != nil {
		return m.problem(err)
	}
	m.a.gz.Multistream(false)
	if m.count++; m.count > maxMembers {
		return m.a.keep(m.a.fail(OverLimit, hintPacked, "it has more than %d gzip members", maxMembers))
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
			return n, m.problem(err)
		}
		if more, err := m.another(); !more {
			return 0, err
		}
	}
}

// another goes on to the next member. Where there is none, the error is io.EOF.
func (m *members) another() (bool, error) {
	magic, err := m.a.source.Peek(2)
	if err != nil && err != io.EOF {
		return false, m.problem(err)
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

func (m *members) problem(err error) error {
	a := m.a
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "gzip: "), "flate: ")
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "the gzip data is truncated"
	}
	return a.keep(a.fail(BrokenGzip, hintAgain, "%s", reason))
}
