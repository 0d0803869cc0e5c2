package store

import (
	"path/filepath"
	"runtime"
	"strings"
)

// yarnLevels reads the settings of yarn 2 and later, the strongest first: the environment,
// the project's file, the user's file. Unlike yarn, it does not read the files of parent
// directories.
func yarnLevels(env *environment, root string) (levels, error) {
	project, user := filepath.Join(root, ".yarnrc.yml"), env.path("~/.yarnrc.yml", root)
	l := levels{env.yarnSettings(), nil, nil}
	var err error
	if project != user {
		if l[1], err = readSettings(project, true, parseYarnrc); err != nil {
			return nil, err
		}
	}
	if user != "" {
		l[2], err = readSettings(user, false, parseYarnrc)
	}
	return l, err
}

// yarnConfig builds the config from yarn's settings.
func (b *builder) yarnConfig(l levels) (*config, error) {
	b.expand = expandYarn
	b.config.replaceHost = "never"
	def, _ := webURL(yarnRegistry)
	b.config.registry = base{def, true}
	return b.build(l, b.yarnAddress, b.yarnCredential, b.yarnRoute)
}

func (b *builder) yarnAddress(s setting) error {
	names := strings.Split(s.key, "\x00")
	if names[len(names)-1] != "npmRegistryServer" {
		return nil
	}
	scope := len(names) == 3 && names[0] == "npmScopes"
	if len(names) != 1 && !scope {
		return nil
	}
	u, err := b.address(s)
	if err != nil {
		return err
	}
	b.trust(s, u)
	if scope {
		b.config.scopes["@"+names[1]] = base{u, !s.project}
	} else {
		b.config.registry = base{u, !s.project}
	}
	return nil
}

// yarnCredential adds a credential. A credential without a registry is for the registry
// that the settings have named so far. For a credential of the user, these are the user's
// own settings, so the project cannot redirect it to a registry of its choice.
func (b *builder) yarnCredential(s setting, _ levels) error {
	names := strings.Split(s.key, "\x00")
	field := names[len(names)-1]
	if field != "npmAuthToken" && field != "npmAuthIdent" {
		return nil
	}
	place, ok := b.yarnPlace(names)
	if !ok {
		return nil
	}
	if !s.project {
		host, _, _ := strings.Cut(place, "/")
		b.envHosts = append(b.envHosts, host)
	}
	if field == "npmAuthToken" {
		return b.token(place, s)
	}
	return b.ident(place, s)
}

func (b *builder) yarnPlace(names []string) (string, bool) {
	switch {
	case len(names) == 1:
		return placeOf(b.config.registry.URL), true
	case len(names) == 3 && names[0] == "npmScopes":
		return placeOf(b.config.registryOf("@" + names[1] + "/x").URL), true
	case len(names) == 3 && names[0] == "npmRegistries":
		address := names[1]
		if strings.HasPrefix(address, "//") {
			address = "https:" + address
		}
		if u, ok := webURL(address); ok {
			return placeOf(u), true
		}
	}
	return "", false
}

func (b *builder) yarnRoute(l levels) (route, error) {
	var r route
	var err error
	for _, key := range []string{"httpProxy", "httpsProxy"} {
		if s, ok := l.find(key); ok && err == nil {
			var proxy string
			if proxy, err = b.proxyOf(s); proxy != "" {
				r.proxy = proxy
			}
		}
	}
	if s, ok := l.find("enableStrictSsl"); ok {
		text := b.text(s)
		r.insecure = text == "false" || text == "0"
	}
	if s, ok := l.find("httpsCaFilePath"); ok && err == nil {
		r.roots, err = b.authorities(s)
	}
	return r, err
}

// yarnCaches returns the cache directories of yarn 2 and later: that of the project, then
// the one that projects share.
func yarnCaches(env *environment, l levels, root string) []string {
	dir := filepath.Join(root, ".yarn", "cache")
	if s, ok := l.find("cacheFolder"); ok {
		if text, ok := expandYarn(s.value, env.lookup); ok && text != "" {
			dir = env.path(text, root)
		}
	}
	global := yarnGlobal(env)
	if s, ok := l.find("globalFolder"); ok {
		if text, ok := expandYarn(s.value, env.lookup); ok && text != "" {
			global = env.path(text, root)
		}
	}
	dirs := []string{dir}
	if global != "" {
		dirs = append(dirs, filepath.Join(global, "cache"))
	}
	return dirs
}

func yarnGlobal(env *environment) string {
	if runtime.GOOS == "windows" {
		if local := env.get("LOCALAPPDATA"); local != "" {
			return filepath.Join(local, "Yarn", "Berry")
		}
	} else if data := env.get("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "yarn", "berry")
	}
	if env.home == "" {
		return ""
	}
	return filepath.Join(env.home, ".yarn", "berry")
}

// classicCaches returns the cache directories of yarn 1.
func classicCaches(env *environment) []string {
	if dir := env.get("YARN_CACHE_FOLDER", "npm_config_cache_folder"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	switch cache, local := env.get("XDG_CACHE_HOME"), env.get("LOCALAPPDATA"); {
	case runtime.GOOS == "windows" && local != "":
		dirs = append(dirs, filepath.Join(local, "Yarn", "Cache"))
	case cache != "":
		dirs = append(dirs, filepath.Join(cache, "yarn"))
	case env.home == "":
	case runtime.GOOS == "darwin":
		dirs = append(dirs, filepath.Join(env.home, "Library", "Caches", "Yarn"))
	default:
		dirs = append(dirs, filepath.Join(env.home, ".cache", "yarn"))
	}
	return dirs
}
