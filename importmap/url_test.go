package importmap

import (
	"strings"
	"testing"
)

// urlTests are results of the class URL of Node 26 (ada 4.0): URL, base ("" for none),
// and the serialised result, or "" if the constructor throws. They were selected from a
// comparison of 420,000 generated URLs. Node 20 and 22 differ in "^" in paths, in the last
// space of opaque paths, and in the empty paths of schemes that are not special.
var urlTests = []struct{ url, base, want string }{
	{"http://EXAMPLE.com:80/a/../b", "", "http://example.com/b"},
	{"https:example.org", "https://base.example/x/y", "https://base.example/x/example.org"},
	{"https:example.org", "", "https://example.org/"},
	{"https://///example.com///", "", "https://example.com///"},
	{"http://h/a\\b\\..\\c", "", "http://h/a/c"},
	{"foo://h/a\\b", "", "foo://h/a\\b"},
	{"http://h/a\tb\nc\rd", "", "http://h/abcd"},
	{"  http://h/  ", "", "http://h/"},
	{"http://h/^|{}`\"<>#^`", "", "http://h/%5E|%7B%7D%60%22%3C%3E#^%60"},
	{"http://h/?'\"<>^`", "", "http://h/?%27%22%3C%3E^`"},
	{"foo:x?'", "", "foo:x?'"},
	{"http://h/%41%zz%", "", "http://h/%41%zz%"},
	{"http://h/%2e/%2E%2e/x", "", "http://h/x"},
	{"./%2e%2e/x", "http://h/a/b/c", "http://h/a/x"},
	{"http://h/é😀", "", "http://h/%C3%A9%F0%9F%98%80"},
	{"http://h/\u0001\u007f", "", "http://h/%01%7F"},
	{"http://h/a b?c d#e f", "", "http://h/a%20b?c%20d#e%20f"},
	{"file:///a/b", "", "file:///a/b"},
	{"file:/a", "", "file:///a"},
	{"file:a", "file:///x/y", "file:///x/a"},
	{"file://localhost/a", "", "file:///a"},
	{"file://host/a", "", "file://host/a"},
	{"file:///C|/x", "", "file:///C:/x"},
	{"file:///C:/../..", "", "file:///C:/"},
	{"/x", "file:///C:/d/e", "file:///C:/x"},
	{"D:/x", "file:///C:/d", "d:/x"},
	{"D|/x", "file:///C:/d", "file:///D:/x"},
	{"./D|/x", "file:///", "file:///D:/x"},
	{"..", "file:///C:/", "file:///C:/"},
	{"//h/x", "file:///C:/d", "file://h/x"},
	{"file:\\\\h\\a", "", "file://h/a"},
	{"data:text/javascript,x y", "", "data:text/javascript,x y"},
	{"data:x  #f", "", "data:x %20#f"},
	{"foo:o  ?q", "", "foo:o %20?q"},
	{"foo:o  ", "", "foo:o"},
	{"#f", "data:x", "data:x#f"},
	{"./x", "data:x", ""},
	{"?q", "foo:o", ""},
	{"blob:http://a/b", "", "blob:http://a/b"},
	{"about:blank#x", "", "about:blank#x"},
	{"javascript:1+1", "", "javascript:1+1"},
	{"node:fs", "", "node:fs"},
	{"mailto:a@b", "", "mailto:a@b"},
	{"http://1.2.3/", "", "http://1.2.0.3/"},
	{"http://0x7f.1/", "", "http://127.0.0.1/"},
	{"http://0300.1/", "", "http://192.0.0.1/"},
	{"http://4294967295/", "", "http://255.255.255.255/"},
	{"http://4294967296/", "", ""},
	{"http://256.1.1.1/", "", ""},
	{"http://1.2.3.4.5/", "", ""},
	{"http://1.2.3.4./", "", "http://1.2.3.4/"},
	{"http://09/", "", ""},
	{"http://a.0x/", "", ""},
	{"http://１２７.1/", "", "http://127.0.0.1/"},
	{"http://[::1]/", "", "http://[::1]/"},
	{"http://[1:0:0:2:0:0:0:3]/", "", "http://[1:0:0:2::3]/"},
	{"http://[::ffff:1.2.3.4]/", "", "http://[::ffff:102:304]/"},
	{"http://[1::2::3]/", "", ""},
	{"http://[::1/", "", ""},
	{"http://[[::1]]/", "", ""},
	{"http://[::1]]/", "", ""},
	{"http://[fe80::1%25eth0]/", "", ""},
	{"foo://[1:2:3:4:5:6:7:8:9]/", "", ""},
	{"http://bücher.de/", "", "http://xn--bcher-kva.de/"},
	{"http://xn--bcher-kva.de/", "", "http://xn--bcher-kva.de/"},
	{"http://faß.de/", "", "http://xn--fa-hia.de/"},
	{"http://ex%41mple.com/", "", "http://example.com/"},
	{"http://a%00b/", "", ""},
	{"http://ex%2fample/", "", ""},
	{"http://a b/", "", ""},
	{"http://a^b/", "", ""},
	{"http://a|b/", "", ""},
	{"http://a_b/", "", "http://a_b/"},
	{"http://日本。jp/", "", "http://xn--wgv71a.jp/"},
	{"http://a\u00adb/", "", "http://ab/"},
	{"foo://É/", "", "foo://%C3%89/"},
	{"foo://a b/", "", ""},
	{"http://-a.com/", "", "http://-a.com/"},
	{"http://a..b/", "", "http://a..b/"},
	{"http://u:p@h/", "", "http://u:p@h/"},
	{"http://u@p@h/", "", "http://u%40p@h/"},
	{"http://@/", "", ""},
	{"http://h:65535/", "", "http://h:65535/"},
	{"http://h:65536/", "", ""},
	{"http://h:8a/", "", ""},
	{"http://h:/", "", "http://h/"},
	{"http:///", "", ""},
	{"http://", "", ""},
	{"//h", "", ""},
	{"", "", ""},
	{"", "http://h/a?b#c", "http://h/a?b"},
	{"?", "http://h/a?b", "http://h/a?"},
	{"#", "http://h/a?b", "http://h/a?b#"},
	{"//x/y", "http://h/a", "http://x/y"},
	{"\\\\x\\y", "http://h/a", "http://x/y"},
	{"/..//x", "foo:/a", "foo:/.//x"},
	{"foo:/.//x", "", "foo:/.//x"},
	{"..//p", "foo:/a", "foo:/.//p"},
	{"HTTP://h", "", "http://h/"},
	{"1http://h", "", ""},
	{"a+b-c.d:x", "", "a+b-c.d:x"},
	{"http://h/\u2028\ufeff", "", "http://h/%E2%80%A8%EF%BB%BF"},
	{"file:", "", "file:///"},
	{"http://h/?😀", "", "http://h/?%F0%9F%98%80"},
	{"web+x:/..//not-a-host/", "", "web+x:/.//not-a-host/"},
	{"x/..", "http://h/a/", "http://h/a/"},
	{"http://h//..//", "", "http://h//"},
	{"https://example.com:demo", "", ""},
	{"http://[www.example.com]/", "", ""},
	{"http://xn--bcher-/", "", "http://xn--bcher-/"},
	{"http://xn--/", "", "http://xn--/"},
	{"http://xn--bcheér-kva.de/", "", ""},
	{"http://ｅｘ．com}/", "", "http://ex.com}/"},
}

