package nodejs

import (
	"bytes"
	"encoding/binary"
	"path"
	"strings"
)

// IsLibraryName reports whether name is that of a shared library: x.so, x.so.1.2,
// x.dylib or x.dll. An addon loads such files by itself.
func IsLibraryName(name string) bool {
	switch ext := path.Ext(name); ext {
	case ".so", ".dylib", ".dll":
		return len(path.Base(name)) > len(ext)
	}
	stem := strings.TrimRight(path.Base(name), "0123456789.")
	return strings.HasSuffix(stem, ".so") && len(stem) > len(".so")
}

// HeadSize is how many bytes of a file IsLibrary and IsMachineCode need.
const HeadSize = 4096

// IsMachineCode reports whether head, the beginning of a file, is that of machine code
// for an operating system: ELF, Mach-O or PE. No JavaScript source begins so.
func IsMachineCode(head []byte) bool {
	_, ok := codeKind(head)
	return ok
}

// IsLibrary reports whether head, the beginning of a file, is that of a shared library.
// A position-independent executable in ELF counts as one.
func IsLibrary(head []byte) bool {
	kind, ok := codeKind(head)
	return ok && kind == library
}

const (
	otherCode = iota
	library
)

// codeKind returns what machine code begins with head: library or otherCode. ok is false
// if none does.
func codeKind(head []byte) (kind int, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return elfKind(head), true
	case bytes.HasPrefix(head, []byte("\xce\xfa\xed\xfe")), bytes.HasPrefix(head, []byte("\xcf\xfa\xed\xfe")):
		return machKind(head, binary.LittleEndian), true
	case bytes.HasPrefix(head, []byte("\xfe\xed\xfa\xce")), bytes.HasPrefix(head, []byte("\xfe\xed\xfa\xcf")):
		return machKind(head, binary.BigEndian), true
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")):
		// A Mach-O file for several processors. A Java class begins so as well; where one
		// has the number of processors, the other has a version of at least 45.
		return library, len(head) >= 8 && binary.BigEndian.Uint32(head[4:]) < 45
	case bytes.HasPrefix(head, []byte("MZ")):
		return peKind(head)
	}
	return otherCode, false
}

// elfKind reads e_type of the ELF header, whose byte order e_ident[EI_DATA] gives. 3 is
// ET_DYN.
func elfKind(head []byte) int {
	if len(head) < 18 {
		return otherCode
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[5] == 2 {
		order = binary.BigEndian
	}
	if order.Uint16(head[16:]) == 3 {
		return library
	}
	return otherCode
}

// machKind reads filetype of the Mach-O header. 6 is MH_DYLIB, 8 is MH_BUNDLE.
func machKind(head []byte, order binary.ByteOrder) int {
	if len(head) < 16 {
		return otherCode
	}
	if t := order.Uint32(head[12:]); t == 6 || t == 8 {
		return library
	}
	return otherCode
}

// peKind reads Characteristics of the COFF header, which follows the signature that
// e_lfanew of the MS-DOS header locates. 0x2000 is IMAGE_FILE_DLL.
func peKind(head []byte) (kind int, ok bool) {
	if len(head) < 0x40 {
		return otherCode, false
	}
	at := uint64(binary.LittleEndian.Uint32(head[0x3C:]))
	if at+24 > uint64(len(head)) || !bytes.HasPrefix(head[at:], []byte("PE\x00\x00")) {
		return otherCode, false
	}
	if binary.LittleEndian.Uint16(head[at+22:])&0x2000 != 0 {
		return library, true
	}
	return otherCode, true
}
