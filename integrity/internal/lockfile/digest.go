package lockfile

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// A Digest is one digest of a lockfile.
type Digest struct {
	Algorithm string // sha512, sha384, sha256 or sha1
	Sum       string // the bytes, not encoded
}

// String returns the digest in the notation of SRI: sha512-….
func (d Digest) String() string {
	return d.Algorithm + "-" + base64.StdEncoding.EncodeToString([]byte(d.Sum))
}

// Weak reports whether an attacker can make two archives with this digest.
func (d Digest) Weak() bool { return d.Algorithm == "sha1" }

// sizes are the algorithms, the strongest first, with the bytes of a digest.
var sizes = []struct {
	name string
	size int
}{{"sha512", 64}, {"sha384", 48}, {"sha256", 32}, {"sha1", 20}}

// Strongest returns the digests of the strongest algorithm in Integrity. The archive
// must have one of them. The digests of other algorithms are ignored.
func (p *Package) Strongest() []Digest {
	for _, a := range sizes {
		var found []Digest
		for _, d := range p.Integrity {
			if d.Algorithm == a.name {
				found = append(found, d)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// digests parses SRI metadata: algorithm-base64, separated by spaces. It differs from
// hasher.ParseMetadata by accepting sha1, the only digest of old packages. Unsupported
// algorithms are ignored if there is a supported one.
func (r *reader) digests(at pos, text string) []Digest {
	var found []Digest
	tokens := strings.Fields(text)
	if len(tokens) > maxDigests {
		r.bad(at, "the integrity has more than %d digests", maxDigests)
		return nil
	}
	for _, token := range tokens {
		token, _, _ = strings.Cut(token, "?")
		name, value, ok := strings.Cut(token, "-")
		sum, err := base64.StdEncoding.Strict().DecodeString(value)
		if !ok || err != nil {
			r.bad(at, "the integrity %s is not of the form algorithm-base64", quote(token))
			return nil
		}
		if d, ok := r.digest(at, name, sum); ok {
			found = append(found, d)
		}
	}
	if len(found) == 0 && r.err == nil {
		r.bad(at, "the integrity %s has no supported digest: sha512, sha384, sha256, sha1", quote(text))
	}
	return found
}

// hex parses a digest in lower-case hexadecimal.
func (r *reader) hex(at pos, algorithm, text string) []Digest {
	sum, err := hex.DecodeString(text)
	if err != nil || text != strings.ToLower(text) {
		r.bad(at, "the digest %s is not in lower-case hexadecimal", quote(text))
		return nil
	}
	d, _ := r.digest(at, algorithm, sum)
	return []Digest{d}
}

func (r *reader) digest(at pos, name string, sum []byte) (Digest, bool) {
	for _, a := range sizes {
		if a.name != name {
			continue
		}
		if len(sum) != a.size {
			r.bad(at, "the %s digest has %d bytes instead of %d", name, len(sum), a.size)
		}
		return Digest{name, string(sum)}, true
	}
	return Digest{}, false
}

// fragment returns the SHA-1 that yarn 1 appends to a URL as its fragment.
func (r *reader) fragment(at pos, address string) []Digest {
	_, sum, ok := strings.Cut(address, "#")
	if !ok || len(sum) != 40 || strings.Trim(sum, "0123456789abcdef") != "" {
		return nil
	}
	return r.hex(at, "sha1", sum)
}

// fileNames returns the file names of lockfiles, sorted.
func fileNames() []string {
	var names []string
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
