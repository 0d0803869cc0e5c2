package hasher

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	source   = `globalThis.RESULT="m";`
	good256  = "sha256-G7NCM6huPRVazLE5cMUPium2yOTrUi8sHGQQlH745pk="
	bad256   = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	good384  = "sha384-jrh4THG6+kBgkuecld/x30FTamkjtQVQB8eHh8osYEfJIEaz2h3ngqpyaJhriFfS"
	bad384   = "sha384-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	good512  = "sha512-WXtBKMxPIJO5llCwTOMWm9ihz6eiyHOeXtM2+EDNWJp2s5Gc6Xpm+DCIx3q4OUEE1WV8v3WLW67X8GTK8vEgIQ=="
	bad512   = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
	goodB3   = "blake3-44CQv2TA9HqxL6F2+K6bCLLSSM9X/WEojSTKDs+mmYc="
	badB3    = "blake3-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	everyOne = Set(1<<SHA256 | 1<<SHA384 | 1<<SHA512 | 1<<BLAKE3)
)

// metadataTests are values that ParseMetadata accepts, whether they match source,
// and the algorithms that Match needs.
var metadataTests = []struct {
	name, value string
	match       bool
	need        Set
}{
	{"sha256", good256, true, SetOf(SHA256)},
	{"sha256 wrong", bad256, false, SetOf(SHA256)},
	{"sha384", good384, true, SetOf(SHA384)},
	{"sha384 wrong", bad384, false, SetOf(SHA384)},
	{"sha512", good512, true, SetOf(SHA512)},
	{"sha512 wrong", bad512, false, SetOf(SHA512)},
	{"blake3", goodB3, true, SetOf(BLAKE3)},
	{"blake3 wrong", badB3, false, SetOf(BLAKE3)},
	{"several, the first right", good256 + " " + bad256, true, SetOf(SHA256)},
	{"several, the last right", bad256 + " " + bad256 + " " + good256, true, SetOf(SHA256)},
	{"several blake3, one right", badB3 + " " + goodB3, true, SetOf(BLAKE3)},
	{"stronger wrong", good256 + " " + bad512, false, SetOf(SHA512)},
	{"stronger wrong and first", bad512 + " " + good384 + " " + good256, false, SetOf(SHA512)},
	{"weaker wrong", bad256 + " " + good384, true, SetOf(SHA384)},
	{"middle one wrong", good256 + " " + bad384, false, SetOf(SHA384)},
	{"blake3 and sha256", good256 + " " + goodB3, true, SetOf(SHA256, BLAKE3)},
	{"blake3 wrong beside sha256", good256 + " " + badB3, false, SetOf(SHA256, BLAKE3)},
	{"blake3 right beside wrong sha256", goodB3 + " " + bad256, false, SetOf(SHA256, BLAKE3)},
	{"all four", good256 + " " + good384 + " " + good512 + " " + goodB3, true, SetOf(SHA512, BLAKE3)},
	{"unknown beside it", "foo666-AAAA " + good256, true, SetOf(SHA256)},
	{"unknown of one padding", "sha1-AAA= md5-AA== " + bad256, false, SetOf(SHA256)},
	{"capitals beside it", "SHA512-AAAA " + good256, true, SetOf(SHA256)},
	{"option", good256 + "?a", true, SetOf(SHA256)},
	{"options", good256 + "?foo=bar?!~-\"", true, SetOf(SHA256)},
	{"empty option", good256 + "?", true, SetOf(SHA256)},
	{"every white space", "\f\r " + bad256 + "\t\r\n\f " + good256 + "\n", true, SetOf(SHA256)},
	{"64 tokens", strings.Repeat(bad256+" ", 63) + good256, true, SetOf(SHA256)},
	{"8 KiB", good256 + strings.Repeat(" ", 8<<10-len(good256)), true, SetOf(SHA256)},
}

