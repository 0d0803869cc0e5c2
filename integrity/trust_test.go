package integrity

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// A signing is a map in a directory, with keys that sign it.
type signing struct {
	*testing.T
	dir, file string
	text      string
	ed, ec    *signkey.Private
}

// sampleMap returns a map of a project in a subdirectory of its root.
func sampleMap() *mapfile.Map {
	const empty = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	return &mapfile.Map{
		Coverage: Dependencies, Entries: []string{"app.js"}, Project: "packages/app",
		Files: map[string]string{"app.js": empty, "node_modules/a/package.json": empty},
	}
}

func mapText(t testing.TB, m *mapfile.Map) string {
	t.Helper()
	doc, err := m.Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc.Format())
}

func newSigning(t *testing.T) *signing {
	t.Helper()
	s := &signing{T: t, dir: t.TempDir(), text: mapText(t, sampleMap())}
	s.file = filepath.Join(s.dir, MapName)
	s.write(s.file, []byte(s.text))
	var err, err2 error
	s.ed, err = signkey.Generate(signkey.Ed25519)
	s.ec, err2 = signkey.Generate(signkey.P256)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *signing) write(file string, text []byte) {
	s.Helper()
	if err := os.WriteFile(file, text, 0o666); err != nil {
		s.Fatal(err)
	}
}

func (s *signing) sign(key *signkey.Private, serial uint64) *Signed {
	s.Helper()
	signed, err := Sign(SignOptions{Root: s.dir, Map: s.file, Key: key, Serial: serial, Version: "test"})
	if err != nil {
		s.Fatal(err)
	}
	return signed
}

// readEnvelope reads the envelope beside the map.
func (s *signing) readEnvelope() *trust.Envelope {
	s.Helper()
	text, err := os.ReadFile(EnvelopePath(s.file))
	if err != nil {
		s.Fatal(err)
	}
	e, err := trust.Read("envelope", text)
	if err != nil {
		s.Fatal(err)
	}
	return e
}

// envelope writes an envelope around any statement, signed by ed.
func (s *signing) envelope(payload []byte) {
	s.Helper()
	e := &trust.Envelope{Payload: payload}
	if err := e.Sign(s.ed); err != nil {
		s.Fatal(err)
	}
	s.write(EnvelopePath(s.file), e.Format())
}

// read reads the map as Verify does.
func (s *signing) read(a TrustPolicy) (*TrustResult, error) {
	_, result, err := readTrustedMap(s.file, &a, &project.Project{Root: s.dir, Dir: filepath.Join(s.dir, "packages", "app")})
	return result, err
}

func (s *signing) refused(name, code string, a TrustPolicy) {
	s.Helper()
	_, err := s.read(a)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != Untrusted || e.Code != code || e.Hint == "" {
		s.Errorf("%s: %v, want %s", name, err, code)
		return
	}
	both := code == problem.MapPin || code == problem.MapSignature || code == problem.MapStatement || code == problem.MapSerial
	if both && (e.Want == "" || e.Got == "" || e.Want == e.Got) {
		s.Errorf("%s: wanted %q, found %q", name, e.Want, e.Got)
	}
}

func (s *signing) taken(name string, a TrustPolicy) *TrustResult {
	s.Helper()
	trust, err := s.read(a)
	if err != nil {
		s.Errorf("%s: %v", name, err)
	}
	return trust
}

func by(keys ...*signkey.Private) TrustPolicy {
	var a TrustPolicy
	for _, k := range keys {
		a.Keys = append(a.Keys, k.Public())
	}
	return a
}

func pinned(t *testing.T, values ...string) TrustPolicy {
	t.Helper()
	var a TrustPolicy
	for _, v := range values {
		md, err := hasher.ParseMetadata(v)
		if err != nil {
			t.Fatal(err)
		}
		a.Digests = append(a.Digests, ExpectedDigest{Source: "--map-integrity", Metadata: md})
	}
	return a
}

func TestPins(t *testing.T) {
	s := newSigning(t)
	const other = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	of := func(as ...hasher.Algorithm) string {
		return hasher.Format(hasher.Sum(hasher.SetOf(as...), []byte(s.text)))
	}
	right := trust.DigestOf([]byte(s.text))
	for _, value := range []string{
		right, other + " " + right, of(hasher.SHA384), of(hasher.SHA512), of(hasher.BLAKE3), of(hasher.SHA256, hasher.BLAKE3),
		other + " " + of(hasher.SHA512), // the weaker digest is ignored
	} {
		if trust := s.taken(value, pinned(t, value)); trust == nil || !trust.Pinned || len(trust.Keys) != 0 {
			t.Errorf("%s: %+v", value, trust)
		}
	}
	if trust := s.taken("no pin", TrustPolicy{}); trust != nil {
		t.Errorf("without a pin: %+v", trust)
	}
	s.refused("another", problem.MapPin, pinned(t, other))
	s.refused("of two pins the second", problem.MapPin, pinned(t, right, other))
	s.refused("of two pins the first", problem.MapPin, pinned(t, other, right))
	s.refused("the strongest", problem.MapPin, pinned(t, right+" "+hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA512), nil))))
	s.refused("blake3 beside", problem.MapPin, pinned(t, right+" "+hasher.Format(hasher.Sum(hasher.SetOf(hasher.BLAKE3), nil))))

	// Nothing is parsed before the check.
	s.write(s.file, []byte("{"))
	s.refused("no map at all", problem.MapPin, pinned(t, right))
	s.refused("no map at all, and no pin", problem.MapSyntax, TrustPolicy{})
	s.refused("no map at all, and a key", problem.MapUnsigned, by(s.ed))
}

