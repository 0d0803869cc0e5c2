package signkey

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
)

// The labels of the blocks that are read (RFC 7468 §§10, 11, 13).
const (
	blockPublic    = "PUBLIC KEY"
	blockPrivate   = "PRIVATE KEY"
	blockEncrypted = "ENCRYPTED PRIVATE KEY"
)

// A block is the one block of a file.
type block struct {
	kind string
	der  []byte
}

// parseBlock reads a file's text, which must be that which text writes: encoding/pem
// skips what lies around a block and between its characters.
func parseBlock(text []byte) (block, error) {
	if len(text) > maxFile {
		return block{}, fmt.Errorf("it is larger than any file with a key (%d KiB)", maxFile>>10)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	p, _ := pem.Decode(text)
	if p == nil {
		return block{}, errors.New("there is no key in PEM in it")
	}
	b := block{p.Type, p.Bytes}
	if !known(p.Type) {
		return b, nil // whoever asks says what to do with it
	}
	if !bytes.Equal(bytes.TrimSuffix(text, []byte("\n")), bytes.TrimSuffix(b.text(), []byte("\n"))) {
		return block{}, hinted("write the key anew with openssl pkey, and keep nothing else in the file",
			errors.New("it holds more than one key in PEM, or is not written as openssl writes it"))
	}
	return b, nil
}

func known(kind string) bool {
	return kind == blockPublic || kind == blockPrivate || kind == blockEncrypted
}

func (b block) text() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: b.kind, Bytes: b.der})
}

// wrongKind says what to do with a block that is not the one that was wanted.
func (b block) wrongKind(want string) error {
	private := want == blockPrivate
	switch b.kind {
	case blockPublic:
		return hinted("sign with the private key, of which this is the public half", errors.New("it is a public key"))
	case blockPrivate, blockEncrypted:
		return hinted("give the public half: FILE.pub of nodeint keygen, or what openssl pkey -pubout writes; the private key belongs where maps are signed",
			errors.New("it is a private key"))
	case "CERTIFICATE":
		return hinted("take the public key out of it: openssl x509 -pubkey -noout", errors.New("it is a certificate, whose validity nodeint could not judge"))
	case "EC PRIVATE KEY", "RSA PRIVATE KEY":
		if private {
			return hinted("write it as PKCS #8: openssl pkcs8 -topk8 -v2 aes-256-cbc", fmt.Errorf("it is in the older form %s", b.kind))
		}
	}
	return fmt.Errorf("it holds a %.40q where a %s should be", b.kind, want)
}
