package tarball

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestIntegrity(t *testing.T) {
	d := sum512([]byte("x"))
	digits := hex.EncodeToString(d.Bytes())
	for _, tt := range []struct {
		text string
		code Code // "" if it is read as d
	}{
		{d.String(), ""},
		{"sha1-EfavDIBLpaL8T1M8i9w5XrGd0jE= " + d.String(), ""},
		{digits, ""},
		{"10c0/" + digits, ""},
		{"8/" + digits, ""},
		{"sha1-EfavDIBLpaL8T1M8i9w5XrGd0jE=", WeakDigest},
		{"md5-1B2M2Y8AsgTpgAmY7PhCfg== sha1-EfavDIBLpaL8T1M8i9w5XrGd0jE=", WeakDigest},
		{"11f6ad8ec52a2984abaafd7c3b516503785c2072", WeakDigest},
		{"d41d8cd98f00b204e9800998ecf8427e", WeakDigest},
		{"", BadIntegrity},
		{"sha512-", BadIntegrity},
		{"sha512-" + digits, BadIntegrity},
		{digits[:100], BadIntegrity},
		{strings.ToUpper(digits), BadIntegrity},
		{"sha3-" + digits, BadIntegrity},
	} {
		m, err := Integrity(tt.text)
		var e *Error
		switch {
		case tt.code == "":
			if err != nil || len(m.Strongest()) != 1 || m.Strongest()[0] != d {
				t.Errorf("%q: got %v, %v", tt.text, m, err)
			}
		case !errors.As(err, &e) || e.Code != tt.code || !strings.HasPrefix(err.Error(), "reading an integrity: "):
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.code)
		}
	}
}