// malformed are values that ParseMetadata rejects, with a part of the error.
var malformed = []struct{ name, value, want string }{
	{"empty", "", "empty"},
	{"white space", " \t\n\f\r", "empty"},
	{"unknown only", "foo666-AAAA", "no known algorithm"},
	{"sha1 only", "sha1-AAAA", "no known algorithm"},
	{"capitals only", "SHA384" + good384[6:], "no known algorithm"},
	{"sha512 truncated name", "sha5" + good512[6:], "no known algorithm"},
	{"no dash", "sha256", "form algorithm-digest"},
	{"no algorithm", "-AAAA " + good256, "form algorithm-digest"},
	{"algorithm with a sign", "sha_1-AAAA " + good256, "form algorithm-digest"},
	{"no value", "sha256-", "0 characters"},
	{"no value, option", "sha256-?a", "0 characters"},
	{"unknown without value", "sha1- " + good256, "not base64"},
	{"unknown, only padding", "sha1-== " + good256, "not base64"},
	{"unknown, too much padding", "sha1-A=== " + good256, "not base64"},
	{"unknown, padding within", "sha1-A=A= " + good256, "not base64"},
	{"unknown, base64url", "sha1-AA-_ " + good256, "not base64"},
	{"unknown, two dashes", "blake2b-512-AAAA " + good256, "not base64"},
	{"base64url", "sha384-jrh4THG6-kBgkuecld_x30FTamkjtQVQB8eHh8osYEfJIEaz2h3ngqpyaJhriFfS", "not canonical"},
	{"not base64", "sha384-...", "3 characters"},
	{"too short", "sha384-foobar", "6 characters"},
	{"too long", good256 + "AAAA", "48 characters"},
	{"another algorithm's length", "sha256" + good384[6:], "64 characters"},
	{"without padding", strings.TrimRight(good256, "="), "43 characters"},
	{"one padding of two", strings.TrimSuffix(good512, "="), "87 characters"},
	{"trailing bits", good256[:len(good256)-2] + "l=", "not canonical"},
	{"32 bytes where 33 fit", "sha256-" + strings.Repeat("A", 44), "not canonical"},
	{"31 bytes", "sha256-" + strings.Repeat("A", 42) + "==", "not canonical"},
	{"right beside malformed", good256 + " sha384-AAAA", "4 characters"},
	{"comma", good256 + "," + good256, "characters"},
	{"no-break space", good256 + "\u00a0" + good256, "characters"},
	{"vertical tab", good256 + "\v" + good256, "characters"},
	{"NUL", good256 + "\x00", "characters"},
	{"option not ASCII", good256 + "?é", "not visible"},
	{"option with a control character", good256 + "?\x7f", "not visible"},
	{"not UTF-8", "\xff" + good256, "form algorithm-digest"},
	{"65 tokens", strings.Repeat(good256+" ", 65), "at most 64"},
	{"more than 8 KiB", good256 + strings.Repeat(" ", 8<<10), "at most 8192"},
}

func TestParseMetadata(t *testing.T) {
	got := Sum(everyOne, []byte(source))
	for _, tt := range metadataTests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ParseMetadata(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if m.Algorithms() != tt.need {
				t.Errorf("Algorithms = %v, want %v", m.Algorithms(), tt.need)
			}
			if m.Match(got) != tt.match {
				t.Errorf("Match = %v with all digests, want %v", !tt.match, tt.match)
			}
			if m.Match(Sum(tt.need, []byte(source))) != tt.match {
				t.Errorf("Match = %v with the digests needed, want %v", !tt.match, tt.match)
			}
			if m.Match(Sum(everyOne, []byte("other"))) || m.Match(nil) || m.Match([]Digest{{}}) {
				t.Error("Match = true for other content or none")
			}
			if want := strings.Join(strings.Fields(tt.value), " "); m.String() != want {
				t.Errorf("String = %q, want %q", m.String(), want)
			}
		})
	}
}

func TestParseMetadataMalformed(t *testing.T) {
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ParseMetadata(tt.value)
			if err == nil {
				t.Fatalf("accepted as %q", m)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not have %q", err, tt.want)
			}
			if len(err.Error()) > 400 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			if m.Match(Sum(everyOne, []byte(source))) {
				t.Error("rejected metadata matches")
			}
		})
	}
}

