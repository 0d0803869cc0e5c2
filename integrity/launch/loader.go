package launch

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// loaderName is what yarn calls the hooks that resolve imports by Plug'n'Play.
const loaderName = ".pnp.loader.mjs"

// takeLoader takes from the words of NODE_OPTIONS the loader that yarn run puts there
// for Plug'n'Play, and gives its path.
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

// CheckLoader refuses a Loader that is not the one beside the file plug (see
// [Config]): only of that one the hook does the work.
func (p *Program) CheckLoader(plug string) error {
	if p.Loader == "" || plug != "" && p.Loader == filepath.Join(filepath.Dir(plug), loaderName) {
		return nil
	}
	_, _, err := Flags(Allow{}).scan([]string{"--experimental-loader", p.Loader})
	return inOptions(err)
}
