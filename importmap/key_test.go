package importmap

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"
)

// keyTests are paths and their keys, for both directions.
var keyTests = []struct{ path, key string }{
	{"app.js", "./app.js"},
	{"lib/a b.js", "./lib/a%20b.js"},
	{"node_modules/@scope/pkg/index.js", "./node_modules/@scope/pkg/index.js"},
	{"100%.js", "./100%25.js"},
	{"%2e%2e/x", "./%252e%252e/x"},
	{"a#b?c", "./a%23b%3Fc"},
	{`a\b`, "./a%5Cb"},
	{`"<>^` + "`{}", "./%22%3C%3E%5E%60%7B%7D"},
	{"!$&'()*+,-.;=@_~:|[]", "./!$&'()*+,-.;=@_~:|[]"},
	{"é/日本.js", "./%C3%A9/%E6%97%A5%E6%9C%AC.js"},
	{"latin-\xe9.js", "./latin-%E9.js"},
	{"\xff\xfe", "./%FF%FE"},
	{"tab\tnew\nline\rdel\x7f", "./tab%09new%0Aline%0Ddel%7F"},
	{"\x01", "./%01"},
	{" ", "./%20"},
	{"...", "./..."},
	{".a/..b/c..", "./.a/..b/c.."},
	{"C:/x", "./C:/x"},
	{"con/a. ", "./con/a.%20"},
	{"\u202egpj.js", "./%E2%80%AEgpj.js"},
}

func TestKey(t *testing.T) {
	for _, test := range keyTests {
		if got := KeyOf(test.path); got != test.key {
			t.Errorf("KeyOf(%q) = %q, want %q", test.path, got, test.key)
		}
		if got, err := pathOf(test.key, false); err != nil || got != test.path {
			t.Errorf("PathOf(%q) = %q, %v, want %q", test.key, got, err, test.path)
		}
	}
}

