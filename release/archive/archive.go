// Package archive writes archives that depend on their files alone: tarballs, zip files and
// packages of Debian. The files are sorted. No archive has a time or an owner of the
// machine that wrote it, so the same files give the same bytes.
package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// A File is a file of an archive.
type File struct {
	Path       string // slash-separated, without the prefix of the archive
	Executable bool
	Data       []byte
}

// modified is the time of every file. It is the one that npm pack writes. A zip file
// cannot have a time before 1980.
var modified = time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC)

func (f File) mode() int64 {
	if f.Executable {
		return 0o755
	}
	return 0o644
}

// sorted returns the files in the order of their paths.
func sorted(files []File) []File {
	return slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

// TarGzip returns a compressed tarball. The prefix is put before each path.
func TarGzip(prefix string, files []File) ([]byte, error) {
	var entries []tar.Header
	var data [][]byte
	for _, f := range sorted(files) {
		entries = append(entries, tar.Header{Typeflag: tar.TypeReg, Name: prefix + f.Path, Mode: f.mode(), Size: int64(len(f.Data))})
		data = append(data, f.Data)
	}
	return tarGzip(entries, data)
}

func tarGzip(entries []tar.Header, data [][]byte) ([]byte, error) {
	var out bytes.Buffer
	tw := tar.NewWriter(&out)
	for i, h := range entries {
		h.ModTime, h.Format = modified, tar.FormatUSTAR
		if err := tw.WriteHeader(&h); err != nil {
			return nil, fmt.Errorf("packing %s: %w", h.Name, err)
		}
		if _, err := tw.Write(data[i]); err != nil {
			return nil, fmt.Errorf("packing %s: %w", h.Name, err)
		}
	}
	if err := tw.Close(); err != nil {
		return nil, err
	}
	return Gzip(out.Bytes())
}

// Gzip returns compressed data.
func Gzip(data []byte) ([]byte, error) {
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(data); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Zip returns a zip file. The prefix is put before each path.
func Zip(prefix string, files []File) ([]byte, error) {
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, f := range sorted(files) {
		h := &zip.FileHeader{Name: prefix + f.Path, Method: zip.Deflate, Modified: modified}
		h.SetMode(0o644)
		if f.Executable {
			h.SetMode(0o755)
		}
		w, err := zw.CreateHeader(h)
		if err == nil {
			_, err = w.Write(f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", h.Name, err)
		}
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// ReadTarGzip returns the files of a compressed tarball whose paths begin with the prefix,
// in the order of the tarball. Any other entry is an error, except for directories.
func ReadTarGzip(text []byte, prefix string) ([]File, error) {
	zr, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var files []File
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		rest, ok := strings.CutPrefix(h.Name, prefix)
		if h.Typeflag != tar.TypeReg || !ok || rest != path.Clean(rest) {
			return nil, fmt.Errorf("the entry %s is not a file below %q", h.Name, prefix)
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		files = append(files, File{rest, h.Mode&0o111 != 0, data})
	}
}

// ReadZip is like [ReadTarGzip], for a zip file.
func ReadZip(text []byte, prefix string) ([]File, error) {
	zr, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range zr.File {
		rest, ok := strings.CutPrefix(f.Name, prefix)
		if !f.Mode().IsRegular() || !ok || rest != path.Clean(rest) {
			return nil, fmt.Errorf("the entry %s is not a file below %q", f.Name, prefix)
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files = append(files, File{rest, f.Mode()&0o111 != 0, data})
	}
	return files, nil
}
