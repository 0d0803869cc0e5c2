package graph

import (
	"bytes"
	"strings"
)

// wasmMagic begins every WebAssembly module (§5.5.16). Node uses it to recognise modules
// whose name has no extension.
var wasmMagic = []byte("\x00asm")

// wasmImports returns the names of the modules that a WebAssembly module imports, each
// once and in order. Node resolves them as import does if the module is itself imported
// (WebAssembly/ES Module Integration). Data that is not a WebAssembly module has no
// imports. A truncated module has those before its end.
//
// The format is that of WebAssembly 2.0 §5.5: the preamble, then sections of (id, size,
// contents). The import section has the id 2 and contains a vector of (module name, name,
// description).
func wasmImports(data []byte) []string {
	r := &wasmReader{data: data}
	if !bytes.HasPrefix(data, wasmMagic) || len(data) < 8 {
		return nil
	}
	r.pos = 8
	for r.pos < len(r.data) && !r.bad {
		id, size := r.byte(), r.uint()
		if r.bad || size > len(r.data)-r.pos {
			return nil
		}
		section := r.data[r.pos : r.pos+size]
		r.pos += size
		if id == 2 {
			return wasmImportSection(section)
		}
	}
	return nil
}

// wasmImportSection returns the module names in an import section.
func wasmImportSection(section []byte) []string {
	r := &wasmReader{data: section}
	var names []string
	seen := make(map[string]bool)
	for n := r.uint(); n > 0 && !r.bad; n-- {
		module, _ := r.name(), r.name()
		r.description()
		if r.bad {
			break
		}
		if !seen[module] {
			seen[module] = true
			names = append(names, module)
		}
	}
	return names
}

// A wasmReader reads values of the binary format. bad is set after the first error.
type wasmReader struct {
	data []byte
	pos  int
	bad  bool
}

func (r *wasmReader) byte() byte {
	if r.pos >= len(r.data) {
		r.bad = true
		return 0
	}
	r.pos++
	return r.data[r.pos-1]
}

// uint reads an unsigned LEB128 of at most 32 bits (§5.2.2). The value of a longer one, as
// in the limits of a 64-bit memory, is reduced to 2^40.
func (r *wasmReader) uint() int {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		b := r.byte()
		if shift < 63 {
			v |= uint64(b&0x7F) << shift
		}
		if b < 0x80 {
			return int(min(v, 1<<40))
		}
	}
	r.bad = true
	return 0
}

func (r *wasmReader) name() string {
	n := r.uint()
	if r.bad || n > len(r.data)-r.pos {
		r.bad = true
		return ""
	}
	r.pos += n
	return strings.ToValidUTF8(string(r.data[r.pos-n:r.pos]), "\uFFFD")
}

// description skips the description of an import (§5.5.5).
func (r *wasmReader) description() {
	switch r.byte() {
	case 0x00: // function: a type index
		r.uint()
	case 0x01: // table: a reference type and limits
		r.byte()
		r.limits()
	case 0x02: // memory: limits
		r.limits()
	case 0x03: // global: a value type and its mutability
		r.byte()
		r.byte()
	case 0x04: // tag (exception handling): an attribute and a type index
		r.byte()
		r.uint()
	default:
		r.bad = true
	}
}

func (r *wasmReader) limits() {
	flags := r.byte()
	r.uint()
	if flags&1 != 0 {
		r.uint()
	}
}
