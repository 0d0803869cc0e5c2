// Package docs has the text of pages of this directory, for commands and reports that show
// parts of them.
package docs

import _ "embed"

// Findings is the page findings.md: the codes of nodeint with what they mean.
//
//go:embed findings.md
var Findings string
