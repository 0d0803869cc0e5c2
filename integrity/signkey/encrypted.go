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
	"errors"
	"fmt"
)

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

const (
	rounds    = 600_000    // of PBKDF2, for what is written: OWASP's advice for HMAC-SHA-256
	maxRounds = 10_000_000 // for what is read: seconds
)

// errPassphrase is the error for a passphrase that does not open the key.
var errPassphrase = hinted("give the passphrase that the key was made with", errors.New("the passphrase is wrong, or the file is damaged"))

// The forms of RFC 5958 §3 and RFC 8018, appendices A.2 and A.4.
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
		PRF       pkix.AlgorithmIdentifier `asn1:"optional"` // HMAC-SHA-1 where absent
	}
)

// A sealed is an encrypted private key.
type sealed struct {
	salt, iv, data []byte
	rounds         int
}

// parseSealed reads an EncryptedPrivateKeyInfo of the one form that the package
// comment has.
func parseSealed(der []byte) (*sealed, error) {
	refuse := func(what string) (*sealed, error) {
		return nil, hinted("encrypt it again with openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256", fmt.Errorf("the private key is encrypted in a way that nodeint does not read: %s", what))
	}
	var info encryptedPrivateKeyInfo
	var scheme pbes2Params
	var kdf pbkdf2Params
	var iv []byte
	switch {
	case !unmarshal(der, &info):
		return refuse("it is not DER of PKCS #8")
	case !info.Algorithm.Algorithm.Equal(oidPBES2) || !unmarshal(info.Algorithm.Parameters.FullBytes, &scheme):
		return refuse("not by PBES2")
	case !scheme.Derivation.Algorithm.Equal(oidPBKDF2) || !unmarshal(scheme.Derivation.Parameters.FullBytes, &kdf):
		return refuse("not by PBKDF2")
	case !kdf.PRF.Algorithm.Equal(oidHMACSHA256):
		return refuse("not with HMAC-SHA-256")
	case len(kdf.Salt) < 8 || len(kdf.Salt) > 64 || kdf.Rounds < 1 || kdf.Rounds > maxRounds || kdf.KeyLength != 0 && kdf.KeyLength != 32:
		return refuse("salt, rounds or length of the key are out of bounds")
	case !scheme.Encryption.Algorithm.Equal(oidAES256CBC) || !unmarshal(scheme.Encryption.Parameters.FullBytes, &iv) || len(iv) != aes.BlockSize:
		return refuse("not by AES-256 in CBC mode")
	case len(info.Data) == 0 || len(info.Data)%aes.BlockSize != 0:
		return refuse("its length is not one of whole blocks")
	}
	return &sealed{kdf.Salt, iv, info.Data, kdf.Rounds}, nil
}

// unmarshal reads DER that is one value and nothing else.
func unmarshal(der []byte, to any) bool {
	rest, err := asn1.Unmarshal(der, to)
	return err == nil && len(rest) == 0
}

// open decrypts the key.
func (s *sealed) open(passphrase []byte) ([]byte, error) {
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

func (s *sealed) cipher(passphrase []byte, mode func(cipher.Block, []byte) cipher.BlockMode) (cipher.BlockMode, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), s.salt, s.rounds, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving a key from the passphrase: %w", err)
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return mode(b, s.iv), nil
}

// seal encrypts the DER of a private key.
func seal(der, passphrase []byte) ([]byte, error) {
	s := &sealed{salt: make([]byte, 16), iv: make([]byte, aes.BlockSize), rounds: rounds}
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

func (s *sealed) marshal() ([]byte, error) {
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
