//go:build amd64 || arm64

package launch

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// kindOf returns what a file is. The error is that of reading it.
//
// No result is remembered. A program can change a file without a trace in its times,
// through a shared mapping. To read a file again takes less time than to start it:
// 0.1 ms for most programs, 10 ms for another node.
func (w *watch) kindOf(x executable) (kind, error) {
	switch {
	case isSame(x.info, &w.node):
		return isNode, nil
	case isSame(x.info, &w.self):
		return foreign, nil
	case errors.Is(x.err, os.ErrPermission) && isPrivileged(x.info):
		return foreign, nil // of the system: sudo
	case x.err != nil:
		return foreign, x.err
	}
	r := &failing{ReaderAt: x.file}
	k := kindOfELF(r)
	if k == foreign && x.info.Size == w.node.Size {
		same, err := w.sameAsNode(r)
		if err != nil {
			return foreign, err
		}
		if same {
			k = isNode
		}
	}
	if k == isNode && isApplication(r) {
		k = isSingle
	}
	return k, r.err
}

// isPrivileged reports whether a file is root's, and made to be run by others with root's
// privileges or those of a group. Such files are often not readable, and none is node.
func isPrivileged(info *unix.Stat_t) bool {
	return info.Uid == 0 && info.Mode&(unix.S_ISUID|unix.S_ISGID) != 0
}

// failing remembers that a read has failed. What looks into a file takes what it cannot
// read for the end of the file, and the file for another program.
type failing struct {
	io.ReaderAt
	err error
}

func (f *failing) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.ReaderAt.ReadAt(b, at)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// sameAsNode reports whether a file of node's size has its bytes: a node without names of
// symbols is known by nothing else.
func (w *watch) sameAsNode(r io.ReaderAt) (bool, error) {
	node, err := os.Open(w.check.node)
	if err != nil {
		return false, err
	}
	defer node.Close()
	a, b := make([]byte, partSize), make([]byte, partSize)
	for at := int64(0); at < w.node.Size; at += partSize {
		n, err := node.ReadAt(a, at)
		if err != nil && err != io.EOF {
			return false, err
		}
		m, err := r.ReadAt(b, at)
		if err != nil && err != io.EOF {
			return false, err
		}
		if !bytes.Equal(a[:n], b[:m]) {
			return false, nil
		}
	}
	return true, nil
}

// An elfImage is an ELF file as the kernel and the dynamic loader read it: by its program
// headers. They ignore the section headers, which may be absent or false.
type elfImage struct {
	r       io.ReaderAt
	format  elfFormat
	headers uint64 // offset of the program headers
	size    uint64 // of the program headers
	loaded  []segment
	dynamic []segment
	notes   []segment
	itself  []segment // the program headers as a segment
}

// A segment is a part of a file with the address at which it is in memory.
type segment struct {
	offset, address uint64
	size            uint64 // in the file
	memory          uint64 // size in memory
	flags           elf.ProgFlag
}

// An elfFormat is where the header and the program headers have what.
type elfFormat struct {
	word                                 int // size of an address
	headers, entry, count                int // in the header
	offset, address, size, memory, flags int // in a program header
	entrySize                            int // of a program header
}

// elfFormats are those of 64 and of 32 bits. The kernel ignores the one that the file names
// (EI_CLASS): it takes the one of the machine, and compares the size of the program headers.
var elfFormats = []elfFormat{
	{word: 8, headers: 32, entry: 54, count: 56, offset: 8, address: 16, size: 32, memory: 40, flags: 4, entrySize: 56},
	{word: 4, headers: 28, entry: 42, count: 44, offset: 4, address: 8, size: 16, memory: 20, flags: 24, entrySize: 32},
}

// read reads an address.
func (f elfFormat) read(b []byte) uint64 {
	if f.word == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return uint64(binary.LittleEndian.Uint32(b))
}

