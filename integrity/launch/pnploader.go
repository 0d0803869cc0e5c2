package launch

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// loaderName is Yarn's name for the hooks that resolve imports by Plug'n'Play.
const loaderName = ".pnp.loader.mjs"

// takeLoader removes from the words of NODE_OPTIONS the loader that yarn run puts
// there for Plug'n'Play, and returns its path.
func takeLoader(words []string) (rest []string, loader string) {
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		if !joined && i+1 < len(words) {
			value = words[i+1]
		}
		u, err := url.Parse(value)
		if name != "--experimental-loader" || err != nil || u.Scheme != "file" || path.Base(u.Path) != loaderName {
			rest = append(rest, words[i])
			continue
		}
		loader = filepath.FromSlash(u.Path)
		if !joined {
			i++
		}
	}
	return rest, loader
}

// CheckLoader returns an error if Loader is not the one beside the .pnp.cjs whose path
// is given (see [Config]): the preload does the work of that one only.
func (p *Program) CheckLoader(pnp string) error {
	if p.Loader == "" || pnp != "" && p.Loader == filepath.Join(filepath.Dir(pnp), loaderName) {
		return nil
	}
	_, _, err := nodeflags.Flags(Allow{}).Parse([]string{"--experimental-loader", p.Loader})
	return inNodeOptions(err)
}
