//go:build amd64 || arm64

package launch

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// A patched file is a file with other bytes in some places.
type patched struct {
	io.ReaderAt
	places []place
}

type place struct {
	at   int64
	text []byte
}

func (p *patched) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, at)
	for _, c := range p.places {
		if from := c.at - at; from > -int64(len(c.text)) && from < int64(n) {
			copy(b[max(0, from):n], c.text[max(0, -from):])
		}
	}
	return n, err
}

// put writes a number of size bytes.
func (p *patched) put(at uint64, size int, value uint64) {
	text := binary.LittleEndian.AppendUint64(nil, value)
	p.places = append(p.places, place{int64(at), text[:size]})
}

// header returns the offset of the n-th program header of a type.
func (p *patched) header(t *testing.T, kind elf.ProgType, n int) uint64 {
	t.Helper()
	file, err := elf.NewFile(p.ReaderAt)
	if err != nil {
		t.Fatal(err)
	}
	for i, prog := range file.Progs {
		if prog.Type != kind {
			continue
		}
		if n--; n < 0 {
			return readELF(p.ReaderAt)[0].headers + 56*uint64(i)
		}
	}
	t.Skipf("no program header %v", kind)
	return 0
}

// dynamic returns the offset of an entry of the dynamic section.
func (p *patched) dynamic(t *testing.T, tag elf.DynTag) uint64 {
	t.Helper()
	for at := readELF(p.ReaderAt)[0].dynamic[0].offset; ; at += 16 {
		var b [8]byte
		if _, err := p.ReadAt(b[:], int64(at)); err != nil {
			t.Fatal(err)
		}
		if elf.DynTag(binary.LittleEndian.Uint64(b[:])) == tag {
			return at
		}
	}
}

// headerPatches change what the kernel and the loader of glibc ignore, or read otherwise
// than it seems. Node runs with each of them: it was tried with Node.js 24 and glibc 2.36.
var headerPatches = map[string]func(t *testing.T, p *patched){
	"as it is":                func(*testing.T, *patched) {},
	"short string table":      func(t *testing.T, p *patched) { p.put(p.dynamic(t, elf.DT_STRSZ)+8, 8, 1) },
	"long string table":       func(t *testing.T, p *patched) { p.put(p.dynamic(t, elf.DT_STRSZ)+8, 8, 1<<40) },
	"size of a symbol":        func(t *testing.T, p *patched) { p.put(p.dynamic(t, elf.DT_SYMENT)+8, 8, 1) },
	"no hash table":           func(t *testing.T, p *patched) { p.put(p.dynamic(t, elf.DT_GNU_HASH), 8, 0x6ffffe00) },
	"class of 32 bits":        func(_ *testing.T, p *patched) { p.put(elf.EI_CLASS, 1, uint64(elf.ELFCLASS32)) },
	"big endian":              func(_ *testing.T, p *patched) { p.put(elf.EI_DATA, 1, uint64(elf.ELFDATA2MSB)) },
	"offset of sections":      func(_ *testing.T, p *patched) { p.put(40, 8, 1<<47) },
	"size of dynamic section": func(t *testing.T, p *patched) { p.put(p.header(t, elf.PT_DYNAMIC, 0)+32, 8, 0) },
	"offset of dynamic section": func(t *testing.T, p *patched) {
		p.put(p.header(t, elf.PT_DYNAMIC, 0)+8, 8, 0x1000)
	},
	"string table behind the end": func(t *testing.T, p *patched) {
		end := p.dynamic(t, elf.DT_NULL)
		p.put(end+16, 8, uint64(elf.DT_STRTAB))
		p.put(end+24, 8, readELF(p.ReaderAt)[0].loaded[0].address)
	},
	"two dynamic sections": func(t *testing.T, p *patched) {
		p.put(p.header(t, elf.PT_GNU_STACK, 0), 4, uint64(elf.PT_DYNAMIC))
	},
	"no header of the headers": func(t *testing.T, p *patched) { p.put(p.header(t, elf.PT_PHDR, 0), 4, 0) },
	"names that can be written": func(t *testing.T, p *patched) {
		p.put(p.header(t, elf.PT_LOAD, 0)+4, 4, uint64(elf.PF_R|elf.PF_W|elf.PF_X))
	},
	"flags of the system": func(t *testing.T, p *patched) { p.put(p.header(t, elf.PT_LOAD, 0)+4, 4, 0x0ff00004) },
	"first segment twice": func(t *testing.T, p *patched) {
		first := readELF(p.ReaderAt)[0].loaded[0]
		at := p.header(t, elf.PT_GNU_STACK, 0)
		for i, value := range []uint64{uint64(elf.PT_LOAD) | uint64(elf.PF_R)<<32, first.offset, first.address, first.address, 0x1000, 0x1000, 0x1000} {
			p.put(at+8*uint64(i), 8, value)
		}
	},
	"names in two segments": splitNames,
}