// readELF reads the program headers of a little-endian file, in each format that the file
// may have. The result is empty if the file is not an ELF file. For a machine that an
// emulator serves, both formats may fit.
func readELF(r io.ReaderAt) (images []*elfImage) {
	head := make([]byte, 64)
	if n, _ := r.ReadAt(head, 0); n < 52 || string(head[:4]) != elf.ELFMAG {
		return nil
	}
	machine := elf.Machine(binary.LittleEndian.Uint16(head[18:]))
	for _, f := range elfFormats {
		if f.word == 4 && (machine == elf.EM_X86_64 || machine == elf.EM_AARCH64) {
			continue
		}
		if int(binary.LittleEndian.Uint16(head[f.entry:])) != f.entrySize {
			continue
		}
		image := &elfImage{r: r, format: f, headers: f.read(head[f.headers:])}
		headers := make([]byte, int(binary.LittleEndian.Uint16(head[f.count:]))*f.entrySize)
		image.size = uint64(len(headers))
		if n, _ := r.ReadAt(headers, int64(image.headers)); n < len(headers) {
			continue // nothing can load it
		}
		for ; len(headers) > 0; headers = headers[f.entrySize:] {
			image.add(headers)
		}
		images = append(images, image)
	}
	return images
}

// add reads a program header.
func (image *elfImage) add(header []byte) {
	f := image.format
	s := segment{
		f.read(header[f.offset:]), f.read(header[f.address:]), f.read(header[f.size:]), f.read(header[f.memory:]),
		elf.ProgFlag(binary.LittleEndian.Uint32(header[f.flags:])) & (elf.PF_R | elf.PF_W | elf.PF_X),
	}
	switch elf.ProgType(binary.LittleEndian.Uint32(header)) {
	case elf.PT_LOAD:
		image.loaded = append(image.loaded, s)
	case elf.PT_DYNAMIC:
		image.dynamic = append(image.dynamic, s)
	case elf.PT_NOTE:
		image.notes = append(image.notes, s)
	case elf.PT_PHDR:
		image.itself = append(image.itself, s)
	}
}

// isPlain reports whether it is beyond doubt what is in memory at an address: no two
// segments have the same page, and the program headers are where the kernel, old and new,
// and the loader look for them. So it is with the files that linkers make.
func (image *elfImage) isPlain() bool {
	page := uint64(os.Getpagesize())
	end := uint64(0)
	for _, s := range image.loaded {
		const limit = 1 << 61 // no sum of two overflows
		if max(s.offset, s.address, s.size, s.memory) > limit || s.size > s.memory ||
			s.address%page != s.offset%page || s.address&^(page-1) < end {
			return false
		}
		end = (s.address + s.memory + page - 1) &^ (page - 1)
	}
	if len(image.loaded) == 0 || len(image.itself) > 1 {
		return false
	}
	// Before Linux 5.18, the kernel takes the distance of the first segment.
	address := image.headers + image.loaded[0].address - image.loaded[0].offset
	for _, s := range image.itself {
		if s.address != address {
			return false
		}
	}
	s := image.at(address)
	return s != nil && address-s.address == image.headers-s.offset && image.size <= s.size-(address-s.address)
}

// isUsual reports whether the segments are those of a linker: each can be read, one has the
// code, those that can be written come last, and no other two beside each other have the
// same flags. So the names are not in two segments that are one in memory.
func (image *elfImage) isUsual() bool {
	code, last := 0, elf.ProgFlag(0)
	for _, s := range image.loaded {
		isWritten := s.flags&elf.PF_W != 0
		switch {
		case s.flags&elf.PF_R == 0, isWritten && s.flags&elf.PF_X != 0, !isWritten && (s.flags == last || last&elf.PF_W != 0):
			return false
		case s.flags&elf.PF_X != 0:
			code++
		}
		last = s.flags
	}
	return code <= 1
}

// at returns the segment that has an address in the file, or nil. The file must be plain.
func (image *elfImage) at(address uint64) *segment {
	for i, s := range image.loaded {
		if address >= s.address && address-s.address < s.size {
			return &image.loaded[i]
		}
	}
	return nil
}
