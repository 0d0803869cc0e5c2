package tarball

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"testing"

	"github.com/nodeint/nodeint/hasher"
)

// An entry is one of an archive made for a test: a file unless it says otherwise.
type entry struct {
	name, body string
	mode       int64
	kind       byte
	link       string
	pax        map[string]string
	format     tar.Format
}

func makeTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{
			Name: e.name, Mode: max(e.mode, 0o644), Typeflag: e.kind, Linkname: e.link,
			Size: int64(len(e.body)), PAXRecords: e.pax, Format: e.format,
		}
		switch e.kind {
		case 0:
			h.Typeflag = tar.TypeReg
		case tar.TypeXGlobalHeader:
			h = &tar.Header{Typeflag: e.kind, PAXRecords: e.pax}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// patchTar changes the header of the entry at a block, and its checksum.
func patchTar(b []byte, blockNo, at int, with string) []byte {
	b = bytes.Clone(b)
	h := b[512*blockNo : 512*blockNo+512]
	copy(h[at:], with)
	copy(h[148:156], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], []byte{'0' + byte(sum>>15&7), '0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' '})
	return b
}

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func makeZip(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		method := zip.Deflate
		if e.kind == 's' {
			method = zip.Store
		}
		addToZip(t, w, e, method)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func addToZip(t testing.TB, w *zip.Writer, e entry, method uint16) {
	t.Helper()
	h := &zip.FileHeader{Name: e.name, Method: method, CreatorVersion: 3 << 8, ExternalAttrs: uint32(modeFile|max(e.mode, 0o644)) << 16}
	if e.mode > 0o7777 {
		h.ExternalAttrs = uint32(e.mode) << 16
	}
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	if _, err := f.Write([]byte(e.body)); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
}

func metadata(t testing.TB, b []byte) hasher.Metadata {
	t.Helper()
	m, err := hasher.ParseMetadata(sum512(b).String())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sum512(b []byte) hasher.Digest { return hasher.Sum(hasher.SetOf(hasher.SHA512), b)[0] }

func sum256(s string) hasher.Digest { return hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(s))[0] }

// readTar reads b as what was wanted.
func readTar(t testing.TB, b []byte, limits Limits) (*Listing, error) {
	t.Helper()
	return ReadTar(context.Background(), "x.tgz", bytes.NewReader(b), Options{
		Want: metadata(t, b), Algorithms: hasher.SetOf(hasher.SHA256), Limits: limits,
	})
}

func readZip(t testing.TB, b []byte, limits Limits) (*Listing, error) {
	t.Helper()
	return ReadZip(context.Background(), "x.zip", bytes.NewReader(b), int64(len(b)), Options{
		Want: metadata(t, b), Algorithms: hasher.SetOf(hasher.SHA256), Limits: limits,
	})
}
