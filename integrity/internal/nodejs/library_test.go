package nodejs

import (
	"strings"
	"testing"
)

// pe returns the beginning of a PE file with these characteristics.
func pe(at byte, characteristics string) string {
	return "MZ" + strings.Repeat("\x00", 0x3A) + string([]byte{at, 0, 0, 0}) + strings.Repeat("\x00", int(at)-0x40) +
		"PE\x00\x00" + strings.Repeat("\x00", 18) + characteristics
}

var libraryTests = []struct {
	name, head    string
	code, library bool
}{
	{"empty", "", false, false},
	{"text", "require('./x')", false, false},
	{"text that begins with MZ", "MZ = 1;" + strings.Repeat(" ", 100), false, false},
	{"ELF, shared", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00", true, true},
	{"ELF, shared, big endian", "\x7fELF\x02\x02\x01" + strings.Repeat("\x00", 9) + "\x00\x03", true, true},
	{"ELF, executable", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00", true, false},
	{"ELF, object", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x01\x00", true, false},
	{"ELF, cut", "\x7fELF", true, false},
	{"Mach-O, 64 bits, dylib", "\xcf\xfa\xed\xfe" + strings.Repeat("\x00", 8) + "\x06\x00\x00\x00", true, true},
	{"Mach-O, 32 bits, bundle", "\xce\xfa\xed\xfe" + strings.Repeat("\x00", 8) + "\x08\x00\x00\x00", true, true},
	{"Mach-O, big endian, dylib", "\xfe\xed\xfa\xcf" + strings.Repeat("\x00", 8) + "\x00\x00\x00\x06", true, true},
	{"Mach-O, executable", "\xcf\xfa\xed\xfe" + strings.Repeat("\x00", 8) + "\x02\x00\x00\x00", true, false},
	{"Mach-O, cut", "\xcf\xfa\xed\xfe", true, false},
	{"Mach-O, several processors", "\xca\xfe\xba\xbe\x00\x00\x00\x02", true, true},
	{"Java class", "\xca\xfe\xba\xbe\x00\x00\x00\x34", false, false},
	{"PE, library", pe(0x80, "\x22\x20"), true, true},
	{"PE, executable", pe(0x80, "\x22\x00"), true, false},
	{"PE, cut", pe(0x80, "\x22\x20")[:0x90], false, false},
	{"WebAssembly", "\x00asm\x01\x00\x00\x00", false, false},
}

func TestIsLibrary(t *testing.T) {
	for _, tt := range libraryTests {
		if code, library := IsMachineCode([]byte(tt.head)), IsLibrary([]byte(tt.head)); code != tt.code || library != tt.library {
			t.Errorf("%s: machine code %v, library %v", tt.name, code, library)
		}
	}
}

// FuzzIsLibrary checks that no file makes IsLibrary panic, and that a library is machine
// code.
func FuzzIsLibrary(f *testing.F) {
	for _, tt := range libraryTests {
		f.Add([]byte(tt.head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		if IsLibrary(head) && !IsMachineCode(head) {
			t.Errorf("%q is a library and no machine code", head)
		}
	})
}

func TestIsLibraryName(t *testing.T) {
	for name, want := range map[string]bool{
		"libvips.so": true, "libvips-cpp.so.42": true, "lib/libvips-cpp.so.8.17.3": true, "x.dylib": true, "x.42.dylib": true, "x.dll": true,
		".so": false, ".so.1": false, "so": false, "x.so.js": false, "x.so.": true, "x.son": false, "x.solid.1": false, "x.1": false, "a.so/x.txt": false, "": false,
	} {
		if got := IsLibraryName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
