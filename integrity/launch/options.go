package launch

import (
	"net/url"
	"strings"
)

// Split takes the text of NODE_OPTIONS apart as node does (node_options.cc,
// ParseNodeOptionsEnvVar): words end at a space, and at nothing else; a double
// quote begins and ends a part in which spaces are text and a backslash takes
// the next character as it is. No word is empty.
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
				return nil, usage("write it twice", "NODE_OPTIONS ends in a backslash")
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
		return nil, usage("close it", "NODE_OPTIONS has a quote that is not closed")
	}
	end()
	return words, nil
}

// Quote makes the text that Split takes apart into these words, none of which
// may be empty.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if quoted[i] = w; strings.ContainsAny(w, ` "`) {
			quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
		}
	}
	return strings.Join(quoted, " ")
}

// requirePrefix is how the hook is asked to run a preload.
const requirePrefix = "--import=nodeint:require/"

// rewrite gives the words of flags for node, which runs every --require before
// the first --import, so before the hook. Hence those become imports that the
// hook answers, and come before the user's imports as they would have.
func rewrite(flags []Flag) []string {
	var first, rest []string
	for _, f := range flags {
		if f.Kind == Require {
			first = append(first, requirePrefix+encode(f.Value))
		} else {
			rest = append(rest, f.Words...)
		}
	}
	return append(first, rest...)
}

// encode is encodeURIComponent.
func encode(s string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
}

// hasPermission reports whether the flags turn on node's permission model.
func hasPermission(flags []Flag) bool {
	for _, f := range flags {
		switch f.Name {
		case "--permission", "--experimental-permission", "--permission-audit":
			return true
		}
	}
	return false
}
