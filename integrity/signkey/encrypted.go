package signkey

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

const (
	rounds    = 600_000    // of PBKDF2 in a written key: OWASP's advice for HMAC-SHA-256
	maxRounds = 10_000_000 // in a key to read; they take some seconds
)

// errPassphrase is the error for a passphrase that does not decrypt the key.
var errPassphrase = keyError("give the passphrase with which the key was made", "wrong passphrase, or the file is damaged")

// The ASN.1 types of RFC 5958 §3 and RFC 8018, appendices A.2 and A.4.
type (
	encryptedPrivateKeyInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2Params struct {
		Derivation, Encryption pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt      []byte
		Rounds    int
		KeyLength int                      `asn1:"optional"`
		PRF       pkix.AlgorithmIdentifier `asn1:"optional"` // HMAC-SHA-1 if absent
	}
)

// An encryptedKey is an encrypted private key.
type encryptedKey struct {
	salt, iv, data []byte
	rounds         int
}

// parseEncrypted reads an EncryptedPrivateKeyInfo in the form of the package comment.
func parseEncrypted(der []byte) (*encryptedKey, error) {
	refuse := func(reason string) (*encryptedKey, error) {
		return nil, keyError("encrypt it again: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256", "unsupported encryption of the private key: %s", reason)
	}
	var info encryptedPrivateKeyInfo
	var scheme pbes2Params
	var kdf pbkdf2Params
	var iv []byte
	switch {
	case !unmarshal(der, &info):
		return refuse("not DER of PKCS #8")
	case !info.Algorithm.Algorithm.Equal(oidPBES2) || !unmarshal(info.Algorithm.Parameters.FullBytes, &scheme):
		return refuse("not PBES2")
	case !scheme.Derivation.Algorithm.Equal(oidPBKDF2) || !unmarshal(scheme.Derivation.Parameters.FullBytes, &kdf):
		return refuse("not PBKDF2")
	case !kdf.PRF.Algorithm.Equal(oidHMACSHA256):
		return refuse("not HMAC-SHA-256")
	case len(kdf.Salt) < 8 || len(kdf.Salt) > 64 || kdf.Rounds < 1 || kdf.Rounds > maxRounds || kdf.KeyLength != 0 && kdf.KeyLength != 32:
		return refuse("salt, rounds or key length out of bounds")
	case !scheme.Encryption.Algorithm.Equal(oidAES256CBC) || !unmarshal(scheme.Encryption.Parameters.FullBytes, &iv) || len(iv) != aes.BlockSize:
		return refuse("not AES-256 in CBC mode")
	case len(info.Data) == 0 || len(info.Data)%aes.BlockSize != 0:
		return refuse("length not a multiple of the block size")
	}
	return &encryptedKey{kdf.Salt, iv, info.Data, kdf.Rounds}, nil
}

// unmarshal reads DER of one value, without trailing bytes.
func unmarshal(der []byte, to any) bool {
	rest, err := asn1.Unmarshal(der, to)
	return err == nil && len(rest) == 0
}

// decrypt returns the DER of the private key.
func (s *encryptedKey) decrypt(passphrase []byte) ([]byte, error) {
	mode, err := s.cipher(passphrase, cipher.NewCBCDecrypter)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(s.data))
	mode.CryptBlocks(plain, s.data)
	// The padding of RFC 8018 §6.1.1.
	n := int(plain[len(plain)-1])
	if n < 1 || n > aes.BlockSize || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errPassphrase
	}
	return plain[:len(plain)-n], nil
}

func (s *encryptedKey) cipher(passphrase []byte, mode func(cipher.Block, []byte) cipher.BlockMode) (cipher.BlockMode, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), s.salt, s.rounds, 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key from the passphrase: %w", err)
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return mode(b, s.iv), nil
}

// encrypt returns the EncryptedPrivateKeyInfo for the DER of a private key.
func encrypt(der, passphrase []byte) ([]byte, error) {
	s := &encryptedKey{salt: make([]byte, 16), iv: make([]byte, aes.BlockSize), rounds: rounds}
	rand.Read(s.salt)
	rand.Read(s.iv)
	mode, err := s.cipher(passphrase, cipher.NewCBCEncrypter)
	if err != nil {
		return nil, err
	}
	n := aes.BlockSize - len(der)%aes.BlockSize
	s.data = append(bytes.Clone(der), bytes.Repeat([]byte{byte(n)}, n)...)
	mode.CryptBlocks(s.data, s.data)
	return s.marshal()
}

func (s *encryptedKey) marshal() ([]byte, error) {
	derivation, err := algorithm(oidPBKDF2, pbkdf2Params{Salt: s.salt, Rounds: s.rounds, PRF: pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256, Parameters: asn1.NullRawValue}})
	if err != nil {
		return nil, err
	}
	encryption, err := algorithm(oidAES256CBC, s.iv)
	if err != nil {
		return nil, err
	}
	scheme, err := algorithm(oidPBES2, pbes2Params{derivation, encryption})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedPrivateKeyInfo{scheme, s.data})
}

func algorithm(oid asn1.ObjectIdentifier, params any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(params)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}