func TestZeroMetadata(t *testing.T) {
	var m Metadata
	if m.Match(nil) || m.Match([]Digest{{}}) || m.Match(Sum(everyOne, nil)) {
		t.Error("the zero Metadata matches")
	}
	if m.Algorithms() != 0 || m.String() != "" {
		t.Errorf("Algorithms = %v, String = %q", m.Algorithms(), m)
	}
}

// TestMatchNeverLaxerThanSRI checks that a browser, which skips blake3, accepts
// everything that Match accepts.
func TestMatchNeverLaxerThanSRI(t *testing.T) {
	tokens := []string{good256, bad256, good384, bad384, good512, bad512, goodB3, badB3}
	got := Sum(everyOne, []byte(source))
	for bits := 1; bits < 1<<len(tokens); bits++ {
		var all, sri []string
		for i, token := range tokens {
			if bits&(1<<i) == 0 {
				continue
			}
			all = append(all, token)
			if !strings.HasPrefix(token, "blake3") {
				sri = append(sri, token)
			}
		}
		blake3 := slices.Contains(all, goodB3) || !slices.Contains(all, badB3)
		for range 2 { // in both orders
			m, err := ParseMetadata(strings.Join(all, " "))
			if err != nil {
				t.Fatal(err)
			}
			if got, browser := m.Match(got), sriMatch(sri, got); got != (browser && blake3) {
				t.Errorf("%q matches: %v; in a browser %v, by blake3 %v", m, got, browser, blake3)
			}
			slices.Reverse(all)
		}
	}
}

// sriMatch follows the steps of SRI §3.3.4.
func sriMatch(tokens []string, got []Digest) bool {
	if len(tokens) == 0 {
		return true
	}
	strongest := slices.Max(tokens)[:6]
	for _, token := range tokens {
		if token[:6] == strongest && slices.ContainsFunc(got, func(d Digest) bool { return d.String() == token }) {
			return true
		}
	}
	return false
}

// vectorFile reads a file of test vectors that several projects share. It is not
// part of the repository.
func vectorFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "vectors", name))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skipf("the shared vectors (%s) are not present", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestVectors runs the shared cases that depend on the value only. Package
// importmap runs those about the key or the form of the map.
func TestVectors(t *testing.T) {
	var vectors struct {
		Source string
		Cases  []struct {
			Name, Request, Nodeint string
			Map                    struct{ Integrity json.RawMessage }
		}
	}
	if err := json.Unmarshal(vectorFile(t, "integrity.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	got := Sum(everyOne, []byte(vectors.Source))
	ran := 0
	for _, c := range vectors.Cases {
		var entries map[string]any
		if json.Unmarshal(c.Map.Integrity, &entries) != nil {
			continue
		}
		value, ok := entries["./m.js"].(string)
		if !ok {
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			outcome := "untrusted"
			if m, err := ParseMetadata(value); err == nil {
				outcome = map[bool]string{true: "match", false: "mismatch"}[m.Match(got)]
			}
			if outcome != c.Nodeint {
				t.Errorf("%q: %s, want %s", value, outcome, c.Nodeint)
			}
		})
	}
	if ran < 25 {
		t.Errorf("only %d cases have a value for ./m.js", ran)
	}
}

func FuzzParseMetadata(f *testing.F) {
	for _, tt := range metadataTests {
		f.Add(tt.value)
	}
	for _, tt := range malformed {
		f.Add(tt.value)
	}
	got := Sum(everyOne, []byte(source))
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMetadata(s)
		if err != nil {
			if m.Match(got) || m.Algorithms() != 0 {
				t.Fatalf("%q is rejected but not empty", s)
			}
			return
		}
		again, err := ParseMetadata(m.String())
		if err != nil || again.String() != m.String() || !slices.Equal(again.digests, m.digests) {
			t.Fatalf("%q is %q, and that is %q, %v", s, m, again, err)
		}
		for _, d := range m.Digests() {
			if one, err := ParseDigest(d.String()); err != nil || one != d {
				t.Fatalf("ParseDigest(%q) = %q, %v", d, one, err)
			}
			if !strings.Contains(s, d.String()) {
				t.Fatalf("%q has no digest %q", s, d)
			}
		}
		need := m.Algorithms()
		if need == 0 {
			t.Fatalf("%q is accepted and needs nothing", s)
		}
		// The needed digests of source are all in the text.
		if m.Match(got) {
			for _, d := range Sum(need, []byte(source)) {
				if !strings.Contains(s, d.String()) {
					t.Fatalf("%q matches without %q", s, d)
				}
			}
		}
	})
}

