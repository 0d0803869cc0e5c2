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

// Options say what an archive has to be and what is asked of it.
type Options struct {
	// Want is what the archive's own bytes have to be. The zero value matches
	// nothing: without it no archive is read.
	Want hasher.Metadata

	// Algorithms are the digests that each file gets.
	Algorithms hasher.Set

	// Limits bound what is read; the zero value is DefaultLimits.
	Limits Limits

	// Package is the name whose files a zip has to hold, as below node_modules:
	// "ms", "@babel/core". Without it the first entry says which. ReadTar does
	// not look at it.
	Package string
}

// Limits bound what one archive may cost. A member that is zero is that of
// DefaultLimits.
type Limits struct {
	Archive  int64 // bytes of the archive itself
	Unpacked int64 // bytes after decompression: headers and padding count
	Entries  int   // folders, links and what is skipped count
	Path     int   // bytes of one path
	Names    int   // bytes of all paths together
}

// DefaultLimits let every package pass that the public registry is known to
// have: the largest come to a few hundred megabytes or 150,000 files.
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

// A File is a regular file of an archive, where package managers put it.
type File struct {
	Path       string // below the package's folder, in slashes; no empty, "." or ".." element
	Size       int64
	Executable bool            // by any of the three bits
	Digests    []hasher.Digest // in the order of [hasher.Set.Algorithms]

	// Unix are the digests with the carriage return of the first line left out,
	// where that line is "#!…" and ends in CR LF; otherwise nil. npm and pnpm
	// write a program (package.json's bin) so.
	Unix []hasher.Digest

	packed packed
}

// A Listing is what an archive holds.
type Listing struct {
	Files    []File    // sorted by Path, each of which is there once
	Findings []Finding // in the order of the archive, at most 1,000
	Left     int       // how many findings there are besides

	Size    int64           // of the archive, in bytes
	Digests []hasher.Digest // of the archive: those that Want asks for
}

// File returns the file at path, nil if the archive has none there.
func (l *Listing) File(path string) *File {
	i, ok := slices.BinarySearchFunc(l.Files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !ok {
		return nil
	}
	return &l.Files[i]
}

// ReadTar reads a package's tarball, gzipped or plain, from its first byte to
// its last. name is what errors call it. The package comment says what comes of
// what is in it. An error is an *Error, and then nothing that was read counts.
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

// A packed is where the bytes of a zip's file lie, and how.
type packed struct {
	start, size int64
	deflated    bool
}

// Open reads one file of a zip that [ReadZip] has listed. The zip may have become
// another since: the bytes count only if they have the digests of the list.
func (f *File) Open(r io.ReaderAt) ([]byte, error) {
	var from io.Reader = io.NewSectionReader(r, f.packed.start, f.packed.size)
	if f.packed.deflated {
		from = flate.NewReader(from)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(from, f.Size+1)); err != nil {
		return nil, fmt.Errorf("reading %s in a zip: %w", quote(f.Path), err)
	}
	set := hasher.Set(0)
	for _, d := range f.Digests {
		set = set.With(d.Algorithm())
	}
	if !slices.Equal(hasher.Sum(set, b.Bytes()), f.Digests) {
		return nil, fmt.Errorf("reading %s in a zip: it has changed since the zip was listed", quote(f.Path))
	}
	return b.Bytes(), nil
}

// ReadZip reads a zip of size bytes as yarn 2 and later keep it. Its directory is
// read first, at its end; then all of it once, from the first byte to the last.
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
