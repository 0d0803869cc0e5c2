package audit

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
)

// noise returns n bytes that look random, the same in each run.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func pe() string {
	head := make([]byte, 0x58)
	copy(head, "MZ")
	head[0x3C] = 0x40
	copy(head[0x40:], "PE\x00\x00")
	return string(head)
}

var kindTests = []struct{ name, head, code, format string }{
	{"ELF", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 60), NativeBinary, "ELF"},
	{"Mach-O", "\xcf\xfa\xed\xfe" + strings.Repeat("\x00", 60), NativeBinary, "Mach-O"},
	{"fat Mach-O", "\xca\xfe\xba\xbe\x00\x00\x00\x02", NativeBinary, "Mach-O"},
	{"Java class", "\xca\xfe\xba\xbe\x00\x00\x00\x34", "", ""},
	{"PE", pe(), NativeBinary, "PE"},
	{"text that begins with MZ", "MZ is a text" + strings.Repeat(" ", 80), "", ""},
	{"wasm", "\x00asm\x01\x00\x00\x00", Wasm, "WebAssembly"},
	{"gzip", "\x1f\x8b\x08\x00", Archive, "gzip"},
	{"zip", "PK\x03\x04", Archive, "zip"},
	{"empty zip", "PK\x05\x06", Archive, "zip"},
	{"xz", "\xfd7zXZ\x00", Archive, "xz"},
	{"tar", strings.Repeat("\x00", 257) + "ustar\x00", Archive, "tar"},
	{"cut tar", strings.Repeat("\x00", 257) + "ust", "", ""},
	{"JavaScript", "'use strict';", "", ""},
	{"empty", "", "", ""},
}

func TestKindOf(t *testing.T) {
	for _, test := range kindTests {
		if code, format := kindOf([]byte(test.head)); code != test.code || format != test.format {
			t.Errorf("%s: %q %q, want %q %q", test.name, code, format, test.code, test.format)
		}
	}
}

func TestFitsName(t *testing.T) {
	for _, test := range []struct {
		code, name string
		fits       bool
	}{
		{NativeBinary, "esbuild", true}, {NativeBinary, "a.node", true}, {NativeBinary, "libx.so.1.2", true}, {NativeBinary, "x.EXE", true},
		{NativeBinary, "x.js", false}, {NativeBinary, "x.png", false}, {Wasm, "x.wasm", true}, {Wasm, "wasm", false},
		{Archive, "x.tgz", true}, {Archive, "good-large_compressed.lzma", false}, {Archive, "x", false},
	} {
		if got := fitsName(test.code, test.name); got != test.fits {
			t.Errorf("%s %s: %v", test.code, test.name, got)
		}
	}
}

func TestIsBinary(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "text\r\n\ttext\x1b[0m": false, "gr\xfc\xdf": false, "\xff\xfea\x00b\x00": false, "a\x00b": true,
		strings.Repeat("\x01", 10) + strings.Repeat("a", 90): true, "\x01" + strings.Repeat("a", 99): false,
	} {
		if got := isBinary([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestIsMinified(t *testing.T) {
	readable := strings.Repeat("function add(a, b) {\n  return a + b;\n}\n", 50)
	minified := strings.Repeat("function a(b,c){return b+c};", 50)
	for _, test := range []struct {
		name, src string
		want      bool
	}{
		{"readable", readable, false},
		{"minified", minified, true},
		{"a licence above it", "/*\n * MIT\n */\n" + minified + "\n", true},
		{"short", minified[:900], false},
		{"a long literal", "exports.re = /" + strings.Repeat(`\u0370-\u0373`, 300) + "/;\n", false},
		{"mostly readable", readable + minified[:1000], false},
	} {
		if got := isMinified([]byte(test.src)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

var encodedTests = []struct{ name, src, want string }{
	{"base64", `x = "` + base64.StdEncoding.EncodeToString(noise(1536)) + `"`, "2048 characters of base64"},
	{"base64 for URLs", "x = `" + base64.RawURLEncoding.EncodeToString(noise(1536)) + "`", "2048 characters of base64"},
	{"shorter", `x = "` + base64.StdEncoding.EncodeToString(noise(1500)) + `"`, ""},
	{"a long word", `x = "` + strings.Repeat("ab", 2000) + `"`, "4000 hexadecimal digits"},
	{"a long word that is no data", `x = "` + strings.Repeat("lorem", 1000) + `"`, ""},
	{"a source map", "//# sourceMappingURL=data:application/json;base64," + base64.StdEncoding.EncodeToString(noise(1536)), ""},
	{"no source map", "/* sourceMappingURL=data: */ x = '" + base64.StdEncoding.EncodeToString(noise(1536)) + "'", "2048 characters of base64"},
	{"hex", `x = "` + strings.Repeat("00ff", 256) + `"`, "1024 hexadecimal digits"},
	{"escapes", `x = "` + strings.Repeat(`\x41\u0042`, 256) + `"`, "512 escapes in a row"},
	{"ranges of escapes", `x = /[` + strings.Repeat(`\u0041-\u0042`, 512) + `]/`, ""},
	{"invisible", "x = `" + strings.Repeat("\uFE01", 16) + "`", "16 invisible characters in a row"},
	{"emoji", `x = "` + strings.Repeat("❤\uFE0F", 100) + `"`, ""},
	{"code", strings.Repeat("const a = require('a');\n", 200), ""},
}

func TestEncoded(t *testing.T) {
	for _, test := range encodedTests {
		if got := encoded([]byte(test.src)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestObfuscated(t *testing.T) {
	for src, want := range map[string]int{
		"var _0x3fa2=_0x12ab34('0x1');": 2, "a_0x3fa2": 0, "_0xZZZZ _0x12": 0, "_0x123456789": 0, "": 0,
	} {
		if got := obfuscated([]byte(src)); got != want {
			t.Errorf("%s: %d, want %d", src, got, want)
		}
	}
}

func TestIsTest(t *testing.T) {
	for file, want := range map[string]bool{
		"test/a.js": true, "lib/__tests__/a.js": true, "a.test.js": true, "lib/a.spec.ts": true, "tests/files/bad.xz": true,
		"lib/test.js": false, "latest/a.js": false, "a.js": false,
	} {
		if got := isTest(file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

// The classifiers accept any content. What they find in a text, they find again behind a
// line of other text.
func FuzzContent(f *testing.F) {
	for _, test := range kindTests {
		f.Add("x.js", []byte(test.head))
	}
	for _, test := range encodedTests {
		f.Add("x.json", []byte(test.src))
	}
	f.Add("a.node", []byte("var _0x3fa2=_0x12ab34;"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		code, format := kindOf(content)
		if (code == "") != (format == "") {
			t.Errorf("kind %q %q", code, format)
		}
		if code != "" {
			fitsName(code, name)
		}
		isBinary(content)
		isMinified(content)
		isTest(name)
		behind := bytes.Join([][]byte{[]byte("// a line\n"), content}, nil)
		if was, is := encoded(content), encoded(behind); was != is {
			t.Errorf("encoded %q, and behind a line %q", was, is)
		}
		if was, is := obfuscated(content), obfuscated(behind); was != is {
			t.Errorf("obfuscated %d, and behind a line %d", was, is)
		}
	})
}
