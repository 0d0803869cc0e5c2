package tarball

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
)

// Options say which digest the archive must have and what to list.
type Options struct {
	// Want is the digest of the archive's own bytes. The zero value matches no
	// archive.
	Want hasher.Metadata

	// Algorithms are the algorithms of the digests of each file.
	Algorithms hasher.Set

	// Limits bound the archive; the zero value is DefaultLimits.
	Limits Limits

	// Package is the name of the package whose files a zip contains: "ms",
	// "@babel/core". If it is empty, the first entry of the zip decides. ReadTar
	// ignores it.
	Package string

	// Keep selects the files whose bytes the listing keeps, by path; nil keeps none.
	// At most MaxKept bytes of one archive are kept.
	Keep func(path string) bool
}

// MaxKept is the most bytes of one archive that a listing keeps.
const MaxKept = 64 << 20

// Limits bound the cost of one archive. A field that is zero has the value in
// DefaultLimits.
type Limits struct {
	Archive  int64 // bytes of the archive itself
	Unpacked int64 // bytes after decompression, including headers and padding
	Entries  int   // including directories, links and skipped entries
	Path     int   // bytes of one path
	Names    int   // bytes of all paths together
}

// DefaultLimits allow every known package of the public registry. The largest have a
// few hundred megabytes or 150,000 files.
var DefaultLimits = Limits{
	Archive:  512 << 20,
	Unpacked: 1 << 30,
	Entries:  250_000,
	Path:     1024,
	Names:    32 << 20,
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits
	orElse(&l.Archive, d.Archive)
	orElse(&l.Unpacked, d.Unpacked)
	orElse(&l.Entries, d.Entries)
	orElse(&l.Path, d.Path)
	orElse(&l.Names, d.Names)
	return l
}

func orElse[T int | int64](n *T, otherwise T) {
	if *n <= 0 {
		*n = otherwise
	}
}

// A File is a regular file of an archive.
type File struct {
	Path       string // relative to the package, with slashes; no empty, "." or ".." element
	Size       int64
	Executable bool            // by any of the three bits
	Digests    []hasher.Digest // in the order of [hasher.Set.Algorithms]

	// Unix are the digests without the carriage return in the first line, if that
	// line begins with "#!" and ends in CR LF; otherwise nil. npm and pnpm write a
	// program (bin in package.json) like this.
	Unix []hasher.Digest

	packed packed
	kept   bool
	bytes  []byte
}

// Bytes returns the bytes of a file that Options.Keep has selected. ok is false for
// other files, and for a file for which MaxKept leaves no room.
func (f *File) Bytes() (b []byte, ok bool) { return f.bytes, f.kept }

// A Listing is the contents of an archive.
type Listing struct {
	Files     []File           // sorted by Path, without duplicates
	Irregular []IrregularEntry // in the order of the archive, at most 1,000
	Omitted   int              // irregular entries that are not in Irregular

	// Manifest is the text of the file package.json, or nil if there is none or if it is
	// larger than [nodejs.MaxPackageJSON].
	Manifest []byte

	Size    int64           // of the archive, in bytes
	Digests []hasher.Digest // of the archive, by the algorithms of Want
}

// File returns the file at path, or nil if there is none.
func (l *Listing) File(path string) *File {
	i, ok := slices.BinarySearchFunc(l.Files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !ok {
		return nil
	}
	return &l.Files[i]
}

// ReadTar lists a package's tarball, gzipped or plain. It reads r to the end. Errors
// call the archive name. Every error is an [*Error].
func ReadTar(ctx context.Context, name string, r io.Reader, opt Options) (*Listing, error) {
	a, err := newArchive(ctx, name, opt)
	if err != nil {
		return nil, err
	}
	defer a.release()
	a.source.Reset(&raw{a: a, r: r})
	readErr := a.tarball()
	return a.finish(readErr)
}

// A packed is the position of a file's bytes in a zip.
type packed struct {
	start, size int64
	deflated    bool
}

// Open returns the bytes of a file of a zip that [ReadZip] has listed. It returns an
// error if they do not have the digests of the listing: the zip may have changed.
func (f *File) Open(r io.ReaderAt) ([]byte, error) {
	var from io.Reader = io.NewSectionReader(r, f.packed.start, f.packed.size)
	if f.packed.deflated {
		from = flate.NewReader(from)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(from, f.Size+1)); err != nil {
		return nil, fmt.Errorf("read %s in a zip: %w", quote(f.Path), err)
	}
	set := hasher.Set(0)
	for _, d := range f.Digests {
		set = set.With(d.Algorithm())
	}
	if !slices.Equal(hasher.Sum(set, b.Bytes()), f.Digests) {
		return nil, fmt.Errorf("read %s in a zip: it has changed since the listing", quote(f.Path))
	}
	return b.Bytes(), nil
}

// ReadZip lists a zip of size bytes, as written by yarn 2 and later. It reads the
// directory at the end first, then the whole zip once from the first byte to the last.
// Every error is an [*Error].
func ReadZip(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) (*Listing, error) {
	a, err := newArchive(ctx, name, opt)
	if err != nil {
		return nil, err
	}
	defer a.release()
	a.source.Reset(&raw{a: a, r: io.NewSectionReader(r, 0, size)})
	readErr := a.zip(r, size)
	return a.finish(readErr)
}
