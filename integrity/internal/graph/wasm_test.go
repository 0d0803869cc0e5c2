package graph

import (
	"slices"
	"strings"
	"testing"
)

// wasmCases are modules, and the names of the modules that they import.
var wasmCases = []struct {
	name string
	data string
	want []string
}{
	{"nothing", "", nil},
	{"not wasm", "module.exports = 1", nil},
	{"only the magic", "\x00asm", nil},
	{"no sections", "\x00asm\x01\x00\x00\x00", nil},
	{"a function", header + section(2, "\x01"+str("./a.mjs")+str("f")+"\x00\x00"), []string{"./a.mjs"}},
	{"every kind", header + section(1, "\x00") + section(2, "\x06"+
		str("f")+str("x")+"\x00\x05"+
		str("t")+str("x")+"\x01\x70\x00\x01"+
		str("m")+str("x")+"\x02\x01\x01\x02"+
		str("g")+str("x")+"\x03\x7f\x00"+
		str("e")+str("x")+"\x04\x00\x00"+
		str("f")+str("y")+"\x00\x05"), []string{"f", "t", "m", "g", "e"}},
	{"a custom section before", header + section(0, str("name")+"xyz") + section(2, "\x01"+str("a")+str("b")+"\x00\x00"), []string{"a"}},
	{"a truncated section", header + "\x02\x7f", nil},
	{"a count larger than the section", header + section(2, "\x05"+str("a")+str("b")+"\x00\x00"), []string{"a"}},
	{"an unknown kind", header + section(2, "\x02"+str("a")+str("b")+"\x00\x00"+str("c")+str("d")+"\x09"), []string{"a"}},
	{"a name longer than the section", header + section(2, "\x01\x7fab"), nil},
	{"an unterminated number", header + "\x02" + strings.Repeat("\xff", 20), nil},
	{"a huge number", header + section(2, "\xff\xff\xff\xff\x0f"+str("a")+str("b")+"\x00\x00"), []string{"a"}},
	{"a name that is not UTF-8", header + section(2, "\x01"+str("a\xff")+str("b")+"\x00\x00"), []string{"a\uFFFD"}},
}

const header = "\x00asm\x01\x00\x00\x00"

func str(s string) string { return string(rune(len(s))) + s }

func section(id byte, contents string) string {
	return string([]byte{id, byte(len(contents))}) + contents
}

func TestWasmImports(t *testing.T) {
	for _, c := range wasmCases {
		t.Run(c.name, func(t *testing.T) {
			if got := wasmImports([]byte(c.data)); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// FuzzWasmImports checks that no input panics, and that every name is part of it.
func FuzzWasmImports(f *testing.F) {
	for _, c := range wasmCases {
		f.Add([]byte(c.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range wasmImports(data) {
			if !strings.Contains(strings.ToValidUTF8(string(data), "\uFFFD"), name) && !strings.Contains(name, "\uFFFD") {
				t.Errorf("%q is not in the module", name)
			}
		}
	})
}
