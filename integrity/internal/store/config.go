package store

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/url"
	"slices"
	"strings"
)

// wellKnown are registries that many share, and of which no tenant sees what
// another sends: to them a project's file may have values of the environment sent.
var wellKnown = []string{"registry.npmjs.org", "registry.yarnpkg.com", "npm.pkg.github.com"}

// The registries when nothing is set.
const (
	npmRegistry  = "https://registry.npmjs.org/"
	yarnRegistry = "https://registry.yarnpkg.com/"
)

// A base is a registry's address, and who said so.
type base struct {
	*url.URL
	mine bool // not the project's file
}

// A way is how requests reach a registry.
type way struct {
	proxy    string // for all requests; "" for what the environment says
	noProxy  string
	roots    *x509.CertPool // nil for the system's
	insecure bool
}

// A config is what the settings of a package manager say about getting archives.
type config struct {
	registry    base
	scopes      map[string]base        // by "@scope"
	credentials map[string]*credential // by place
	withheld    map[string]string      // why there is no credential for a place
	replaceHost string                 // npm's replace-registry-host
	plain       map[string]bool        // hosts that the user's own settings name with http

	// all is the way that the settings say; own is it without the project's file.
	// What is the user's goes the second way alone.
	all, own way
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

// A builder makes a config of settings.
type builder struct {
	env      *environment
	root     string
	envHosts []string // hosts that a project's file may have the environment sent to

	config *config
	expand func(string, func(string) (string, bool)) (string, bool)
}

func newBuilder(env *environment, root string, envHosts []string) *builder {
	return &builder{env: env, root: root, envHosts: append(slices.Clone(wellKnown), envHosts...), config: &config{
		scopes: make(map[string]base), credentials: make(map[string]*credential), withheld: make(map[string]string), plain: make(map[string]bool),
	}}
}

// build reads the levels: first all that is the user's own, so that it is known
// which hosts the user names, and where a credential belongs that names none; then
// the project's file, as far as the environment does not say otherwise.
func (b *builder) build(l levels, address func(setting) error, credential func(setting, levels) error, wayOf func(levels) (way, error)) (*config, error) {
	own := l.own()
	for _, part := range []levels{own, l.project()} {
		for i := len(part) - 1; i >= 0; i-- { // the weakest first: the others replace it
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
	if b.config.own, err = wayOf(own); err != nil {
		return nil, err
	}
	b.config.all, err = wayOf(l)
	return b.config, err
}

// address reads a setting that is a URL. In a project's file a variable of the
// environment in it would tell its value to whoever the project names.
func (b *builder) address(s setting) (*url.URL, error) {
	if s.project && b.mentionsEnvironment(s.value) {
		return nil, s.fail("write the address out, or set it in your own settings", "an address with a variable of the environment, which the project could send anywhere")
	}
	text, ok := b.expand(s.value, b.env.look)
	if !ok {
		return nil, s.fail("set the variable", "it names a variable that is not set")
	}
	u, ok := webURL(strings.TrimSpace(text))
	if !ok || u.RawQuery != "" || u.Fragment != "" {
		return nil, s.fail("write it as https://registry.example.com/", "no address of a registry")
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

// text reads a setting that is no address and goes nowhere: a path, a word.
func (b *builder) text(s setting) string {
	text, _ := b.expand(s.value, b.env.look)
	return text
}

// trust notes that the user's own settings name a registry.
func (b *builder) trust(s setting, u *url.URL) {
	if s.project {
		return
	}
	b.envHosts = append(b.envHosts, hostOf(u))
	if u.Scheme == "http" {
		b.config.plain[hostOf(u)] = true
	}
}

// secret reads a setting that is a part of a credential for a place. ok is false
// if it cannot be used; then withheld says why.
func (b *builder) secret(s setting, place string) (text string, ok bool, err error) {
	host, _, _ := strings.Cut(place, "/")
	if s.project && b.mentionsEnvironment(s.value) && !slices.Contains(b.envHosts, host) {
		b.config.withheld[place] = s.place() + " takes a credential for " + host + " from the environment, and only the project names that host: write the line in your own settings, or allow the host"
		return "", false, nil
	}
	text, set := b.expand(s.value, b.env.look)
	if !set {
		b.config.withheld[place] = s.place() + " names a variable of the environment that is not set"
		return "", false, nil
	}
	if !isHeader(text) {
		return "", false, s.fail("", "a credential with characters that no header can have")
	}
	return text, true, nil
}

func (s setting) place() string {
	e := SettingError{File: s.file, Line: s.line}
	return strings.TrimSuffix(e.Error(), ": ")
}

// isMine reports whether what is in a setting is the user's and not the project's:
// a value of the environment is, wherever it is asked for.
func (b *builder) isMine(s setting) bool { return !s.project || b.mentionsEnvironment(s.value) }

// add adds a credential to the config. It takes the place of another; a client
// certificate stays beside a token.
func (b *builder) add(place, header string, s setting) {
	c := &credential{place: place, from: s.place(), mine: b.isMine(s), header: header}
	if old := b.config.credentials[place]; old != nil && old.mine && c.mine {
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

// ident adds "user:password", or that in base64.
func (b *builder) ident(place string, s setting) error {
	text, ok, err := b.secret(s, place)
	switch {
	case !ok:
	case strings.Contains(text, ":"):
		user, password, _ := strings.Cut(text, ":")
		b.add(place, basic(user, password), s)
	case !isBase64(text):
		return s.fail("", "a credential that is neither user:password nor base64")
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
	data, err := readSmall(path, maxSettings)
	if err != nil {
		return nil, s.wrap(err, "the file of certificates cannot be read")
	}
	return b.pool(s, data)
}

func (b *builder) pool(s setting, pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, s.fail("", "no certificate in PEM")
	}
	return pool, nil
}

func (s setting) wrap(err error, reason string) error {
	return &SettingError{File: s.file, Line: s.line, Reason: reason + ": " + reasonOf(err), Err: err}
}

// reasonOf leaves the path out of an error of the system.
func reasonOf(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// proxyOf reads a setting that is the address of a proxy; "" for none.
func (b *builder) proxyOf(s setting) (string, error) {
	if s.project && b.mentionsEnvironment(s.value) {
		return "", s.fail("write the address out, or set it in your own settings", "a proxy with a variable of the environment, which the project could send anywhere")
	}
	text := b.text(s)
	if text == "" || text == "null" || text == "false" {
		return "", nil
	}
	if !isProxy(text) {
		return "", s.fail("write it as http://proxy.example.com:8080", "no address of a proxy")
	}
	return text, nil
}

func isProxy(text string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != ""
}

// clientCertificate reads the two files of a certificate and its key. A file that
// is not there is none, as for npm.
func (b *builder) clientCertificate(cert, key setting) (*tls.Certificate, error) {
	certPEM, err := readSmall(b.env.path(b.text(cert), b.root), maxSettings)
	if err == nil {
		var keyPEM []byte
		if keyPEM, err = readSmall(b.env.path(b.text(key), b.root), maxSettings); err == nil {
			pair, err := keyPair(certPEM, keyPEM)
			if err != nil {
				return nil, cert.fail("", "%s", err)
			}
			return pair, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, cert.wrap(err, "the certificate or its key cannot be read")
}

// readSettings reads a file of settings and parses it. None is no error.
func readSettings(path string, project bool, parse func(string, []byte) ([]setting, error)) ([]setting, error) {
	data, err := readSmall(path, maxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &SettingError{File: path, Reason: "it cannot be read: " + reasonOf(err), Err: err}
	}
	all, err := parse(path, data)
	for i := range all {
		all[i].project = project
	}
	return all, err
}

// decodeBase64 reads what npm wrote, with or without padding.
func decodeBase64(s string) (string, error) {
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(out), err
}

// keyPair is tls.X509KeyPair, whose errors could quote what they read.
func keyPair(cert, key []byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, errors.New("no certificate and key in PEM that belong together")
	}
	return &pair, nil
}
