package store

import (
	"crypto/x509"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// levels are the settings of npm, the strongest first: the environment, the project's
// file, the user's file, the global file.
type levels [][]setting

// npmLevels reads npm's settings for the project at root.
func npmLevels(env *environment, root string) (levels, error) {
	l := levels{env.npmSettings(), nil, nil, nil}
	project := filepath.Join(root, ".npmrc")
	var err error
	if l[1], err = readSettings(project, true, parseNpmrc); err != nil {
		return nil, err
	}
	l.unmask()
	user := env.path("~/.npmrc", root)
	if s, ok := l.own().find("userconfig"); ok {
		user = env.path(s.value, root)
	}
	if user == project {
		l[1] = nil
		l[0] = env.npmSettings()
	}
	if user != "" {
		if l[2], err = readSettings(user, false, parseNpmrc); err != nil {
			return nil, err
		}
	}
	if global := l.globalFile(env); global != "" {
		l[3], err = readSettings(global, false, parseNpmrc)
	}
	return l, err
}

// unmask marks environment variables as the project's if the project's file has the same
// setting: npm passes all settings in the environment to the programs it starts, such as
// an install hook.
func (l levels) unmask() {
	for i, s := range l[0] {
		if _, ok := (levels{l[1]}).find(s.key); ok {
			l[0][i].project = true
		}
	}
}

// globalFile returns the path of the global file: etc/npmrc below the prefix, which is the
// directory where node is installed.
func (l levels) globalFile(env *environment) string {
	if s, ok := l.own().find("globalconfig"); ok {
		return env.path(s.value, env.home)
	}
	prefix := env.get("PREFIX")
	if s, ok := l.own().find("prefix"); ok {
		prefix = env.path(s.value, env.home)
	}
	if prefix == "" {
		node, err := exec.LookPath("node")
		if err != nil {
			return ""
		}
		if real, err := filepath.EvalSymlinks(node); err == nil {
			node = real
		}
		if prefix = filepath.Dir(node); runtime.GOOS != "windows" {
			prefix = filepath.Dir(prefix)
		}
	}
	return filepath.Join(prefix, "etc", "npmrc")
}

// find returns the effective setting of a key: the last one in the strongest level that
// has it.
func (l levels) find(key string) (setting, bool) {
	for _, level := range l {
		for i := len(level) - 1; i >= 0; i-- {
			if level[i].key == key {
				return level[i], true
			}
		}
	}
	return setting{}, false
}

// own returns the levels without the project's settings.
func (l levels) own() levels {
	return l.only(func(_ int, s setting) bool { return !s.project })
}

// project returns the project's settings that no stronger level overrides.
func (l levels) project() levels {
	return l.only(func(i int, s setting) bool {
		_, stronger := l[:i].find(s.key)
		return s.project && !stronger
	})
}

func (l levels) only(keep func(level int, s setting) bool) levels {
	part := make(levels, len(l))
	for i, level := range l {
		for _, s := range level {
			if keep(i, s) {
				part[i] = append(part[i], s)
			}
		}
	}
	return part
}

// npmConfig builds the config from npm's settings.
func (b *builder) npmConfig(l levels) (*config, error) {
	b.expand = expand
	def, _ := webURL(npmRegistry)
	b.config.registry = base{def, true}
	if s, ok := l.find("replace-registry-host"); ok {
		b.config.replaceHost = b.text(s)
	}
	c, err := b.build(l, b.npmAddress, b.npmCredential, b.npmRoute)
	if err != nil {
		return nil, err
	}
	return c, b.npmTop(l.own())
}

func (b *builder) npmAddress(s setting) error {
	scope, isScope := strings.CutSuffix(s.key, ":registry")
	if s.key != "registry" && !(isScope && strings.HasPrefix(scope, "@")) {
		return nil
	}
	u, err := b.address(s)
	if err != nil {
		return err
	}
	b.trust(s, u)
	if isScope {
		b.config.scopes[scope] = base{u, !s.project}
	} else {
		b.config.registry = base{u, !s.project}
	}
	return nil
}

// npmCredential adds a credential: //host/path/:_authToken and similar keys.
func (b *builder) npmCredential(s setting, level levels) error {
	switch s.key {
	case "_auth", "_authToken", "_password":
		return s.fail("write //host/path/:"+s.key+"=…, as npm config fix does", "the credential has no host; npm rejects it too")
	}
	place, field, ok := b.npmPlace(s)
	if !ok {
		return nil
	}
	host, _, _ := strings.Cut(place, "/")
	if !s.project {
		b.envHosts = append(b.envHosts, host)
	}
	switch field {
	case "_authToken":
		return b.token(place, s)
	case "_auth":
		return b.ident(place, s)
	case "_password":
		return b.password(place, s, level)
	case "certfile":
		return b.certificate(place, s, level)
	}
	return nil
}

// npmPlace parses the key //host/path/:field.
func (b *builder) npmPlace(s setting) (place, field string, ok bool) {
	key := s.key
	if hasVariable(key) {
		if key, ok = expand(key, b.env.lookup); s.project || !ok {
			return "", "", false
		}
	}
	at := strings.LastIndexByte(key, ':')
	if !strings.HasPrefix(key, "//") || at < 0 {
		return "", "", false
	}
	u, ok := webURL("https:" + strings.TrimSuffix(key[:at], ":"))
	if !ok {
		return "", "", false
	}
	return placeOf(u), key[at+1:], true
}

// password adds the credential of username and _password, which is in base64.
func (b *builder) password(place string, s setting, level levels) error {
	key, _ := strings.CutSuffix(s.key, "_password")
	name, ok := level.find(key + "username")
	if !ok {
		return nil
	}
	text, ok, err := b.secret(s, place)
	if !ok || err != nil {
		return err
	}
	user, ok, err := b.secret(name, place)
	if !ok || err != nil {
		return err
	}
	password, decodeErr := decodeBase64(text)
	if decodeErr != nil {
		return s.fail("", "the password is not base64")
	}
	b.add(place, basic(user, password), s)
	return nil
}

// certificate adds the client certificate of certfile and keyfile. The project must not
// choose which files of the user are sent to which host.
func (b *builder) certificate(place string, s setting, level levels) error {
	key, _ := strings.CutSuffix(s.key, "certfile")
	keyFile, ok := level.find(key + "keyfile")
	if !ok {
		return nil
	}
	if s.project {
		b.config.withheld[place] = s.place() + " names files with a certificate and key, which only your own settings may do"
		return nil
	}
	pair, err := b.clientCertificate(s, keyFile)
	if pair == nil || err != nil {
		return err
	}
	c := b.config.credentials[place]
	if c == nil {
		b.add(place, "", s)
		c = b.config.credentials[place]
	}
	c.cert = pair
	return nil
}

// npmTop adds cert and key, which have no host. They are for the registry of the user's
// own settings.
func (b *builder) npmTop(own levels) error {
	cert, ok := own.find("cert")
	key, ok2 := own.find("key")
	if !ok || !ok2 {
		return nil
	}
	pair, err := keyPair(b.pem(cert), b.pem(key))
	if err != nil {
		return cert.fail("", "cert and key are not a matching certificate and key in PEM")
	}
	u, _ := webURL(npmRegistry)
	if s, ok := own.find("registry"); ok {
		if u, err = b.address(s); err != nil {
			return err
		}
	}
	place := placeOf(u)
	if b.config.credentials[place] == nil {
		b.add(place, "", cert)
	}
	if c := b.config.credentials[place]; c.fromUser && c.cert == nil {
		c.cert = pair
	}
	return nil
}

// pem returns a certificate in a setting, where line ends are written as \n.
func (b *builder) pem(s setting) []byte {
	return []byte(strings.ReplaceAll(b.text(s), `\n`, "\n"))
}

// npmRoute builds the route of the given levels.
func (b *builder) npmRoute(l levels) (route, error) {
	var r route
	var err error
	for _, key := range []string{"proxy", "https-proxy"} { // the second takes precedence
		if s, ok := l.find(key); ok && err == nil {
			var proxy string
			if proxy, err = b.proxyOf(s); proxy != "" {
				r.proxy = proxy
			}
		}
	}
	if s, ok := l.find("noproxy"); ok {
		r.noProxy = b.text(s)
	}
	if s, ok := l.find("strict-ssl"); ok {
		r.insecure = b.text(s) == "false"
	}
	if err != nil {
		return r, err
	}
	r.roots, err = b.npmRoots(l)
	return r, err
}

func (b *builder) npmRoots(l levels) (*x509.CertPool, error) {
	if s, ok := l.find("cafile"); ok && b.text(s) != "null" && b.text(s) != "" {
		return b.authorities(s)
	}
	last, ok := l.find("ca")
	if !ok || b.text(last) == "null" || b.text(last) == "" {
		return nil, nil
	}
	var all []byte
	for _, level := range l {
		for _, s := range level {
			if s.key == "ca" && s.file == last.file && (s.list || s == last) {
				all = append(append(all, b.pem(s)...), '\n')
			}
		}
	}
	return b.pool(last, all)
}

// npmCache returns the directory of npm's cache, or "".
func npmCache(env *environment, l levels, root string) string {
	if s, ok := l.find("cache"); ok {
		if text, ok := expand(s.value, env.lookup); ok && text != "" {
			return filepath.Join(env.path(text, root), "_cacache")
		}
	}
	if runtime.GOOS == "windows" {
		if local := env.get("LOCALAPPDATA"); local != "" {
			return filepath.Join(local, "npm-cache", "_cacache")
		}
	}
	if env.home == "" {
		return ""
	}
	return filepath.Join(env.home, ".npm", "_cacache")
}

// isPublic reports whether u is a URL of npm's public registry, which has two names.
func isPublic(u *url.URL) bool {
	return hostOf(u) == "registry.npmjs.org" || hostOf(u) == "registry.yarnpkg.com"
}