// splitNames makes two segments of the one with the names: the first has only their
// beginning. A header that is not needed makes room.
func splitNames(t *testing.T, p *patched) {
	table, _ := readELF(p.ReaderAt)[0].stringTable()
	first := p.header(t, elf.PT_LOAD, 0)
	last := p.header(t, elf.PT_NOTE, 0)
	moved := make([]byte, last-first)
	if _, err := p.ReaderAt.ReadAt(moved, int64(first)); err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(moved[32:])
	part := (table-binary.LittleEndian.Uint64(moved[16:]))&^0xfff + 0x1000
	p.places = append(p.places, place{int64(first) + 56, moved})
	for _, at := range []uint64{first + 32, first + 40} {
		p.put(at, 8, part)
	}
	for _, at := range []int{8, 16, 24} {
		p.put(first+56+uint64(at), 8, binary.LittleEndian.Uint64(moved[at:])+part)
	}
	for _, at := range []uint64{first + 56 + 32, first + 56 + 40} {
		p.put(at, 8, size-part)
	}
}

// Headers that are false do not make another program of node or of a loader.
func TestKindOfFalseHeaders(t *testing.T) {
	files := map[string]kind{interpreterOf(t, "/bin/sh"): isLoader}
	for _, major := range []int{22, 24, 26} {
		files[testenv.Node(t, major)] = isNode
	}
	for path, want := range files {
		for name, patch := range headerPatches {
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				p := &patched{ReaderAt: open(t, path).file}
				patch(t, p)
				if got := kindOfELF(p); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			})
		}
	}
}

// A program in a node is found where node finds it, also if the headers are false.
func TestIsApplication(t *testing.T) {
	for _, major := range []int{22, 24, 26} {
		file := open(t, testenv.Node(t, major)).file
		if isApplication(file) {
			t.Errorf("%d is an application", major)
		}
		p := &patched{ReaderAt: file}
		p.places = append(p.places, place{int64(readELF(p)[0].notes[0].offset) + 12, applicationNote})
		if !isApplication(p) {
			t.Errorf("%d with the note is none", major)
		}
		p = &patched{ReaderAt: file}
		headerPatches["first segment twice"](t, p)
		if isApplication(p) {
			t.Errorf("%d with false headers is an application", major)
		}
		p.places = append(p.places, place{1 << 20, applicationFuse})
		if !isApplication(p) {
			t.Errorf("%d with the fuse and false headers is none", major)
		}
	}
}

// A file that has been changed through a shared mapping is looked at again, though its
// times are the same.
func TestKindOfMapped(t *testing.T) {
	text, err := os.ReadFile(interpreterOf(t, "/bin/sh"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mapped")
	write(t, map[string]string{path: string(text)})
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	memory, err := unix.Mmap(int(file.Fd()), 0, len(text), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	w := newWatch(&execCheck{node: "/bin/sh"})
	for _, tt := range []struct {
		first byte
		want  kind
	}{{0, foreign}, {0x7f, isLoader}, {0, foreign}, {0x7f, isLoader}} {
		memory[0] = tt.first
		if got, err := w.kindOf(open(t, path)); got != tt.want || err != nil {
			t.Errorf("with the first byte %d: %v, %v, want %v", tt.first, got, err, tt.want)
		}
	}
}

// A program with this package is not taken for node.
func TestNodeSymbolIsNotHere(t *testing.T) {
	file := open(t, "/proc/self/exe").file
	for part := range parts(file, 0, 1<<62) {
		if bytes.Contains(part, nodeSymbol) {
			t.Fatal("the program has the name as it is")
		}
	}
}

// A name is found wherever a part begins.
func TestParts(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 2*partSize+100)
	for _, at := range []int{0, partSize - overlap, partSize - 1, partSize, 2*partSize - overlap - 1, len(text) - len(applicationFuse)} {
		changed := slices.Clone(text)
		copy(changed[at:], applicationFuse)
		found := false
		for part := range parts(bytes.NewReader(changed), 0, 1<<62) {
			found = found || bytes.Contains(part, applicationFuse)
		}
		if !found {
			t.Errorf("not found at %d", at)
		}
	}
}

func BenchmarkKindOf(b *testing.B) {
	for _, path := range []string{"/bin/ls", "/bin/bash", "/usr/bin/git", "/usr/bin/python3"} {
		file, err := os.Open(path)
		if err != nil {
			continue // it is not installed
		}
		defer file.Close()
		b.Run(filepath.Base(path), func(b *testing.B) {
			for b.Loop() {
				kindOfELF(file)
			}
		})
	}
}