// urlStricter are hosts that Node 26 accepts and parseURL rejects: labels that begin
// with xn-- and are not punycode, which Node 22 rejects too, and ASCII punctuation in a
// host that is otherwise not ASCII. All other results of the comparison were equal.
var urlStricter = map[string]bool{
	"http://xn--bcher-/": true,
	"http://xn--/":       true,
	"http://ｅｘ．com}/":    true,
}

func TestURL(t *testing.T) {
	for _, test := range urlTests {
		want := test.want
		if urlStricter[test.url] {
			if want == "" {
				t.Errorf("%q is not stricter than Node", test.url)
			}
			want = ""
		}
		if got := hrefOf(test.url, test.base); got != want {
			t.Errorf("parseURL(%q, %q) = %q, want %q", test.url, test.base, got, want)
		}
	}
}

func TestURLTooLong(t *testing.T) {
	const host = "http://h/"
	for _, test := range []struct {
		url string
		ok  bool
	}{
		{host + strings.Repeat("x", maxURL-len(host)), true},
		{host + strings.Repeat("x", maxURL-len(host)+1), false},
		{"data:," + strings.Repeat("x", maxURL), true},
		{"data:/" + strings.Repeat("x", maxURL), false},
		{"data:\t/" + strings.Repeat("x", maxURL), false},
	} {
		if got := hrefOf(test.url, "") != ""; got != test.ok {
			t.Errorf("%.12s… of %d bytes parsed: %v, want %v", test.url, len(test.url), got, test.ok)
		}
	}
}

// hrefOf returns the serialised URL, or "" if it does not parse.
func hrefOf(url, base string) string {
	var b *parsedURL
	if base != "" {
		var ok bool
		if b, ok = parseURL(base, nil); !ok {
			return ""
		}
	}
	u, ok := parseURL(url, b)
	if !ok {
		return ""
	}
	return u.href
}
