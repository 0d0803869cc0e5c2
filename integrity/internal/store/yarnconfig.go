package store

import (
	"path/filepath"
	"runtime"
	"strings"
)

// yarnLevels reads the settings of yarn 2 and later, the strongest first: the
// environment, the project's file, the user's. yarn reads those of folders above
// the project as well.
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

// yarnConfig makes the config of yarn's settings.
func (b *builder) yarnConfig(l levels) (*config, error) {
	b.expand = expandYarn
	b.config.replaceHost = "never"
	def, _ := webURL(yarnRegistry)
	b.config.registry = base{def, true}
	return b.build(l, b.yarnAddress, b.yarnCredential, b.yarnWay)
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

// yarnCredential adds a credential. One that belongs to no registry is for that
// which the settings name so far: the user's own ones, if it is the user's, so
// that no project can have it sent to a registry of its choice.
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

func (b *builder) yarnWay(l levels) (way, error) {
	var w way
	var err error
	for _, key := range []string{"httpProxy", "httpsProxy"} {
		if s, ok := l.find(key); ok && err == nil {
			var proxy string
			if proxy, err = b.proxyOf(s); proxy != "" {
				w.proxy = proxy
			}
		}
	}
	if s, ok := l.find("enableStrictSsl"); ok {
		text := b.text(s)
		w.insecure = text == "false" || text == "0"
	}
	if s, ok := l.find("httpsCaFilePath"); ok && err == nil {
		w.roots, err = b.authorities(s)
	}
	return w, err
}

// yarnCaches are the folders of zips of yarn 2 and later: the project's, then
// the one that all projects share.
func yarnCaches(env *environment, l levels, root string) []string {
	folder := filepath.Join(root, ".yarn", "cache")
	if s, ok := l.find("cacheFolder"); ok {
		if text, ok := expandYarn(s.value, env.look); ok && text != "" {
			folder = env.path(text, root)
		}
	}
	global := yarnGlobal(env)
	if s, ok := l.find("globalFolder"); ok {
		if text, ok := expandYarn(s.value, env.look); ok && text != "" {
			global = env.path(text, root)
		}
	}
	folders := []string{folder}
	if global != "" {
		folders = append(folders, filepath.Join(global, "cache"))
	}
	return folders
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

// classicCaches are the folders of yarn 1's cache.
func classicCaches(env *environment) []string {
	if folder := env.get("YARN_CACHE_FOLDER", "npm_config_cache_folder"); folder != "" {
		return []string{folder}
	}
	var folders []string
	switch cache, local := env.get("XDG_CACHE_HOME"), env.get("LOCALAPPDATA"); {
	case runtime.GOOS == "windows" && local != "":
		folders = append(folders, filepath.Join(local, "Yarn", "Cache"))
	case cache != "":
		folders = append(folders, filepath.Join(cache, "yarn"))
	case env.home == "":
	case runtime.GOOS == "darwin":
		folders = append(folders, filepath.Join(env.home, "Library", "Caches", "Yarn"))
	default:
		folders = append(folders, filepath.Join(env.home, ".cache", "yarn"))
	}
	return folders
}
