package launch

import (
	"net/url"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// requirePrefix begins the flag that node gets for --require X. X follows as
// encodeURIComponent encodes it.
const requirePrefix = "--import=nodeint:require/"

// rewriteRequire returns the words of flags for node. Node runs every --require before
// the first --import, so before the preload. So each becomes an import that the
// preload answers. These come before the user's imports, as --require does.
func rewriteRequire(flags []nodeflags.Flag) []string {
	var first, rest []string
	for _, f := range flags {
		if f.Kind == nodeflags.Require {
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
func hasPermission(flags []nodeflags.Flag) bool {
	for _, f := range flags {
		switch f.Name {
		case "--permission", "--experimental-permission", "--permission-audit":
			return true
		}
	}
	return false
}

// withoutBootstrap removes from NODE_OPTIONS the preload of a nodeint run that has started
// this one: node gets the preload and the map of this one in its place.
func withoutBootstrap(env []string) []string {
	words, err := nodeflags.Split(getenv(env, nodeOptions))
	if err != nil || !slices.ContainsFunc(words, isBootstrapFlag) {
		return env
	}
	words = slices.DeleteFunc(words, isBootstrapFlag)
	return append(slices.Clone(env), nodeOptions+"="+nodeflags.Quote(words))
}