func TestTrustPolicy(t *testing.T) {
	s := newSigning(t)
	s.refused("unsigned", problem.MapUnsigned, by(s.ed))
	s.sign(s.ed, 3)
	if trust := s.taken("one key", by(s.ed)); trust == nil || trust.Serial != 3 || trust.Threshold != 1 || len(trust.Keys) != 1 || trust.Pinned {
		t.Errorf("one key: %+v", trust)
	}
	s.taken("one of two", by(s.ec, s.ed))
	s.refused("another key", problem.MapSignature, by(s.ec))
	two := by(s.ed, s.ec, s.ed)
	two.Threshold = 2
	s.refused("one of two that have to", problem.MapSignature, two)
	twice := by(s.ed, s.ed)
	twice.Threshold = 2
	s.refused("one twice", problem.MapSignature, twice)
	s.sign(s.ec, 0)
	s.taken("two of two", two)
	newer := by(s.ed)
	for newer.MinSerial = range uint64(4) {
		s.taken("serial 3", newer)
	}
	newer.MinSerial = 4
	s.refused("serial 3", problem.MapSerial, newer)

	// Both the expected digest and the keys must match.
	both := by(s.ed)
	both.Digests = pinned(t, trust.DigestOf([]byte(s.text))).Digests
	s.taken("both", both)
	both.Digests = pinned(t, trust.DigestOf(nil)).Digests
	s.refused("a wrong pin", problem.MapPin, both)

	s.write(s.file, []byte(strings.Replace(s.text, "}", "} ", 1)))
	s.refused("another map", problem.MapStatement, by(s.ed))
	s.write(s.file, []byte(s.text))
	s.write(EnvelopePath(s.file), []byte(`{"payload": 1}`))
	s.refused("no envelope", problem.MapEnvelope, by(s.ed))
	s.taken("no envelope, and no key", TrustPolicy{})
}

// A signer can sign a false statement. The statement is compared with the map.
func TestStatements(t *testing.T) {
	s := newSigning(t)
	s.sign(s.ed, 0)
	e := s.readEnvelope()
	good := string(e.Payload)
	for _, c := range []struct{ old, new, code string }{
		{"", "", ""},
		{"\n", "\n", ""},
		{`"name":"importmap.json"`, `"name":"other.json"`, ""},
		{`"nodeint":"test"`, `"nodeint":"other"`, ""},
		{`,"nodeint":"test"`, ``, ""},
		{`"predicate":{`, `"predicate":{"lockfile":{"name":"x","digest":{"sha256":"` + strings.Repeat("0", 64) + `"}},`, ""},
		{`"coverage":"dependencies"`, `"coverage":"graph"`, problem.MapStatement},
		{`"entries":["./app.js"]`, `"entries":[]`, problem.MapStatement},
		{`"entries":["./app.js"]`, `"entries":["./app.js","./b.js"]`, problem.MapStatement},
		{`"root":"blake3-`, `"root":"blake3-A`, problem.MapStatement},
		{`"sha256":"`, `"sha256":"` + strings.Repeat("0", 64) + `"}}],"x":[{"y":{"z":"`, problem.MapEnvelope},
		{trust.PredicateType, "https://slsa.dev/provenance/v1", problem.MapEnvelope},
		{trust.StatementType, "https://in-toto.io/Statement/v0.1", problem.MapEnvelope},
		{`"serial":1,`, ``, problem.MapEnvelope},
		{good, `hello`, problem.MapEnvelope},
	} {
		s.envelope([]byte(strings.Replace(good, c.old, c.new, 1)))
		if name := c.old + " → " + c.new; c.code == "" {
			s.taken(name, by(s.ed))
		} else {
			s.refused(name, c.code, by(s.ed))
		}
	}
}

