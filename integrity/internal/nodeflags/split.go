package nodeflags

import (
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// Split splits the text of NODE_OPTIONS into words as node does (node_options.cc,
// ParseNodeOptionsEnvVar). Words end at a space, and at nothing else. A double quote
// begins and ends a part in which a space is part of the word and a backslash escapes
// the next character. No word is empty.
func Split(text string) ([]string, error) {
	var words []string
	var word []byte
	quoted := false
	end := func() {
		if word != nil {
			words, word = append(words, string(word)), nil
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			if i++; i == len(text) {
				return nil, problem.BadUsage("write two backslashes", "NODE_OPTIONS ends in a backslash")
			}
			word = append(word, text[i])
		case !quoted && c == ' ':
			end()
		case c == '"':
			quoted = !quoted
		default:
			word = append(word, c)
		}
	}
	if quoted {
		return nil, problem.BadUsage("add the closing quote", "NODE_OPTIONS has an unclosed quote")
	}
	end()
	return words, nil
}

// Quote returns the text that Split splits into the words. No word may be empty.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if quoted[i] = w; strings.ContainsAny(w, ` "`) {
			quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
		}
	}
	return strings.Join(quoted, " ")
}
