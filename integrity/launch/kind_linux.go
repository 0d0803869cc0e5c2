//go:build amd64 || arm64

package launch

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/execwatch"
)

// A kind is what an executable file is.
type kind uint8

const (
	foreign kind = iota // any other program
	isNode
	isLoader // the dynamic loader, which starts the program in its arguments
	isSingle // a node that contains a program: a single executable application
)

// Names in the symbols of a dynamically linked program, each with the end of the name
// before it: node has or uses node::Start, and the loaders of glibc and musl have theirs.
var (
	nodeSymbol    = []byte("\x00_ZN4node5Start")
	loaderSymbols = [][]byte{[]byte("\x00_rtld_global\x00"), []byte("\x00_dlstart\x00")}
)

// kindOfELF tells what a file is by the symbols that it has or uses.
func kindOfELF(r io.ReaderAt) kind {
	image, ok := readELF(r)
	if !ok {
		return foreign
	}
	names := image.symbolNames()
	if bytes.Contains(names, nodeSymbol) {
		return isNode
	}
	for _, name := range loaderSymbols {
		if image.isShared && bytes.Contains(names, name) && !image.hasInterpreter {
			return isLoader
		}
	}
	return foreign
}

// An elfImage is an ELF file as the kernel and the dynamic loader read it: by its program
// headers. They ignore the section headers, which may be absent or false.
type elfImage struct {
	r              io.ReaderAt
	wide           bool // 64-bit
	isShared       bool // a shared object, or a position-independent program
	hasInterpreter bool // the system's loader starts it
	loaded         []segment
	dynamic        segment
}

// A segment is a part of a file with the address at which it is in memory.
type segment struct{ offset, address, size uint64 }

// Limits of what is read. The kernel reads 64 KiB of program headers. The names of
// node's symbols have 4 MB.
const (
	maxHeaders = 64 << 10
	maxDynamic = 1 << 20
	maxSymbols = 64 << 20
)

// readELF reads the headers of a little-endian file.
func readELF(r io.ReaderAt) (*elfImage, bool) {
	head := make([]byte, 64)
	if n, _ := r.ReadAt(head, 0); n < 52 || string(head[:4]) != elf.ELFMAG {
		return nil, false
	}
	image := &elfImage{r: r, wide: head[elf.EI_CLASS] == byte(elf.ELFCLASS64)}
	image.isShared = elf.Type(binary.LittleEndian.Uint16(head[16:])) == elf.ET_DYN
	at, counts, size := uint64(binary.LittleEndian.Uint32(head[28:])), head[42:], 32
	if image.wide {
		at, counts, size = binary.LittleEndian.Uint64(head[32:]), head[54:], 56
	}
	count := int(binary.LittleEndian.Uint16(counts[2:]))
	if int(binary.LittleEndian.Uint16(counts)) != size || count*size > maxHeaders {
		return nil, false
	}
	headers := make([]byte, count*size)
	if _, err := r.ReadAt(headers, int64(at)); err != nil && err != io.EOF {
		return nil, false
	}
	for ; len(headers) > 0; headers = headers[size:] {
		image.add(headers)
	}
	return image, true
}

// add reads a program header.
func (image *elfImage) add(header []byte) {
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(header[4*i:])) }
	s := segment{offset: word(1), address: word(2), size: word(4)}
	if image.wide {
		long := func(i int) uint64 { return binary.LittleEndian.Uint64(header[8*i:]) }
		s = segment{offset: long(1), address: long(2), size: long(4)}
	}
	switch elf.ProgType(word(0)) {
	case elf.PT_LOAD:
		image.loaded = append(image.loaded, s)
	case elf.PT_DYNAMIC:
		image.dynamic = s
	case elf.PT_INTERP:
		image.hasInterpreter = true
	}
}

// symbolNames returns the names of the symbols, or nil if there are none.
func (image *elfImage) symbolNames() []byte {
	dynamic := image.memory(image.dynamic.address, min(image.dynamic.size, maxDynamic))
	width := 4
	if image.wide {
		width = 8
	}
	value := func(b []byte) uint64 {
		if image.wide {
			return binary.LittleEndian.Uint64(b)
		}
		return uint64(binary.LittleEndian.Uint32(b))
	}
	var table, size uint64
	for ; len(dynamic) >= 2*width; dynamic = dynamic[2*width:] {
		switch elf.DynTag(value(dynamic)) {
		case elf.DT_STRTAB:
			table = value(dynamic[width:])
		case elf.DT_STRSZ:
			size = value(dynamic[width:])
		}
	}
	if size > maxSymbols {
		return nil
	}
	return image.memory(table, size)
}

// memory returns what the file has for an address, as far as it goes.
func (image *elfImage) memory(address, size uint64) []byte {
	for _, s := range image.loaded {
		if address < s.address || address-s.address >= s.size {
			continue
		}
		from := address - s.address
		b := make([]byte, min(size, s.size-from))
		n, _ := image.r.ReadAt(b, int64(s.offset+from))
		return b[:n]
	}
	return nil
}

// applicationFuse is what node finds in itself if it contains a program.
var applicationFuse = []byte("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1")

// holdsApplication reports whether a node contains a program, which it would run in place
// of its arguments, and before the preload.
func holdsApplication(r io.ReaderAt) bool {
	b := make([]byte, 1<<20)
	for at := int64(0); ; at += int64(len(b) - len(applicationFuse)) {
		n, err := r.ReadAt(b, at)
		if bytes.Contains(b[:n], applicationFuse) {
			return true
		}
		if err != nil {
			return false
		}
	}
}

// A loadedNode is a node that the dynamic loader starts.
type loadedNode struct {
	executable
	kind kind
	argv []string
}

// loaded returns the node that a command line of the dynamic loader starts, or nil. Words
// before it are options of the loader, by which it could load other libraries, or take
// another word for the program.
func (w *watch) loaded(e *execwatch.Exec, argv []string) (*loadedNode, *execViolation) {
	for i := 1; i < len(argv); i++ {
		f, info, err := e.OpenPath(argv[i])
		if info == nil {
			continue
		}
		x := executable{f, info, err}
		k, err := w.kindOf(x)
		if err != nil || k != isNode && k != isSingle {
			f.Close() // which may be nil
			continue
		}
		for _, word := range argv[1:i] {
			if strings.HasPrefix(word, "-") {
				f.Close()
				return nil, &execViolation{codeExec, "the dynamic loader would start node with its option " + word, "start node itself"}
			}
		}
		return &loadedNode{x, k, argv[i:]}, nil
	}
	return nil, nil
}
