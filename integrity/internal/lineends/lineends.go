// Package lineends explains a mismatch of a text file whose line ends alone differ:
// CRLF for LF, or LF for CRLF. A checkout of Git on another system changes them.
package lineends

import (
	"bytes"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The limits of the search for changed line ends: it only explains findings.
const (
	maxTextSize = 1 << 20  // of one file
	maxTextRead = 64 << 20 // of all files
)

// The sentences about changed line ends.
const (
	nowCRLF = "the line ends alone differ: CRLF in the file, LF in the map"
	nowLF   = "the line ends alone differ: LF in the file, CRLF in the map"
)

// Is reports whether a finding is a file whose line ends alone differ.
func Is(f problem.Finding) bool { return f.Detail == nowCRLF || f.Detail == nowLF }

// Explain adds a detail to each mismatch of a text file whose line ends alone
// differ. A file that cannot be read again is left as it is.
func Explain(t *tree.Tree, m *mapfile.Map, findings []problem.Finding) {
	wanted := make(map[string]hasher.Metadata)
	for i := range findings {
		if findings[i].Code == problem.Mismatch && findings[i].Detail == "" {
			wanted[findings[i].Path] = hasher.Metadata{}
		}
	}
	for i := range m.Pinned {
		if _, ok := wanted[m.Pinned[i].Path]; ok {
			wanted[m.Pinned[i].Path] = m.Pinned[i].Metadata
		}
	}
	left := maxTextRead
	for i := range findings {
		f := &findings[i]
		md, ok := wanted[f.Path]
		if !ok || f.Code != problem.Mismatch || f.Detail != "" || left <= 0 {
			continue
		}
		text, err := t.ReadFile(f.Path, maxTextSize)
		if left -= len(text); err == nil {
			f.Detail = sentence(text, md)
		}
	}
}

// sentence returns a sentence if text matches md with other line ends, and "" otherwise.
func sentence(text []byte, md hasher.Metadata) string {
	if bytes.IndexByte(text, 0) >= 0 {
		return ""
	}
	lf := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if len(lf) != len(text) && md.Match(hasher.Sum(md.Algorithms(), lf)) {
		return nowCRLF
	}
	crlf := bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n"))
	if len(crlf) != len(text) && md.Match(hasher.Sum(md.Algorithms(), crlf)) {
		return nowLF
	}
	return ""
}
