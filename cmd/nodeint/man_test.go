package main

import (
	"bytes"
	"io"
	"os/exec"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// groff formats the manual pages without a warning.
func TestManualPages(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		testenv.Unavailable(t, "%v; install it: apt-get install groff", err)
	}
	var pages bytes.Buffer
	writePages(&pages, newRoot(newUI(io.Discard, io.Discard), ""))
	cmd := exec.Command(groff, "-man", "-ww", "-Tutf8", "-z")
	cmd.Stdin = &pages
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// The texts of commands may have characters that groff would read as its own.
func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"plain":      "plain",
		".TH x":      `\&.TH x`,
		"'quoted'":   `\&'quoted'`,
		`a\fB --all`: `a\efB \-\-all`,
		"ENTRY…":     `ENTRY\[u2026]`,
		"~/x ^1 `a`": "\\(ti/x \\(ha1 \\`a\\`",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got, want := paragraphs("one\ntwo\n\n  a  b\n"), ".PP\none\ntwo\n.PP\n.nf\n  a  b\n.fi\n"; got != want {
		t.Errorf("paragraphs: %q, want %q", got, want)
	}
}