func TestPathOf(t *testing.T) {
	if got, err := PathOf("./lib/a%20b.js"); err != nil || got != "lib/a b.js" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestKeyIsCanonicalURL checks that the URL parser, which browsers use for keys, does not change
// a key.
func TestKeyIsCanonicalURL(t *testing.T) {
	for c := range 256 {
		if c == 0 || c == '/' || c == '.' {
			continue
		}
		name := "x" + string([]byte{byte(c)})
		want := "file:///root/" + KeyOf(name)[len("./"):]
		if got := hrefOf(KeyOf(name), "file:///root/importmap.json"); got != want {
			t.Errorf("%q is the URL %q, want %q", KeyOf(name), got, want)
		}
		if back, err := url.PathUnescape(want); err != nil || back != "file:///root/"+name {
			t.Errorf("%q is decoded to %q, %v", want, back, err)
		}
	}
}

// badKeys are keys that PathOf rejects, with the reason and the key to write instead.
var badKeys = []struct{ key, err string }{
	{"", `key "": does not begin with "./"`},
	{"app.js", `key "app.js": does not begin with "./"; write "./app.js"`},
	{"lib/a b.js", `key "lib/a b.js": does not begin with "./"; write "./lib/a%20b.js"`},
	{".", `key ".": does not begin with "./"`},
	{"..", `key "..": does not begin with "./"`},
	{"../x", `key "../x": does not begin with "./"`},
	{"/etc/passwd", `key "/etc/passwd": does not begin with "./"`},
	{".%2Fx", `key ".%2Fx": does not begin with "./"; write "./.%252Fx"`},
	{"file:///x.js", `key "file:///x.js": does not begin with "./"`},
	{"https://example.com/x.js", `key "https://example.com/x.js": does not begin with "./"`},
	{`.\x`, `key ".\\x": does not begin with "./"`},
	{"./", `key "./": names no file`},
	{"./.", `key "./.": has a segment "."`},
	{"./..", `key "./..": has a segment ".."`},
	{"./../x", `key "./../x": has a segment ".."`},
	{"./a/../../x", `key "./a/../../x": has a segment ".."`},
	{"./a/../x", `key "./a/../x": has a segment ".."; write "./x"`},
	{"./a/./x", `key "./a/./x": has a segment "."; write "./a/x"`},
	{"./././x", `key "./././x": has a segment "."; write "./x"`},
	{"./a/..", `key "./a/..": has a segment ".."`},
	{"./a//x", `key "./a//x": has an empty segment; write "./a/x"`},
	{".//x", `key ".//x": has an empty segment`},
	{"./a/", `key "./a/": has an empty segment`},
	{"./%2e%2e/x", `key "./%2e%2e/x": has a "%" without two upper-case hexadecimal digits`},
	{"./%2E%2E/x", `key "./%2E%2E/x": encodes '.', which must not be encoded`},
	{"./a/.%2E/x", `key "./a/.%2E/x": encodes '.', which must not be encoded; write "./x"`},
	{"./a%2Fb", `key "./a%2Fb": has an encoded "/"; write "./a%252Fb"`},
	{"./a%2fb", `key "./a%2fb": has a "%" without two upper-case hexadecimal digits; write "./a%252fb"`},
	{`./a\b`, `key "./a\\b": has '\\', which is not encoded`},
	{"./a%5cb", `key "./a%5cb": has a "%" without two upper-case hexadecimal digits; write "./a%5Cb"`},
	{"./a%00b", `key "./a%00b": has an encoded NUL`},
	{"./a\x00b", `key "./a\x00b": has '\x00', which is not encoded`},
	{"./%41.js", `key "./%41.js": encodes 'A', which must not be encoded; write "./A.js"`},
	{"./%7C", `key "./%7C": encodes '|', which must not be encoded; write "./|"`},
	{"./%c3%a9", `key "./%c3%a9": has a "%" without two upper-case hexadecimal digits; write "./%C3%A9"`},
	{"./é", `key "./é": has 'é', which is not encoded; write "./%C3%A9"`},
	{"./\xe9", `key "./\xe9": has bytes that are not encoded; write "./%E9"`},
	{"./a b", `key "./a b": has ' ', which is not encoded; write "./a%20b"`},
	{"./a^b", `key "./a^b": has '^', which is not encoded; write "./a%5Eb"`},
	{"./a\nb", `key "./a\nb": has '\n', which is not encoded; write "./a%0Ab"`},
	{"./100%", `key "./100%": has a "%" without two upper-case hexadecimal digits; write "./100%25"`},
	{"./100%2", `key "./100%2": has a "%" without two upper-case hexadecimal digits; write "./100%252"`},
	{"./%zz", `key "./%zz": has a "%" without two upper-case hexadecimal digits; write "./%25zz"`},
	{"./a.js?v=1", `key "./a.js?v=1": has a query`},
	{"./a.js#x", `key "./a.js#x": has a fragment`},
}

func TestPathOfRefuses(t *testing.T) {
	for _, test := range badKeys {
		got, err := pathOf(test.key, false)
		if err == nil {
			t.Errorf("PathOf(%q) = %q, want an error", test.key, got)
		} else if err.Error() != test.err {
			t.Errorf("PathOf(%q):\n got %s\nwant %s", test.key, err, test.err)
		}
	}
}

func TestPathOfOnWindows(t *testing.T) {
	const (
		character = "has a character that is not part of a name on Windows"
		end       = "ends a segment in a dot or a space, which Windows strips"
		device    = "is the name of a device on Windows"
	)
	for _, test := range []struct{ path, reason string }{
		{"lib/a b.js", ""},
		{"a.b/.c", ""},
		{"console.js", ""},
		{"com.js", ""},
		{"com10", ""},
		{"nul-a", ""},
		{"progra~1", ""},
		{"C:/x", character},
		{"a.js:stream", character},
		{`a\b`, character},
		{`..\..\x`, character},
		{"a|b", character},
		{"a*b", character},
		{"a\x01", character},
		{"a./b", end},
		{"a /b", end},
		{"...", end},
		{"con", device},
		{"lib/NUL.js", device},
		{"aux .txt", device},
		{"COM1", device},
		{"lpt¹.x.y", device},
		{"conin$", device},
	} {
		key := KeyOf(test.path)
		_, err := pathOf(key, true)
		want := ""
		if test.reason != "" {
			want = (&KeyError{key, test.reason, ""}).Error()
		}
		if got := errorText(err); got != want {
			t.Errorf("PathOf(%q) on Windows: got %q, want %q", key, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzKey uses its argument as a path and as a key.
func FuzzKey(f *testing.F) {
	for _, test := range keyTests {
		f.Add(test.path)
		f.Add(test.key)
	}
	for _, test := range badKeys {
		f.Add(test.key)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if isClean(s) {
			if back, err := pathOf(KeyOf(s), false); err != nil || back != s {
				t.Fatalf("PathOf(KeyOf(%q)) = %q, %v", s, back, err)
			}
		}
		for _, windows := range []bool{false, true} {
			checkPathOf(t, s, windows)
		}
	})
}

func checkPathOf(t *testing.T, key string, windows bool) {
	name, err := pathOf(key, windows)
	if err == nil {
		if KeyOf(name) != key || !isClean(name) {
			t.Fatalf("PathOf(%q) = %q, whose key is %q", key, name, KeyOf(name))
		}
		if windows && strings.ContainsAny(name, `\:`) {
			t.Fatalf("PathOf(%q) = %q on Windows", key, name)
		}
		return
	}
	if want := err.(*KeyError).Want; want != "" {
		if _, err := pathOf(want, false); err != nil || want == key {
			t.Fatalf("%q is to be written %q: %v", key, want, err)
		}
	}
}

// isClean reports whether a path is below the root, independently of PathOf.
func isClean(p string) bool {
	return p != "" && p != "." && path.Clean(p) == p && p[0] != '/' &&
		p != ".." && !strings.HasPrefix(p, "../") && !strings.Contains(p, "\x00")
}

func BenchmarkPathOf60k(b *testing.B) {
	keys := make([]string, 60000)
	for i := range keys {
		keys[i] = KeyOf(fmt.Sprintf("node_modules/package-%d/dist/esm/internal/module-%d.js", i/40, i))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, key := range keys {
			if _, err := PathOf(key); err != nil {
				b.Fatal(err)
			}
		}
	}
}
