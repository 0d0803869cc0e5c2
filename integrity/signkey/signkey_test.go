package signkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/problem"
)

var message = []byte("a map")

func words(s string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(s), nil }
}

func generate(t testing.TB, typ Type) *Private {
	t.Helper()
	k, err := Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, k *Private) []byte {
	t.Helper()
	sig, err := k.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// A written key reads back as the same key, and the public key verifies its signatures.
func TestRoundTrip(t *testing.T) {
	for _, typ := range []Type{Ed25519, P256} {
		for _, passphrase := range []string{"", "open sesame"} {
			t.Run(fmt.Sprint(typ, passphrase != ""), func(t *testing.T) {
				k := generate(t, typ)
				text, err := k.PEM([]byte(passphrase))
				if err != nil {
					t.Fatal(err)
				}
				if encrypted := bytes.Contains(text, []byte("ENCRYPTED")); encrypted != (passphrase != "") {
					t.Errorf("encrypted: %v", encrypted)
				}
				again, err := ParsePrivate(text, words(passphrase))
				if err != nil {
					t.Fatal(err)
				}
				public, err := ParsePublic(k.Public().PEM())
				if err != nil {
					t.Fatal(err)
				}
				if public.ID() != k.Public().ID() || public.Type() != typ {
					t.Errorf("read back as %s, want %s", public, k.Public())
				}
				sig := sign(t, again)
				if !public.Verify(message, sig) {
					t.Error("the signature does not verify")
				}
				for what, ok := range map[string]bool{
					"another message": public.Verify([]byte("another"), sig),
					"another key":     generate(t, typ).Public().Verify(message, sig),
					"no signature":    public.Verify(message, nil),
					"a longer one":    public.Verify(message, append(slices.Clone(sig), 0)),
				} {
					if ok {
						t.Errorf("%s verifies", what)
					}
				}
			})
		}
	}
}

// The private and public keys of openssl belong together.
func TestOpenSSL(t *testing.T) {
	for _, c := range []struct{ private, public string }{
		{opensslEd25519, opensslEd25519Public},
		{opensslEd25519Encrypted, opensslEd25519Public},
		{opensslP256, opensslP256Public},
		{strings.ReplaceAll(opensslP256, "\n", "\r\n"), strings.TrimSpace(opensslP256Public)},
		{opensslEd25519 + "\n", opensslEd25519Public + "\n\n"},
		{opensslP256, strings.ReplaceAll(opensslP256Public, "\n", "\r\n") + "\r\n"},
	} {
		k, err := ParsePrivate([]byte(c.private), words("x"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePublic([]byte(c.public))
		if err != nil {
			t.Fatal(err)
		}
		if k.Public().ID() != p.ID() {
			t.Errorf("private key %s, public key %s", k.Public(), p)
		}
	}
}

// badPublic are texts that ParsePublic rejects, with a part of the error.
var badPublic = []struct{ name, text, err string }{
	{"nothing", "", "no key in PEM"},
	{"text", "hello\n", "no key in PEM"},
	{"a private key", opensslEd25519, "this is a private key"},
	{"an encrypted one", opensslEd25519Encrypted, "this is a private key"},
	{"a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "this is a certificate"},
	{"another label", "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n", `want "PUBLIC KEY"`},
	{"two keys", opensslEd25519Public + opensslP256Public, "more than one key"},
	{"text before", "key:\n" + opensslEd25519Public, "more than one key"},
	{"text after", opensslEd25519Public + "#\n", "more than one key"},
	{"an empty line before", "\n" + opensslEd25519Public, "more than one key"},
	{"a space after", opensslEd25519Public + " \n", "more than one key"},
	{"text after an empty line", opensslEd25519Public + "\n#", "more than one key"},
	{"a header", strings.Replace(opensslEd25519Public, "KEY-----\n", "KEY-----\nA: b\n\n", 1), "more than one key"},
	{"short lines", strings.Replace(opensslEd25519Public, "MCow", "MCow\n", 1), "more than one key"},
	{"a space in a line", strings.Replace(opensslEd25519Public, "MCow", "MC ow", 1), "more than one key"},
	{"no DER", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "unsupported public key"},
	{"P-384", opensslP384Public, "only P-256"},
	{"X25519", opensslX25519Public, "unsupported kind of key"},
	{"a compressed point", opensslP256Compressed, "unsupported public key"},
	{"an Ed25519 key of low order", publicEd25519(make([]byte, 32)), "low order"},
	{"a large file", strings.Repeat(" ", maxFile+1), "larger than 64 KiB"},
}

func publicEd25519(key []byte) string {
	const prefix = "302a300506032b6570032100"
	der, _ := hex.DecodeString(prefix + hex.EncodeToString(key))
	return string(pem.EncodeToMemory(&pem.Block{Type: blockPublic, Bytes: der}))
}

func TestParsePublicRefuses(t *testing.T) {
	for _, c := range badPublic {
		if _, err := ParsePublic([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

// A key whose first bit is zero can be written without it, as a string of 255 bits.
// crypto/x509 reads it as the same key; ParsePublic rejects it.
func TestCanonicalDER(t *testing.T) {
	der := slices.Clone(generate(t, Ed25519).public.der)
	for der[12] >= 0x80 {
		der = slices.Clone(generate(t, Ed25519).public.der)
	}
	key := new(big.Int).SetBytes(der[12:])
	copy(der[12:], key.Lsh(key, 1).FillBytes(make([]byte, 32)))
	der[11] = 1 // one unused bit
	text := pem.EncodeToMemory(&pem.Block{Type: blockPublic, Bytes: der})
	if _, err := ParsePublic(text); err == nil || !strings.Contains(err.Error(), "canonical") {
		t.Errorf("accepted: %v", err)
	}
}

// badPrivate are texts that ParsePrivate rejects, with a part of the error.
var badPrivate = []struct{ name, text, err string }{
	{"a public key", opensslEd25519Public, "this is a public key"},
	{"the older form", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", "older form"},
	{"no DER", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "unsupported private key"},
	{"no DER, encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "not DER"},
	{"scrypt", opensslScrypt, "not PBKDF2"},
	{"DES", opensslDES, "not AES-256"},
	{"HMAC-SHA-1", opensslSHA1, "not HMAC-SHA-256"},
}

func TestParsePrivateRefuses(t *testing.T) {
	for _, c := range badPrivate {
		if _, err := ParsePrivate([]byte(c.text), words("x")); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
	if _, err := ParsePrivate([]byte(opensslEd25519Encrypted), words("y")); !errors.Is(err, errPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	asking := errors.New("no terminal")
	if _, err := ParsePrivate([]byte(opensslEd25519Encrypted), func() ([]byte, error) { return nil, asking }); !errors.Is(err, asking) {
		t.Errorf("error of passphrase: %v", err)
	}
}

// The parameters of the encryption are bounded.
func TestEncryptedRejects(t *testing.T) {
	good := encryptedKey{salt: make([]byte, 16), iv: make([]byte, 16), data: make([]byte, 32), rounds: 1}
	for name, change := range map[string]func(*encryptedKey){
		"a short salt":    func(s *encryptedKey) { s.salt = s.salt[:7] },
		"a long salt":     func(s *encryptedKey) { s.salt = make([]byte, 65) },
		"no rounds":       func(s *encryptedKey) { s.rounds = 0 },
		"negative rounds": func(s *encryptedKey) { s.rounds = -1 },
		"too many rounds": func(s *encryptedKey) { s.rounds = maxRounds + 1 },
		"a short iv":      func(s *encryptedKey) { s.iv = s.iv[:15] },
		"no data":         func(s *encryptedKey) { s.data = nil },
		"half a block":    func(s *encryptedKey) { s.data = s.data[:24] },
	} {
		s := good
		change(&s)
		der, err := s.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseEncrypted(der); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	der, err := good.marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseEncrypted(der); err != nil {
		t.Error(err)
	}
	if _, err := parseEncrypted(append(der, 0)); err == nil {
		t.Error("a trailing byte: accepted")
	}
}

// For a public key of low order, crypto/ed25519 verifies a signature that anyone can
// write. isWeak knows every such key, in every encoding.
func TestWeakKeys(t *testing.T) {
	trivial := make([]byte, ed25519.SignatureSize) // R is the neutral element, S is 0
	trivial[0] = 1
	weak := 0
	for _, y := range lowOrder {
		for _, plus := range []*big.Int{new(big.Int), fieldPrime} { // canonical, and not canonical
			for _, sign := range []byte{0, 0x80} {
				n := new(big.Int).Add(y, plus)
				if n.BitLen() > 255 {
					continue
				}
				key := n.FillBytes(make([]byte, 32))
				slices.Reverse(key)
				key[31] |= sign
				for i := range 64 { // if the order is 8, one in eight messages verifies
					if ed25519.Verify(key, fmt.Append(nil, i), trivial) {
						weak++
						break
					}
				}
				if !isWeak(key) {
					t.Errorf("%x: accepted", key)
				}
			}
		}
	}
	if weak < 8 {
		t.Errorf("the trivial signature verifies for %d keys, want 8 or more", weak)
	}
	if isWeak(ed25519.PublicKey(generate(t, Ed25519).public.key.(ed25519.PublicKey))) {
		t.Error("a good key is weak")
	}
}

// Which signatures can be derived from others: see the package comment.
func TestMalleability(t *testing.T) {
	ed := generate(t, Ed25519)
	sig := sign(t, ed)
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(sig[32:])
	slices.Reverse(s)
	s = new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(s)
	if ed.Public().Verify(message, append(slices.Clone(sig[:32]), s...)) {
		t.Error("Ed25519: S + L verifies")
	}

	ec := generate(t, P256)
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sign(t, ec), &pair); err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	verify := func(r, s *big.Int) bool {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		return err == nil && ec.Public().Verify(message, der)
	}
	if !verify(pair.R, pair.S) || !verify(pair.R, new(big.Int).Sub(n, pair.S)) {
		t.Error("ECDSA: (r, s) and (r, n-s) do not both verify")
	}
	if zero := new(big.Int); verify(zero, zero) || verify(pair.R, new(big.Int).Add(n, pair.S)) {
		t.Error("ECDSA: (0, 0) or (r, n+s) verifies")
	}
	if _, ok := ec.Public().key.(*ecdsa.PublicKey); !ok {
		t.Error("not an ECDSA key")
	}
}

// Create does not overwrite a file. ReadPrivate requires that only the owner has access.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	text, err := generate(t, Ed25519).PEM(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(file, []byte("other"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten (%v)", err)
	}
	if _, err := ReadPrivate(file, nil); err != nil {
		t.Error(err)
	}
	if _, err := ReadPublic(file); err == nil {
		t.Error("ReadPublic accepts a private key")
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := ReadPrivate(file, nil)
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Code != problem.CodeKey || e.Class != problem.Usage || e.Path != file || !strings.Contains(e.Hint, "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

// A missing file is an error of usage, also if a parent is not a directory.
func TestReadAbsent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{file + ".pub"}
	if runtime.GOOS != "windows" {
		paths = append(paths, filepath.Join(file, "key"))
	}
	for _, path := range paths {
		_, err := ReadPublic(path)
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Code != problem.CodeKey || e.Hint == "" || err.Error() != path+": no such file" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func FuzzParsePublic(f *testing.F) {
	f.Add([]byte(opensslEd25519Public))
	f.Add([]byte(opensslP256Public))
	for _, c := range badPublic {
		if len(c.text) < 4096 {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParsePublic(text)
		if err != nil {
			return
		}
		if one := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); string(bytes.TrimSuffix(one, []byte("\n"))) != strings.TrimSuffix(string(k.PEM()), "\n") {
			t.Errorf("%q has a second form:\n%s", text, k.PEM())
		}
		k.Verify(message, text)
	})
}

func FuzzParsePrivate(f *testing.F) {
	f.Add([]byte(opensslEd25519))
	f.Add([]byte(opensslP256))
	f.Add([]byte(opensslEd25519Encrypted))
	for _, c := range badPrivate {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if b, err := parseBlock(text); err == nil && b.kind == blockEncrypted {
			if s, err := parseEncrypted(b.der); err == nil && s.rounds > 5000 {
				return // valid, and slow
			}
		}
		k, err := ParsePrivate(text, words("x"))
		if err != nil {
			return
		}
		if !k.Public().Verify(message, sign(t, k)) {
			t.Errorf("a signature of %q does not verify", text)
		}
	})
}

// The key of RFC 8032, §7.1, test 2, and its signature.
func TestVector(t *testing.T) {
	key, _ := hex.DecodeString("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
	sig, _ := hex.DecodeString("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
	p, err := ParsePublic([]byte(publicEd25519(key)))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Verify([]byte{0x72}, sig) {
		t.Errorf("%s does not verify", base64.StdEncoding.EncodeToString(sig))
	}
}
