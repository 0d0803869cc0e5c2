package lineends

import (
	"testing"

	"github.com/nodeint/nodeint/hasher"
)

func TestSentence(t *testing.T) {
	for _, c := range []struct{ name, pinned, found, want string }{
		{"to CRLF", "a\nb\n", "a\r\nb\r\n", nowCRLF},
		{"to LF", "a\r\nb\r\n", "a\nb\n", nowLF},
		{"mixed to CRLF", "a\r\nb\r\n", "a\nb\r\n", nowLF},
		{"another change too", "a\nb\n", "a\r\nc\r\n", ""},
		{"a CR alone stays", "a\rb\n", "a\rb\r\n", nowCRLF},
		{"not text", "\x00\n", "\x00\r\n", ""},
		{"empty", "\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			md, err := hasher.ParseMetadata(hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA512), []byte(c.pinned))))
			if err != nil {
				t.Fatal(err)
			}
			if got := sentence([]byte(c.found), md); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
