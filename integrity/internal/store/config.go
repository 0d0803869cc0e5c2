package store

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// sharedRegistries are public registries that show no user what another user sends. A
// project's settings may send values of the environment to them.
var sharedRegistries = []string{"registry.npmjs.org", "registry.yarnpkg.com", "npm.pkg.github.com"}

// The default registries.
const (
	npmRegistry  = "https://registry.npmjs.org/"
	yarnRegistry = "https://registry.yarnpkg.com/"
)

// A base is the URL of a registry.
type base struct {
	*url.URL
	fromUser bool // it is not set by the project
}

// A route is how requests reach a registry.
type route struct {
	proxy    string // for all requests; "" for the one of the environment
	noProxy  string
	roots    *x509.CertPool // nil for those of the system
	insecure bool
}

// A config is the part of a package manager's settings that fetching needs.
type config struct {
	registry    base
	scopes      map[string]base        // by "@scope"
	credentials map[string]*credential // by place
	withheld    map[string]string      // why the credential for a place is not sent
	replaceHost string                 // npm's replace-registry-host
	plainHosts  map[string]bool        // hosts whose registry the user's own settings name with http

	// all is the route of all settings. own is the route without the project's
	// settings. The user's credentials are sent only by own.
	all, own route
}

// registryOf returns the registry of a package.
func (c *config) registryOf(name string) base {
	if scope, _, ok := strings.Cut(name, "/"); ok {
		if b, ok := c.scopes[scope]; ok {
			return b
		}
	}
	return c.registry
}

// A builder builds a config from settings.
type builder struct {
	env      *environment
	root     string
	envHosts []string // hosts to which the project's settings may send values of the environment

	config *config
	expand func(string, func(string) (string, bool)) (string, bool)
}

func newBuilder(env *environment, root string, envHosts []string) *builder {
	return &builder{env: env, root: root, envHosts: append(slices.Clone(sharedRegistries), envHosts...), config: &config{
		scopes: make(map[string]base), credentials: make(map[string]*credential), withheld: make(map[string]string), plainHosts: make(map[string]bool),
	}}
}

// build reads the levels. The user's own settings come first: they determine the hosts
// that the user names, and the host of a credential that names none. The project's
// settings follow, except those that the environment overrides.
func (b *builder) build(l levels, address func(setting) error, credential func(setting, levels) error, routeOf func(levels) (route, error)) (*config, error) {
	own := l.own()
	for _, part := range []levels{own, l.project()} {
		for i := len(part) - 1; i >= 0; i-- { // the weakest first; stronger levels replace it
			for _, s := range part[i] {
				if err := address(s); err != nil {
					return nil, err
				}
			}
		}
		for i := len(part) - 1; i >= 0; i-- {
			for _, s := range part[i] {
				if err := credential(s, levels{part[i]}); err != nil {
					return nil, err
				}
			}
		}
	}
	var err error
	if b.config.own, err = routeOf(own); err != nil {
		return nil, err
	}
	b.config.all, err = routeOf(l)
	return b.config, err
}

// address reads a setting that is a URL. In the project's settings it must not contain an
// environment variable, because its value would be sent to a host that the project
// chooses.
func (b *builder) address(s setting) (*url.URL, error) {
	if s.project && b.mentionsEnvironment(s.value) {
		return nil, s.fail("write the URL without a variable, or move the setting to your own settings", "the project's registry URL contains an environment variable, whose value it could send anywhere")
	}
	text, ok := b.expand(s.value, b.env.lookup)
	if !ok {
		return nil, s.fail("set the variable", "its environment variable is not set")
	}
	u, ok := webURL(strings.TrimSpace(text))
	if !ok || u.RawQuery != "" || u.Fragment != "" {
		return nil, s.fail("write it as https://registry.example.com/", "not the URL of a registry")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u = u.JoinPath("/")
	}
	return u, nil
}

func (b *builder) mentionsEnvironment(text string) bool {
	found := false
	_, _ = b.expand(text, func(string) (string, bool) { found = true; return "", true })
	return found
}

// text reads a setting that is sent nowhere: a path or a word.
func (b *builder) text(s setting) string {
	text, _ := b.expand(s.value, b.env.lookup)
	return text
}

// trust records a registry that the user's own settings name.
func (b *builder) trust(s setting, u *url.URL) {
	if s.project {
		return
	}
	b.envHosts = append(b.envHosts, hostOf(u))
	if u.Scheme == "http" {
		b.config.plainHosts[hostOf(u)] = true
	}
}

