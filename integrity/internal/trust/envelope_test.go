package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/signkey"
)

func key(t testing.TB, typ signkey.Type) *signkey.Private {
	t.Helper()
	k, err := signkey.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sampleStatement() *Statement {
	return &Statement{
		Map: File{"importmap.json", sha256.Sum256([]byte("map"))}, Serial: 7,
		Root: "blake3-x", Coverage: "dependencies", Entries: []string{"./a&b.js", "./c d.js"},
		Lockfile: &File{"package-lock.json", sha256.Sum256([]byte("lock"))}, Nodeint: "v1.2.0",
	}
}

func TestRoundTrip(t *testing.T) {
	e := &Envelope{Payload: sampleStatement().Format()}
	ed, ec := key(t, signkey.Ed25519), key(t, signkey.P256)
	for _, k := range []*signkey.Private{ed, ec} {
		if err := e.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Read("e", e.Format())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, again); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	s, err := ReadStatement("e", again.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleStatement(), s); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

// PAE is the encoding of the DSSE protocol and of the package comment.
func TestPAE(t *testing.T) {
	if got, want := string(PAE([]byte("{}\n"))), "DSSEv1 28 application/vnd.in-toto+json 3 {}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Signers counts keys, not signatures or names.
func TestSigners(t *testing.T) {
	a, b, c := key(t, signkey.Ed25519), key(t, signkey.P256), key(t, signkey.Ed25519)
	e := &Envelope{Payload: []byte("{}")}
	for _, k := range []*signkey.Private{a, a, b} {
		if err := e.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	again, err := signkey.ParsePublic(a.Public().PEM()) // the same key, read twice
	if err != nil {
		t.Fatal(err)
	}
	count := func(want int, keys ...*signkey.Public) {
		t.Helper()
		if got := len(e.Signers(keys)); got != want {
			t.Errorf("%d keys signed, want %d", got, want)
		}
	}
	count(0)
	count(0, c.Public())
	count(1, a.Public(), again, a.Public())
	count(2, a.Public(), b.Public(), c.Public(), again)
	// keyid is a hint: the result is the same without it and with the ID of another key.
	for _, id := range []string{"", c.Public().ID(), b.Public().ID(), "kms:x"} {
		for i := range e.Signatures {
			e.Signatures[i].KeyID = id
		}
		count(2, a.Public(), b.Public(), c.Public())
	}
	e.Payload = []byte("{ }")
	count(0, a.Public(), b.Public())
}

// good is an envelope as other programs write it: without keyid, in another order, with
// escapes.
const good = "{ \"signatures\":[{\"sig\":\"AAAA\",\"keyid\":\"\"},{\"sig\":\"BBBB\"}],\t\"payload\":\"e30=\",\"payloadType\":\"application\\/vnd.in-toto+json\"}\r\n"

// badEnvelopes are edits of good, with a part of the error. If old is "", new is the whole
// text.
var badEnvelopes = []struct{ name, old, new, err string }{
	{"nothing", "", " ", "an object"},
	{"an empty file", "", "", "is empty"},
	{"an array", "", "[]", "an object"},
	{"a byte order mark", "{ ", "\ufeff{ ", "byte order mark"},
	{"text after", "\r\n", "{}", "more text"},
	{"invalid UTF-8", `"keyid":""`, "\"keyid\":\"\xff\"", "UTF-8"},
	{"a duplicate", `"payload":`, `"payload":"AAAA","payload":`, "duplicate"},
	{"a duplicate by an escape", `"payload":`, `"p\u0061yload":"AAAA","payload":`, "duplicate"},
	{"a duplicate in a signature", `"sig":"BBBB"`, `"sig":"BBBB","sig":"CCCC"`, "duplicate"},
	{"another case", `"payload":`, `"Payload":`, `"Payload"`},
	{"an unknown member", `"payload":`, `"x":1,"payload":`, `"x"`},
	{"an unknown member of a signature", `"sig":"BBBB"`, `"sig":"BBBB","cert":"x"`, `"cert"`},
	{"no payload", `"payload":"e30=",`, ``, "the envelope has no payload"},
	{"no signatures", `"signatures":[{"sig":"AAAA","keyid":""},{"sig":"BBBB"}],`, ``, "the envelope has no signatures"},
	{"signatures not an array", `[{"sig":"AAAA","keyid":""},{"sig":"BBBB"}]`, `{"sig":"AAAA"}`, "not an array"},
	{"a signature that is not an object", `{"sig":"BBBB"}`, `"BBBB"`, "not an object"},
	{"a signature without sig", `{"sig":"BBBB"}`, `{"keyid":"x"}`, "has no sig"},
	{"keyid not a string", `"keyid":""`, `"keyid":null`, "keyid is not a string"},
	{"another payloadType", `vnd.in-toto+json`, `vnd.in-toto+jsom`, "payloadType is"},
	{"payloadType not a string", `"application\/vnd.in-toto+json"`, `1`, "not a string"},
	{"no base64", "e30=", "e3*=", "base64"},
	{"base64 without padding", "e30=", "e30", "base64"},
	{"base64 of both alphabets", "AAAA", "A/_-", "base64"},
	{"base64 of both alphabets, later", "AAAA", "A-+A", "base64"},
	{"URL-safe base64 without padding", "AAAA", "AA_-_w", "base64"},
	{"URL-safe base64 with trailing bits", "AAAA", "_x==", "base64"},
	{"URL-safe base64 on two lines", "AAAA", `AA\n_-`, "base64"},
	{"base64 with trailing bits", "e30=", "e31=", "base64"},
	{"base64 on two lines", "AAAA", `AA\nAA`, "base64"},
	{"an empty payload", "e30=", "", "base64"},
	{"an empty signature", "AAAA", "", "base64"},
	{"too many signatures", `{"sig":"BBBB"}`, strings.Repeat(`{"sig":"BBBB"},`, maxSignatures) + `{"sig":"BBBB"}`, "more than 64"},
	{"too large", "", strings.Repeat(" ", MaxSize+1), "larger than 4 MiB"},
	{"too deep", `"payload":`, `"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `,"payload":`, "deeper"},
}

func edited(t testing.TB, text, old, new string) []byte {
	t.Helper()
	if old == "" {
		return []byte(new)
	}
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q does not occur once in\n%s", old, text)
	}
	return []byte(strings.Replace(text, old, new, 1))
}

func TestReadRefuses(t *testing.T) {
	if _, err := Read("e", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range badEnvelopes {
		if _, err := Read("e", edited(t, good, c.old, c.new)); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

// DSSE allows both alphabets of base64.
func TestReadURLSafe(t *testing.T) {
	for old, new := range map[string][2]string{"AAAA": {"AA_-", "AA/+"}, "BBBB": {"_w==", "/w=="}} {
		safe, err := Read("e", edited(t, good, old, new[0]))
		if err != nil {
			t.Fatal(err)
		}
		standard, err := Read("e", edited(t, good, old, new[1]))
		if err != nil {
			t.Fatal(err)
		}
		if string(safe.Format()) != string(standard.Format()) {
			t.Errorf("%s is read as\n%s\nand %s as\n%s", new[0], safe.Format(), new[1], standard.Format())
		}
	}
}

// badStatements are edits of the sample's text.
var badStatements = []struct{ name, old, new, err string }{
	{"another type", "in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1", "_type is"},
	{"another predicate", "integrity-map/v1", "integrity-map/v2", "predicateType is"},
	{"a predicate of another tool", PredicateType, "https://slsa.dev/provenance/v1", "predicateType is"},
	{"no subject", `[{"name":"importmap.json","digest":{"sha256":"SUBJECT"}}]`, `[]`, "subject has 0"},
	{"two subjects", `[{"name":"importmap.json"`, `[{"name":"x","digest":{"sha256":"SUBJECT"}},{"name":"importmap.json"`, "more than 1"},
	{"a subject by another digest", `{"name":"importmap.json","digest":{"sha256"`, `{"name":"importmap.json","digest":{"sha512"`, "sha512"},
	{"a digest in capitals", "SUBJECT", strings.ToUpper(fmt.Sprintf("%x", sha256.Sum256([]byte("map")))), "lower-case"},
	{"a short digest", "SUBJECT", "00", "64 lower-case"},
	{"another member of the subject", `{"name":"importmap.json",`, `{"name":"importmap.json","uri":"x",`, `"uri"`},
	{"serial 0", `"serial":7`, `"serial":0`, "serial"},
	{"a negative serial", `"serial":7`, `"serial":-7`, "serial"},
	{"a fraction", `"serial":7`, `"serial":7.0`, "serial"},
	{"an exponent", `"serial":7`, `"serial":7e0`, "serial"},
	{"a string as serial", `"serial":7`, `"serial":"7"`, "serial"},
	{"a serial that readers disagree about", `"serial":7`, `"serial":9007199254740992`, "serial"},
	{"no serial", `"serial":7,`, ``, "no serial"},
	{"no root", `"root":"blake3-x",`, ``, "no root"},
	{"no coverage", `"coverage":"dependencies",`, ``, "no coverage"},
	{"no entries", `"entries":["./a&b.js","./c d.js"],`, ``, "no entries"},
	{"an entry that is not a string", `"./c d.js"`, `1`, "entries"},
	{"an unknown promise", `"serial":7`, `"serial":7,"expires":"2020-01-01"`, `"expires"`},
	{"an unknown member", `{"_type"`, `{"x":1,"_type"`, `"x"`},
	{"a duplicate", `"serial":7`, `"serial":8,"serial":7`, "duplicate"},
	{"a predicate that is an array", `"predicate":{`, `"predicate":[],"y":{`, `"y"`},
	{"a lockfile that is null", `"lockfile":{`, `"lockfile":null,"z":{`, `"z"`},
	{"a version that is not a string", `"nodeint":"v1.2.0"`, `"nodeint":1`, "not a string"},
	{"not JSON", "", "hello", "an object"},
}

func TestReadStatementRefuses(t *testing.T) {
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte("map")))
	text := string(sampleStatement().Format())
	for _, c := range badStatements {
		old, new := strings.ReplaceAll(c.old, "SUBJECT", digest), strings.ReplaceAll(c.new, "SUBJECT", digest)
		if _, err := ReadStatement("e", edited(t, text, old, new)); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

// An envelope that is read and written reads as the same envelope. A payload whose
// signature verifies is the signed one.
func FuzzRead(f *testing.F) {
	k := key(f, signkey.Ed25519)
	signed := &Envelope{Payload: []byte("{}")}
	if err := signed.Sign(k); err != nil {
		f.Fatal(err)
	}
	f.Add(signed.Format())
	f.Add([]byte(good))
	for _, c := range badEnvelopes {
		if len(c.new) < 4096 {
			f.Add(edited(f, good, c.old, c.new))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := Read("e", text)
		if err != nil {
			return
		}
		again, err := Read("e", e.Format())
		if err != nil {
			t.Fatalf("written, it is rejected: %v", err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Errorf("written, it differs:\n%s", diff)
		}
		if len(e.Signers([]*signkey.Public{k.Public()})) > 0 && string(e.Payload) != "{}" {
			t.Errorf("%s was never signed", base64.StdEncoding.EncodeToString(e.Payload))
		}
	})
}

// A statement that is read and written reads as the same statement.
func FuzzReadStatement(f *testing.F) {
	text := string(sampleStatement().Format())
	f.Add([]byte(text))
	for _, c := range badStatements {
		if strings.Contains(text, c.old) {
			f.Add(edited(f, text, c.old, c.new))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, err := ReadStatement("e", payload)
		if err != nil {
			return
		}
		again, err := ReadStatement("e", s.Format())
		if err != nil {
			t.Fatalf("written, it is rejected: %v", err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("written, it differs:\n%s", diff)
		}
	})
}