func TestParseAlgorithm(t *testing.T) {
	for _, a := range everyOne.Algorithms() {
		if got, err := ParseAlgorithm(a.String()); got != a || err != nil {
			t.Errorf("ParseAlgorithm(%q) = %v, %v", a.String(), got, err)
		}
	}
	for _, name := range []string{"", "SHA256", "sha1", "sha-256", "blake3 ", "algorithm(0)"} {
		a, err := ParseAlgorithm(name)
		if err == nil {
			t.Errorf("ParseAlgorithm(%q) = %v", name, a)
		} else if !strings.Contains(err.Error(), "sha256, sha384, sha512, blake3") {
			t.Errorf("error %q does not list the algorithms", err)
		}
	}
}

func TestParseDigest(t *testing.T) {
	for _, s := range []string{good256, good384, good512, goodB3} {
		d, err := ParseDigest(s)
		if err != nil || d.String() != s {
			t.Errorf("ParseDigest(%q) = %q, %v", s, d, err)
		}
		if base64.StdEncoding.EncodeToString(d.Bytes()) != s[7:] || d.Algorithm().String() != s[:6] {
			t.Errorf("%q has the bytes %x", s, d.Bytes())
		}
	}
	// A line break in place of a character: the decoder skips it.
	broken := good256[:len(good256)-2] + "\n" + "="
	for _, s := range []string{"", "sha256", "sha1-AAAA", " " + good256, good256 + "?", good256 + "\n", broken} {
		if d, err := ParseDigest(s); err == nil || d != (Digest{}) {
			t.Errorf("ParseDigest(%q) = %q, %v", s, d, err)
		}
	}
}

func TestFormat(t *testing.T) {
	ds := Sum(everyOne, []byte(source))
	want := strings.Join([]string{good256, good384, good512, goodB3}, " ")
	if got := Format(ds); got != want {
		t.Errorf("Format = %q, want %q", got, want)
	}
	slices.Reverse(ds)
	if got := Format(ds); got != want {
		t.Errorf("Format of the reverse = %q, want %q", got, want)
	}
	if got := Format(ds[:1]); got != goodB3 {
		t.Errorf("Format of one = %q", got)
	}
	if got := Format(nil) + Format([]Digest{{}}); got != "" {
		t.Errorf("Format of nothing = %q", got)
	}
}

func TestSet(t *testing.T) {
	s := Set(0).With(BLAKE3).With(SHA256)
	if !s.Has(SHA256) || !s.Has(BLAKE3) || s.Has(SHA384) || s.Has(SHA512) || Set(0).Has(SHA256) {
		t.Errorf("Has is wrong for %v", s)
	}
	if s.String() != "sha256,blake3" || s.Len() != 2 || Set(0).String() != "" {
		t.Errorf("set %q of %d", s, s.Len())
	}
}

func TestCheapest(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{good256, good256},
		{good256 + " " + goodB3, goodB3},
		{goodB3 + " " + badB3 + " " + good256, goodB3 + " " + badB3},
		{goodB3, goodB3},
		{good256 + " " + bad256, good256 + " " + bad256},
	} {
		m, err := ParseMetadata(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Cheapest().String(); got != test.want {
			t.Errorf("the cheapest part of %q is %q, want %q", test.text, got, test.want)
		}
	}
}
