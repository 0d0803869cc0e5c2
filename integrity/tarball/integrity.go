package tarball

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/nodeint/nodeint/hasher"
)

// Integrity reads what a lockfile says of an archive: SRI metadata, as npm,
// pnpm, bun and yarn 1 have it, or the bare SHA-512 in hexadecimal digits of
// yarn 2 and later, with or without the cache key before it ("10c0/…").
//
// One that has sha1 or md5 and nothing better is refused with the code
// weak-digest, a bare SHA-1 (yarn 1's "#…") as well: two archives with one SHA-1
// can be made at will, so it does not say which one was meant.
func Integrity(text string) (hasher.Metadata, error) {
	sri := text
	if _, digits, ok := strings.Cut(text, "/"); ok && isHex(digits) {
		sri = digits
	}
	switch {
	case isHex(sri) && len(sri) == 128:
		sum, _ := hex.DecodeString(sri)
		sri = "sha512-" + base64.StdEncoding.EncodeToString(sum)
	case isHex(sri) && (len(sri) == 40 || len(sri) == 32), onlyWeak(sri):
		return hasher.Metadata{}, weak(text)
	}
	m, err := hasher.ParseMetadata(sri)
	if err != nil {
		return m, &Error{Code: BadIntegrity, Reason: err.Error(), Hint: hintInstall}
	}
	return m, nil
}

func weak(text string) error {
	return &Error{
		Code: WeakDigest, Hint: hintInstall,
		Reason: quote(text) + " is no anchor: archives that share a SHA-1 or MD5 can be made at will",
	}
}

// onlyWeak reports whether s is metadata of which each digest is weak.
func onlyWeak(s string) bool {
	tokens := strings.Fields(s)
	for _, t := range tokens {
		if !strings.HasPrefix(t, "sha1-") && !strings.HasPrefix(t, "md5-") {
			return false
		}
	}
	return len(tokens) > 0
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return s != ""
}
