package trust

import (
	"encoding/base64"
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/signkey"
)

const (
	// MaxSize is how large the text of an envelope may be, in bytes.
	MaxSize = 4 << 20

	// Suffix is what an envelope's name has behind that of its map.
	Suffix = ".dsse.json"

	// PayloadType says that the payload is an in-toto Statement.
	PayloadType = "application/vnd.in-toto+json"

	maxSignatures = 64
)

// An Envelope is a payload and its signatures. Nothing in it is verified: see Signers.
type Envelope struct {
	Payload    []byte
	Signatures []Signature
}

// A Signature is one of an envelope's.
type Signature struct {
	KeyID string // a hint; may be empty
	Sig   []byte
}

// PAE is what is signed of a payload.
func PAE(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(PayloadType), PayloadType, len(payload), payload)
}

// Read reads the text of an envelope; name is the file's, for errors.
func Read(name string, text []byte) (*Envelope, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%s: the envelope is larger than %d MiB", name, MaxSize>>20)
	}
	if err := importmap.Check(name, "envelope", text); err != nil {
		return nil, err
	}
	r := &reader{}
	e := &Envelope{}
	m := r.members("", gjson.ParseBytes(text), "payloadType", "payload", "signatures")
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

// Format writes the text of an envelope.
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
		return fmt.Errorf("signing: %w", err)
	}
	e.Signatures = append(e.Signatures, Signature{key.Public().ID(), sig})
	return nil
}

// Signers returns those of the keys that have signed the payload, each once, however
// often it is given or has signed.
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

// decodeBase64 decodes standard base64 in its one canonical form: padded, trailing bits
// zero, no line ends.
func decodeBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		err = fmt.Errorf("it is not canonical")
	}
	return b, err
}
