package signkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
)

// A Private is a key that signs.
type Private struct {
	signer crypto.Signer // ed25519.PrivateKey or *ecdsa.PrivateKey
	public *Public
}

// Generate makes a new key.
func Generate(t Type) (*Private, error) {
	switch t {
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return newPrivate(key)
	case P256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		return newPrivate(key)
	}
	return nil, fmt.Errorf("unknown kind of key %q", t)
}

// newPrivate returns the key that x509 parsed.
func newPrivate(key any) (*Private, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errKind
	}
	public, err := newPublic(signer.Public())
	if err != nil {
		return nil, err
	}
	return &Private{signer, public}, nil
}

// ParsePrivate reads the text of a file with a private key. It calls passphrase if the
// key is encrypted, and returns its error unchanged.
func ParsePrivate(text []byte, passphrase func() ([]byte, error)) (*Private, error) {
	b, err := parseBlock(text)
	if err != nil {
		return nil, err
	}
	return b.private(passphrase)
}

// private returns the private key of the block.
func (b block) private(passphrase func() ([]byte, error)) (*Private, error) {
	switch b.kind {
	case blockPrivate:
		key, err := x509.ParsePKCS8PrivateKey(b.der)
		if err != nil {
			return nil, fmt.Errorf("unsupported private key: %w", err)
		}
		return newPrivate(key)
	case blockEncrypted:
		encrypted, err := parseEncrypted(b.der)
		if err != nil {
			return nil, err
		}
		words, err := passphrase()
		if err != nil {
			return nil, err
		}
		der, err := encrypted.decrypt(words)
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, errPassphrase // the padding was valid by chance
		}
		return newPrivate(key)
	}
	return nil, b.wrongKind(blockPrivate)
}

// Public returns the key that verifies the signatures of p.
func (p *Private) Public() *Public { return p.public }

// Sign returns p's signature of message.
func (p *Private) Sign(message []byte) ([]byte, error) {
	if p.public.typ == Ed25519 {
		return p.signer.Sign(nil, message, crypto.Hash(0))
	}
	sum := sha256.Sum256(message)
	return p.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// PEM returns the text of a file with the key. It encrypts the key if the passphrase is
// not empty.
func (p *Private) PEM(passphrase []byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.signer)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	if len(passphrase) == 0 {
		return block{blockPrivate, der}.text(), nil
	}
	encrypted, err := encrypt(der, passphrase)
	if err != nil {
		return nil, fmt.Errorf("encrypt the private key: %w", err)
	}
	return block{blockEncrypted, encrypted}.text(), nil
}
