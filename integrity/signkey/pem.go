package signkey

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
)

// The labels of the supported PEM blocks (RFC 7468 §§10, 11, 13).
const (
	blockPublic    = "PUBLIC KEY"
	blockPrivate   = "PRIVATE KEY"
	blockEncrypted = "ENCRYPTED PRIVATE KEY"
)

// A block is the PEM block of a file.
type block struct {
	kind string
	der  []byte
}

// parseBlock returns the block of a file. It requires the exact text that block.text
// writes, since encoding/pem ignores text around a block and between its characters.
// Only the line ends may differ: CR LF, none after the last line, or blank lines there,
// as editors and web forms leave them.
func parseBlock(text []byte) (block, error) {
	if len(text) > maxFile {
		return block{}, fmt.Errorf("larger than %d KiB, so not a key", maxFile>>10)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	p, _ := pem.Decode(text)
	if p == nil {
		return block{}, errors.New("no key in PEM found")
	}
	b := block{p.Type, p.Bytes}
	if !known(p.Type) {
		return b, nil // the caller returns wrongKind
	}
	if !bytes.Equal(bytes.TrimRight(text, "\n"), bytes.TrimRight(b.text(), "\n")) {
		return block{}, keyError("write the key again with openssl pkey, and remove everything else from the file",
			"more than one key in PEM, or not in the form that openssl writes")
	}
	return b, nil
}

func known(kind string) bool {
	return kind == blockPublic || kind == blockPrivate || kind == blockEncrypted
}

func (b block) text() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: b.kind, Bytes: b.der})
}

// wrongKind returns the error for a block that is not of the kind want, with a hint on
// how to get one.
func (b block) wrongKind(want string) error {
	private := want == blockPrivate
	switch b.kind {
	case blockPublic:
		return keyError("sign with the private key that belongs to it", "this is a public key")
	case blockPrivate, blockEncrypted:
		return keyError("give the public key: FILE.pub of nodeint keygen, or the output of openssl pkey -pubout; keep the private key where maps are signed",
			"this is a private key")
	case "CERTIFICATE":
		return keyError("extract the public key: openssl x509 -pubkey -noout", "this is a certificate: nodeint cannot check its validity")
	case "EC PRIVATE KEY", "RSA PRIVATE KEY":
		if private {
			return keyError("convert it to PKCS #8: openssl pkcs8 -topk8 -v2 aes-256-cbc", "this private key is in the older form %s", b.kind)
		}
	}
	return fmt.Errorf("found %.40q in PEM, want %q", b.kind, want)
}
