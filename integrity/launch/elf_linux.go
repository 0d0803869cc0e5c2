//go:build amd64 || arm64

package launch

import (
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
)

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