// secret reads a setting that is a part of a credential for a place. If ok is false, it
// must not be sent, and withheld has the reason.
func (b *builder) secret(s setting, place string) (text string, ok bool, err error) {
	host, _, _ := strings.Cut(place, "/")
	if s.project && b.mentionsEnvironment(s.value) && !slices.Contains(b.envHosts, host) {
		b.config.withheld[place] = s.place() + " sends a credential from the environment to " + host + ", and only the project names that host: move the line to your own settings, or allow the host"
		return "", false, nil
	}
	text, set := b.expand(s.value, b.env.lookup)
	if !set {
		b.config.withheld[place] = s.place() + " uses an environment variable that is not set"
		return "", false, nil
	}
	if !isHeader(text) {
		return "", false, s.fail("", "the credential has characters that are not allowed in a header")
	}
	return text, true, nil
}

// place returns the file and line of a setting.
func (s setting) place() string {
	return place(s.file, s.line)
}

// isFromUser reports whether the value of a setting comes from the user and not from the
// project. A value of the environment comes from the user in all settings.
func (b *builder) isFromUser(s setting) bool { return !s.project || b.mentionsEnvironment(s.value) }

// add adds a credential to the config. It replaces the previous one for that place, but
// keeps a client certificate.
func (b *builder) add(place, header string, s setting) {
	c := &credential{place: place, from: s.place(), fromUser: b.isFromUser(s), header: header}
	if old := b.config.credentials[place]; old != nil && old.fromUser && c.fromUser {
		c.cert = old.cert
	}
	b.config.credentials[place] = c
	delete(b.config.withheld, place)
}

// token adds a bearer token.
func (b *builder) token(place string, s setting) error {
	text, ok, err := b.secret(s, place)
	if ok {
		b.add(place, "Bearer "+text, s)
	}
	return err
}

// ident adds "user:password", plain or in base64.
func (b *builder) ident(place string, s setting) error {
	text, ok, err := b.secret(s, place)
	switch {
	case !ok:
	case strings.Contains(text, ":"):
		user, password, _ := strings.Cut(text, ":")
		b.add(place, basic(user, password), s)
	case !isBase64(text):
		return s.fail("", "the credential is neither user:password nor base64")
	default:
		b.add(place, "Basic "+text, s)
	}
	return err
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

// authorities reads a file of certificates.
func (b *builder) authorities(s setting) (*x509.CertPool, error) {
	path := b.env.path(b.text(s), b.root)
	data, err := safefile.Read(path, maxSettings)
	if err != nil {
		return nil, unreadable(s.file, s.line, "cannot read the certificates", err)
	}
	return b.pool(s, data)
}

func (b *builder) pool(s setting, pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, s.fail("", "not a certificate in PEM")
	}
	return pool, nil
}

// proxyOf reads a setting that is the URL of a proxy. It returns "" for none.
func (b *builder) proxyOf(s setting) (string, error) {
	if s.project && b.mentionsEnvironment(s.value) {
		return "", s.fail("write the URL without a variable, or move the setting to your own settings", "the project's proxy URL contains an environment variable, whose value it could send anywhere")
	}
	text := b.text(s)
	if text == "" || text == "null" || text == "false" {
		return "", nil
	}
	if !isProxy(text) {
		return "", s.fail("write it as http://proxy.example.com:8080", "not the URL of a proxy")
	}
	return text, nil
}

func isProxy(text string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != ""
}

// clientCertificate reads the files of a certificate and its key. As in npm, it returns
// nil if a file does not exist.
func (b *builder) clientCertificate(cert, key setting) (*tls.Certificate, error) {
	certPEM, err := safefile.Read(b.env.path(b.text(cert), b.root), maxSettings)
	if err == nil {
		var keyPEM []byte
		if keyPEM, err = safefile.Read(b.env.path(b.text(key), b.root), maxSettings); err == nil {
			pair, err := keyPair(certPEM, keyPEM)
			if err != nil {
				return nil, cert.fail("", "%s", err)
			}
			return pair, nil
		}
	}
	if safefile.IsAbsent(err) {
		return nil, nil
	}
	return nil, unreadable(cert.file, cert.line, "cannot read the certificate or its key", err)
}

// readSettings reads and parses a settings file. It returns no settings if the file does
// not exist.
func readSettings(path string, project bool, parse func(string, []byte) ([]setting, error)) ([]setting, error) {
	data, err := safefile.Read(path, maxSettings)
	if safefile.IsAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(path, 0, "cannot read it", err)
	}
	all, err := parse(path, data)
	for i := range all {
		all[i].project = project
	}
	return all, err
}

// decodeBase64 decodes base64 with or without padding, as npm writes it.
func decodeBase64(s string) (string, error) {
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(out), err
}

// keyPair is tls.X509KeyPair with an error that quotes nothing of its input.
func keyPair(cert, key []byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, errors.New("not a matching certificate and key in PEM")
	}
	return &pair, nil
}