// TestEveryBit flips every bit of the map, of the envelope and of the public key, one at
// a time. Each result is rejected, except in keyid, which is only a hint.
func TestEveryBit(t *testing.T) {
	for _, typ := range []signkey.Type{signkey.Ed25519, signkey.P256} {
		t.Run(string(typ), func(t *testing.T) {
			s := newSigning(t)
			s.text = mapText(t, &mapfile.Map{Coverage: Tree, Entries: []string{"a.js"}, Files: map[string]string{"a.js": trust.DigestOf(nil)}})
			s.write(s.file, []byte(s.text))
			key := map[signkey.Type]*signkey.Private{signkey.Ed25519: s.ed, signkey.P256: s.ec}[typ]
			s.sign(key, 0)
			a := by(key)
			text, err := os.ReadFile(EnvelopePath(s.file))
			if err != nil {
				t.Fatal(err)
			}
			check := func(m, env []byte, a TrustPolicy) error {
				_, err := a.CheckEnvelope(EnvelopePath(s.file), env, string(m))
				return err
			}
			if err := check([]byte(s.text), text, a); err != nil {
				t.Fatal(err)
			}
			eachBit([]byte(s.text), func(i int, m []byte) {
				if check(m, text, a) == nil {
					t.Errorf("byte %d of the map does not matter", i)
				}
			})
			hint := bytes.Index(text, []byte(key.Public().ID()))
			inHint := 0
			eachBit(text, func(i int, env []byte) {
				if check([]byte(s.text), env, a) != nil {
					return
				}
				if inHint++; i < hint || i >= hint+64 {
					t.Errorf("byte %d of the envelope does not matter:\n%s", i, env)
				}
			})
			if hint < 0 || inHint == 0 {
				t.Error("no bit of the hint was turned")
			}
			eachBit(key.Public().PEM(), func(i int, pem []byte) {
				k, err := signkey.ParsePublic(pem)
				if err == nil && check([]byte(s.text), text, TrustPolicy{Keys: []*signkey.Public{k}}) == nil {
					t.Errorf("byte %d of the key does not matter:\n%s", i, pem)
				}
			})
		})
	}
}

// eachBit calls try with every bit of the text inverted, one at a time. Outside CI it
// inverts one bit of each byte.
func eachBit(text []byte, try func(i int, changed []byte)) {
	changed := bytes.Clone(text)
	for i := range changed {
		for bit := range 8 {
			if !testenv.Thorough() && bit != i%8 {
				continue
			}
			changed[i] ^= 1 << bit
			try(i, changed)
			changed[i] ^= 1 << bit
		}
	}
}

// A second key can sign an envelope that another signer wrote.
func TestSignBeside(t *testing.T) {
	s := newSigning(t)
	s.sign(s.ed, 5)
	e := s.readEnvelope()
	s.envelope([]byte("\n " + strings.Replace(string(e.Payload), `,"nodeint":"test"`, "", 1)))
	s.write(filepath.Join(s.dir, "package-lock.json"), []byte("{}")) // it did not exist for the first signature
	if got := s.sign(s.ec, 0); got.Serial != 5 || got.Signatures != 2 || !got.Added || got.Dropped != 0 {
		t.Errorf("%+v", got)
	}
	both := by(s.ed, s.ec)
	both.Threshold = 2
	s.taken("both", both)
	if got := s.sign(s.ec, 5); got.Added || got.Signatures != 2 {
		t.Errorf("again: %+v", got)
	}
	if got := s.sign(s.ec, 6); got.Serial != 6 || got.Signatures != 1 || got.Dropped != 2 {
		t.Errorf("the next: %+v", got)
	}
	s.write(filepath.Join(s.dir, "package-lock.json"), []byte("{ }"))
	if got := s.sign(s.ed, 0); got.Serial != 7 || got.Signatures != 1 || got.Dropped != 1 {
		t.Errorf("with another lockfile: %+v", got)
	}
	s.write(filepath.Join(s.dir, "package-lock.json"), []byte("[]"))
	for _, serial := range []uint64{6, 7, trust.MaxSerial + 1} {
		_, err := Sign(SignOptions{Root: s.dir, Map: s.file, Key: s.ed, Serial: serial})
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != Usage {
			t.Errorf("serial %d: %v", serial, err)
		}
	}
	s.sign(s.ed, trust.MaxSerial)
	s.write(s.file, []byte(strings.Replace(s.text, "{", "{ ", 1)))
	if _, err := Sign(SignOptions{Root: s.dir, Map: s.file, Key: s.ed}); err == nil {
		t.Error("a serial beyond the largest is taken")
	}
}

// BenchmarkTrustPolicy measures the cost of a key and an expected digest, for a map of
// 20,000 files.
func BenchmarkTrustPolicy(b *testing.B) {
	p := &mapfile.Map{Coverage: Tree, Entries: []string{"0.js"}, Files: make(map[string]string)}
	for i := range 20_000 {
		p.Files[fmt.Sprintf("node_modules/some-package-%d/lib/some-file.js", i)] = trust.DigestOf(nil)
	}
	text := mapText(b, p)
	for _, typ := range []signkey.Type{signkey.Ed25519, signkey.P256} {
		b.Run(string(typ), func(b *testing.B) {
			key, err := signkey.Generate(typ)
			if err != nil {
				b.Fatal(err)
			}
			file := filepath.Join(b.TempDir(), MapName)
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				b.Fatal(err)
			}
			if _, err := Sign(SignOptions{Root: filepath.Dir(file), Map: file, Key: key}); err != nil {
				b.Fatal(err)
			}
			pem := key.Public().PEM()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				k, err := signkey.ParsePublic(pem)
				if err != nil {
					b.Fatal(err)
				}
				a := TrustPolicy{Keys: []*signkey.Public{k}}
				if _, err := a.Check(file, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
