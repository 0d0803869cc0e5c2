//go:build amd64 || arm64

package launch

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"iter"
	"math"
	"os"
	"strings"

	"golang.org/x/sys/unix"

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

// Names of symbols of a dynamically linked program: node has or uses node::Start, and the
// loaders of glibc and musl have theirs. What stands before a name does not matter: a
// name may be the end of a longer one. The first is not written as it is, so that a
// program with this package is not taken for node.
var (
	nodeSymbol    = []byte(strings.ReplaceAll("_ZN4node-5Start", "-", ""))
	loaderSymbols = [][]byte{[]byte("_rtld_global\x00"), []byte("_dlstart\x00")}
)

// Ends of these names that begin with a byte that few names have: to search for them
// first takes about half of the time.
var (
	nodeEnd    = nodeSymbol[3:]
	loaderEnds = [][]byte{[]byte("bal\x00"), []byte("dlstart\x00")}
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

// kindOfELF tells what a file is by the names of the symbols that it has or uses.
func kindOfELF(r io.ReaderAt) kind {
	found := foreign
	for _, image := range readELF(r) {
		from, to := image.names()
		for names := range parts(r, from, to) {
			if bytes.Contains(names, nodeEnd) && bytes.Contains(names, nodeSymbol) {
				return isNode
			}
			for i, name := range loaderSymbols {
				if bytes.Contains(names, loaderEnds[i]) && bytes.Contains(names, name) {
					found = isLoader
				}
			}
		}
	}
	return found
}

// names returns the part of the file that has the names of the symbols, or the whole file
// if its headers leave open which part that is. DT_STRSZ is ignored, as by the loader of
// glibc: the part ends with its segment. It is empty for a program without dynamic linking.
func (image *elfImage) names() (from, to int64) {
	const whole = math.MaxInt64
	switch {
	case !image.isPlain() || len(image.dynamic) > 1:
		return 0, whole
	case len(image.dynamic) == 0:
		return 0, 0
	}
	table, ok := image.stringTable()
	if !ok {
		return 0, whole
	}
	s := image.at(table)
	if s == nil || s.flags&elf.PF_W != 0 || !image.isUsual() {
		return 0, whole
	}
	return int64(s.offset + table - s.address), int64(s.offset + s.size)
}

// stringTable returns the address of the names, if the dynamic section has just one.
func (image *elfImage) stringTable() (table uint64, ok bool) {
	at := image.dynamic[0].address
	s := image.at(at)
	if s == nil {
		return 0, false
	}
	width := image.format.word
	b := make([]byte, min(s.size-(at-s.address), maxDynamic))
	n, _ := image.r.ReadAt(b, int64(s.offset+at-s.address))
	for b = b[:n]; len(b) >= 2*width; b = b[2*width:] {
		switch elf.DynTag(image.format.read(b)) {
		case elf.DT_NULL:
			return table, ok
		case elf.DT_STRTAB:
			if ok {
				return 0, false
			}
			table, ok = image.format.read(b[width:]), true
		}
	}
	return 0, false
}

// maxDynamic bounds what is read of a dynamic section, which has less than 1 KiB.
const maxDynamic = 16 << 10

// partSize is the size of the parts in which a file is read, and overlap what they have in
// common: a name that is searched for is shorter.
const (
	partSize = 64 << 10
	overlap  = 64
)

// parts yields a part of a file, bounded in memory. It ends with the file.
func parts(r io.ReaderAt, from, to int64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		b := make([]byte, max(0, min(partSize, to-from)))
		for from < to {
			n, err := r.ReadAt(b[:min(int64(len(b)), to-from)], from)
			if !yield(b[:n]) || err != nil || from+int64(n) >= to {
				return
			}
			from += int64(n - overlap)
		}
	}
}

// Names of what makes a node a single executable application: its own fuse, and the note
// with the program.
var (
	applicationFuse = []byte("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1")
	applicationNote = []byte("NODE_SEA_BLOB")
)

// isApplication reports whether a node contains a program, which it would run in place of
// its arguments, and before the preload. Node finds the program as a note in its memory.
// The notes have a few hundred bytes, and node has 100 MB, so the fuse is searched for only
// if the headers leave open what is in memory.
func isApplication(r io.ReaderAt) bool {
	images := readELF(r)
	for _, image := range images {
		if !image.isPlain() {
			return holdsApplication(r)
		}
		for _, note := range image.notes {
			s := image.at(note.address)
			if s == nil || note.memory > s.size-(note.address-s.address) {
				return holdsApplication(r)
			}
			from := int64(s.offset + note.address - s.address)
			for part := range parts(r, from, from+int64(note.memory)) {
				if bytes.Contains(part, applicationNote) {
					return true
				}
			}
		}
	}
	return len(images) == 0 && holdsApplication(r)
}

// holdsApplication reports whether a file has the fuse of a node with a program.
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
		if err != nil && !errors.Is(err, os.ErrPermission) { // which the loader gets too
			f.Close()
			return nil, &execViolation{codeExec, "nodeint cannot tell whether " + argv[i] + " is node: " + err.Error(), "make it readable for the user who starts nodeint"}
		}
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
