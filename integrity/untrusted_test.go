//go:build unix

package integrity_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/problem"
)

var (
	section = regexp.MustCompile(`(?s)"integrity": \{.*?\n  \}`)
	pin     = regexp.MustCompile(`"sha256-[^"]+"`)
	entry   = regexp.MustCompile(`(?m)^    "\./conf\.js": .*\n`)
)

// untrusted lists maps that must be rejected, as edits of a valid map.
var untrusted = []struct {
	name string
	code string
	do   func(text string) string
}{
	{"empty", problem.MapSyntax, func(string) string { return "" }},
	{"white space", problem.MapSyntax, func(string) string { return " \n" }},
	{"truncated", problem.MapSyntax, func(s string) string { return s[:len(s)/2] }},
	{"its last byte but one gone", problem.MapSyntax, func(s string) string { return s[:len(s)-2] }},
	{"followed by more bytes", problem.MapSyntax, func(s string) string { return s + "{}" }},
	{"followed by NUL", problem.MapSyntax, func(s string) string { return s + "\x00" }},
	{"byte order mark", problem.MapSyntax, func(s string) string { return "\xef\xbb\xbf" + s }},
	{"array", problem.MapSyntax, func(string) string { return "[]" }},
	{"null", problem.MapSyntax, func(string) string { return "null" }},
	{"no integrity", "", func(s string) string { return strings.Replace(s, `"integrity"`, `"other"`, 1) }},
	{"no members", problem.MapEmpty, func(string) string { return "{}" }},
	{"integrity empty", "", func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": {}`) }},
	{"integrity null", problem.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": null`) }},
	{"integrity a list", problem.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": []`) }},
	{"integrity a string", problem.MapSyntax, func(s string) string { return section.ReplaceAllLiteralString(s, `"integrity": "x"`) }},
	{"key twice", problem.MapSyntax, func(s string) string { e := entry.FindString(s); return strings.Replace(s, e, e+e, 1) }},
	{"section twice", problem.MapSyntax, func(s string) string { return strings.Replace(s, "{\n", "{\n  \"integrity\": {},\n", 1) }},
	{"section twice, in another case", problem.MapSyntax, func(s string) string { return strings.Replace(s, "{\n", "{\n  \"Integrity\": {},\n", 1) }},
	{"key outside the root", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"./../conf.js"`, 1) }},
	{"key outside the root, escaped", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"./%2e%2e/conf.js"`, 1) }},
	{"key absolute", "", func(s string) string { return strings.Replace(s, `"./conf.js"`, `"/conf.js"`, 1) }},
	{"entry removed", problem.MapRoot, func(s string) string { return entry.ReplaceAllLiteralString(s, "") }},
	{"entry added", problem.MapRoot, func(s string) string {
		return strings.Replace(s, `    "./conf.js"`, `    "./added.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",`+"\n"+`    "./conf.js"`, 1)
	}},
	{"entry changed", problem.MapRoot, func(s string) string { return first(s, `"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`) }},
	{"coverage lowered", "", func(s string) string {
		return regexp.MustCompile(`"coverage": "[a-z]+"`).ReplaceAllLiteralString(s, `"coverage": "graph2"`)
	}},
	{"root of another", problem.MapRoot, func(s string) string {
		return regexp.MustCompile(`blake3-[^"]+`).ReplaceAllLiteralString(s, "blake3-2mOeRVfzIbAwmDMTzTvD9j/CKtelC4Eh1S2Zs2NhaEA=")
	}},
	{"root gone", problem.MapMember, func(s string) string {
		return regexp.MustCompile(`(?m)^    "root": .*\n`).ReplaceAllLiteralString(s, "")
	}},
	{"metadata empty", problem.MapMetadata, func(s string) string { return first(s, `""`) }},
	{"metadata a space", problem.MapMetadata, func(s string) string { return first(s, `" "`) }},
	{"metadata of an unknown algorithm", problem.MapMetadata, func(s string) string { return first(s, `"foo-AAAA"`) }},
	{"metadata sha1", problem.MapMetadata, func(s string) string { return first(s, `"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="`) }},
	{"metadata md5", problem.MapMetadata, func(s string) string { return first(s, `"md5-1B2M2Y8AsgTpgAmY7PhCfg=="`) }},
	{"metadata blake3 alone", "", func(s string) string { return first(s, `"blake3-2mOeRVfzIbAwmDMTzTvD9j/CKtelC4Eh1S2Zs2NhaEA="`) }},
	{"metadata malformed", problem.MapMetadata, func(s string) string { return first(s, `"sha256-!!!!"`) }},
	{"metadata without digest", problem.MapMetadata, func(s string) string { return first(s, `"sha256-"`) }},
	{"metadata too short", problem.MapMetadata, func(s string) string { return first(s, `"sha256-47DEQpj8HBSa"`) }},
	{"metadata a number", "", func(s string) string { return first(s, `1`) }},
	{"metadata null", "", func(s string) string { return first(s, `null`) }},
}

// first replaces the metadata of the first entry.
func first(text, with string) string {
	at := pin.FindStringIndex(text)
	return text[:at[0]] + with + text[at[1]:]
}

func TestUntrustedMaps(t *testing.T) {
	t.Parallel()
	eachMap(t, func(t *testing.T, l layout, c integrity.Coverage, text []byte) {
		s := build(t, l)
		for _, tt := range untrusted {
			t.Run(tt.name, func(t *testing.T) {
				bad := tt.do(string(text))
				if bad == string(text) {
					t.Fatal("the map is as it was")
				}
				s.must(os.WriteFile(s.mapFile(), []byte(bad), 0o666))
				r, err := s.verify()
				wantUntrusted(t, r, err, tt.code)
			})
		}
		t.Run("gone", func(t *testing.T) {
			s.must(os.Remove(s.mapFile()))
			r, err := s.verify()
			wantUntrusted(t, r, err, problem.MapMissing)
		})
		t.Run("directory", func(t *testing.T) {
			s.must(os.Mkdir(s.mapFile(), 0o777))
			r, err := s.verify()
			wantUntrusted(t, r, err, problem.MapKind)
			s.must(os.Remove(s.mapFile()))
		})
		t.Run("pipe", func(t *testing.T) {
			s.must(syscall.Mkfifo(s.mapFile(), 0o666))
			r, err := s.verify()
			wantUntrusted(t, r, err, problem.MapKind)
		})
	})
}

func wantUntrusted(t *testing.T, r *integrity.Report, err error, code string) {
	t.Helper()
	var e *integrity.Error
	if !errors.As(err, &e) || e.Class != integrity.Untrusted {
		t.Fatalf("verify gives %v and the error %v, want one that the map cannot be trusted", r, err)
	}
	if code != "" && e.Code != code || !strings.HasPrefix(e.Code, "map-") {
		t.Errorf("code is %s (%v), want %s", e.Code, err, code)
	}
	if e.Hint == "" {
		t.Errorf("no hint with %v", err)
	}
}
