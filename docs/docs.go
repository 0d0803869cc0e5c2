// Package docs has the pages of the documentation that the command prints.
package docs

import _ "embed" // for findings.md

//go:embed findings.md
var findings string

// Findings returns the text of findings.md, the page about the codes.
func Findings() string { return findings }
