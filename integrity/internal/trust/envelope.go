package trust

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/signkey"
)

const (
	// MaxSize is the size of the largest envelope, in bytes.
	MaxSize = 4 << 20

	// Suffix is appended to the name of a map to name its envelope.
	Suffix = ".dsse.json"

	// PayloadType is the type of an in-toto Statement.
	PayloadType = "application/vnd.in-toto+json"

	maxSignatures = 64
)

// An Envelope is a payload and its signatures. They are not verified: see
// [Envelope.Signers].
type Envelope struct {
	Payload    []byte
	Signatures []Signature
}

// A Signature is one signature of an envelope.
type Signature struct {
	KeyID string // a hint; may be empty
	Sig   []byte
}

// PAE returns the message that is signed for a payload.
func PAE(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(PayloadType), PayloadType, len(payload), payload)
}

// Read parses the text of an envelope. name is the name of the file in errors.
func Read(name string, text []byte) (*Envelope, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%s: the envelope is larger than %d MiB", name, MaxSize>>20)
	}
	if err := importmap.Check(name, "envelope", text); err != nil {
		return nil, err
	}
	r := &reader{}
	e := &Envelope{}
	m := r.members("the envelope", gjson.ParseBytes(text), "payloadType", "payload", "signatures")
	r.exact("payloadType", m, PayloadType)
	e.Payload = r.base64("payload", m)
	r.list("signatures", m, 0, maxSignatures, func(v gjson.Result) {
		s := r.members("signatures", v, "sig", "keyid?")
		sig := Signature{Sig: r.base64("sig", s)}
		if s["keyid"].Exists() {
			sig.KeyID = r.text("keyid", s)
		}
		e.Signatures = append(e.Signatures, sig)
	})
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", name, r.err)
	}
	return e, nil
}

// Format returns the text of the envelope.
func (e *Envelope) Format() []byte {
	type signature struct {
		KeyID string `json:"keyid,omitempty"`
		Sig   []byte `json:"sig"`
	}
	text := struct {
		PayloadType string      `json:"payloadType"`
		Payload     []byte      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{PayloadType, e.Payload, []signature{}}
	for _, s := range e.Signatures {
		text.Signatures = append(text.Signatures, signature(s))
	}
	b, _ := jsontext.MarshalIndent(text) // nothing in it can fail
	return b
}

// Sign adds the key's signature of the payload.
func (e *Envelope) Sign(key *signkey.Private) error {
	sig, err := key.Sign(PAE(e.Payload))
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	e.Signatures = append(e.Signatures, Signature{key.Public().ID(), sig})
	return nil
}

// Signers returns the keys that signed the payload. It returns each key once, also if
// the key is given or has signed several times.
func (e *Envelope) Signers(keys []*signkey.Public) []*signkey.Public {
	pae := PAE(e.Payload)
	var signers []*signkey.Public
	for _, k := range signkey.Distinct(keys) {
		if e.signedBy(k, pae) {
			signers = append(signers, k)
		}
	}
	return signers
}

// signedBy reports whether the key signed the payload. It tries the signatures with the
// key's ID first.
func (e *Envelope) signedBy(k *signkey.Public, pae []byte) bool {
	for _, hinted := range []bool{true, false} {
		for _, s := range e.Signatures {
			if (s.KeyID == k.ID()) == hinted && k.Verify(pae, s.Sig) {
				return true
			}
		}
	}
	return false
}

// decodeBase64 decodes base64 in its canonical form: padded, with zero trailing bits and
// without line endings. DSSE allows the standard and the URL-safe alphabet. A text has
// one of them.
func decodeBase64(s string) ([]byte, error) {
	encoding := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.URLEncoding
	}
	b, err := encoding.DecodeString(s)
	if err == nil && encoding.EncodeToString(b) != s {
		err = errors.New("not canonical")
	}
	return b, err
}
