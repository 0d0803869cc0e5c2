package signkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
)

// A Type is a kind of key.
type Type string

// The kinds of keys.
const (
	Ed25519 Type = "ed25519"
	P256    Type = "ecdsa-p256"
)

// Types lists the kinds of keys, the default first.
var Types = []string{string(Ed25519), string(P256)}

// A Public is a key that verifies signatures.
type Public struct {
	typ Type
	key any // ed25519.PublicKey or *ecdsa.PublicKey
	der []byte
	id  string
}

// ParsePublic reads the text of a file with a public key.
func ParsePublic(text []byte) (*Public, error) {
	b, err := parseBlock(text)
	if err != nil {
		return nil, err
	}
	if b.kind != blockPublic {
		return nil, b.wrongKind(blockPublic)
	}
	key, err := x509.ParsePKIXPublicKey(b.der)
	if err != nil {
		return nil, fmt.Errorf("unsupported public key: %w", err)
	}
	p, err := newPublic(key)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(p.der, b.der) {
		return nil, errors.New("public key not in canonical DER")
	}
	return p, nil
}

var errKind = errors.New("unsupported kind of key: only Ed25519 and ECDSA P-256 are supported")

// newPublic returns the key that x509 parsed.
func newPublic(key any) (*Public, error) {
	p := &Public{key: key}
	switch key := key.(type) {
	case ed25519.PublicKey:
		p.typ = Ed25519
		if isWeak(key) {
			return nil, errors.New("Ed25519 key of low order, or not in canonical form: anyone could sign for it")
		}
	case *ecdsa.PublicKey:
		p.typ = P256
		if key.Curve != elliptic.P256() {
			return nil, fmt.Errorf("unsupported curve %s: only P-256 (prime256v1) is supported", key.Curve.Params().Name)
		}
	default:
		return nil, errKind
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	sum := sha256.Sum256(der)
	p.der, p.id = der, hex.EncodeToString(sum[:])
	return p, nil
}

// Type returns the kind of the key.
func (p *Public) Type() Type { return p.typ }

// ID returns the SHA-256 of the key's DER in lower-case hexadecimal. Different keys have
// different IDs.
func (p *Public) ID() string { return p.id }

// String returns the type and the ID, for a person.
func (p *Public) String() string { return string(p.typ) + " " + p.id }

// PEM returns the text of a file with the key.
func (p *Public) PEM() []byte { return block{blockPublic, p.der}.text() }

// Verify reports whether sig is the key's signature of message.
func (p *Public) Verify(message, sig []byte) bool {
	switch key := p.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, sig)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		return ecdsa.VerifyASN1(key, sum[:], sig)
	}
	return false
}

var (
	// fieldPrime is 2^255-19 (RFC 8032 §5.1).
	fieldPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

	// lowOrder are the y coordinates of the points whose order divides the cofactor 8.
	// Each except 1 and -1 belongs to two points, which differ in the sign of x.
	lowOrder = []*big.Int{
		big.NewInt(0), big.NewInt(1), new(big.Int).Sub(fieldPrime, big.NewInt(1)),
		hexInt("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"),
		hexInt("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"),
	}
)

func hexInt(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 16)
	return n
}

// isWeak reports whether an Ed25519 key has low order or is not canonical. By RFC 8032
// §5.1.3, a key is y in little-endian, below the prime, with the sign of x in the
// highest bit.
func isWeak(key ed25519.PublicKey) bool {
	le := bytes.Clone(key)
	le[len(le)-1] &= 0x7f
	for i, j := 0, len(le)-1; i < j; i, j = i+1, j-1 {
		le[i], le[j] = le[j], le[i]
	}
	y := new(big.Int).SetBytes(le)
	for _, low := range lowOrder {
		if y.Cmp(low) == 0 {
			return true
		}
	}
	return y.Cmp(fieldPrime) >= 0
}

// Distinct returns the keys in their order, without repetitions.
func Distinct(keys []*Public) []*Public {
	seen := make(map[string]bool)
	var distinct []*Public
	for _, k := range keys {
		if !seen[k.ID()] {
			seen[k.ID()] = true
			distinct = append(distinct, k)
		}
	}
	return distinct
}
