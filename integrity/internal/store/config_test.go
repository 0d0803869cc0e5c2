package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A place of work has a home, a project, and an environment.
type setup struct {
	t          testing.TB
	home, root string
	env        []string
}

func newSetup(t testing.TB) *setup {
	dir := t.TempDir()
	s := &setup{t: t, home: filepath.Join(dir, "home"), root: filepath.Join(dir, "project")}
	for _, d := range []string{s.home, s.root} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.env = []string{"HOME=" + s.home, "USERPROFILE=" + s.home, "PREFIX=" + filepath.Join(dir, "prefix")}
	return s
}

func (s *setup) write(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *setup) npm() (*config, error) {
	env := newEnvironment(s.env)
	l, err := npmLevels(env, s.root)
	if err != nil {
		return nil, err
	}
	return newBuilder(env, s.root, nil).npmConfig(l)
}

func (s *setup) yarn() (*config, error) {
	env := newEnvironment(s.env)
	l, err := yarnLevels(env, s.root)
	if err != nil {
		return nil, err
	}
	return newBuilder(env, s.root, nil).yarnConfig(l)
}

// sends writes which credential goes to an address: header, "mine" or "theirs".
func sends(c *config, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error()
	}
	cred := findCredential(c.credentials, u)
	switch {
	case cred == nil:
		return ""
	case cred.fromUser:
		return cred.header + " fromUser"
	}
	return cred.header + " theirs"
}

// Who writes the project's files must not get what is the user's.
func TestNpmCredentials(t *testing.T) {
	basicAB := "Basic " + base64.StdEncoding.EncodeToString([]byte("a:b"))
	b64 := base64.StdEncoding.EncodeToString([]byte("b"))
	for _, tt := range []struct {
		name, user, project string
		env                 []string
		address, want       string
	}{
		{"user's token", "//r.example/:_authToken=T", "", nil, "https://r.example/x/-/x-1.tgz", "Bearer T fromUser"},
		{"path", "//r.example/a/:_authToken=T", "", nil, "https://r.example/a/x", "Bearer T fromUser"},
		{"without the slash at the end", "//r.example/a:_authToken=T", "", nil, "https://r.example/a/x", "Bearer T fromUser"},
		{"other path", "//r.example/a/:_authToken=T", "", nil, "https://r.example/b/x", ""},
		{"path is no prefix of an element", "//r.example/a/:_authToken=T", "", nil, "https://r.example/ab/x", ""},
		{"longest path", "//r.example/:_authToken=T\n//r.example/a/b/:_authToken=U", "", nil, "https://r.example/a/b/c", "Bearer U fromUser"},
		{"other host", "//r.example/:_authToken=T", "", nil, "https://evil.example/x", ""},
		{"host is no suffix", "//r.example/:_authToken=T", "", nil, "https://evilr.example/x", ""},
		{"host above", "//example/:_authToken=T", "", nil, "https://r.example/x", ""},
		{"other port", "//r.example:8443/:_authToken=T", "", nil, "https://r.example/x", ""},
		{"port", "//r.example:8443/:_authToken=T", "", nil, "https://R.example:8443/x", "Bearer T fromUser"},
		{"the scheme's port", "//r.example:443/:_authToken=T", "", nil, "https://r.example/x", "Bearer T fromUser"},
		{"_auth", "//r.example/:_auth=" + base64.StdEncoding.EncodeToString([]byte("a:b")), "", nil, "https://r.example/x", basicAB + " fromUser"},
		{"password", "//r.example/:username=a\n//r.example/:_password=" + b64, "", nil, "https://r.example/x", basicAB + " fromUser"},
		{"variable", "//r.example/:_authToken=${TOKEN}", "", []string{"TOKEN=T"}, "https://r.example/x", "Bearer T fromUser"},
		{"variable in the key", "//${H}/:_authToken=T", "", []string{"H=r.example"}, "https://r.example/x", "Bearer T fromUser"},
		{"variable that is not set", "//r.example/:_authToken=${TOKEN}", "", nil, "https://r.example/x", ""},
		{"environment", "", "", []string{"npm_config_//r.example/:_authToken=T"}, "https://r.example/x", "Bearer T fromUser"},

		{"project's registry", "//r.example/:_authToken=T", "registry=https://evil.example/", nil, "https://evil.example/x", ""},
		{"project's own token", "", "//evil.example/:_authToken=E", nil, "https://evil.example/x", "Bearer E theirs"},
		{"project asks for the environment", "", "registry=https://evil.example/\n//evil.example/:_authToken=${TOKEN}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"as a password", "", "//evil.example/:username=a\n//evil.example/:_password=${TOKEN}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"as a user", "", "//evil.example/:username=${TOKEN}\n//evil.example/:_password=" + b64, []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"as _auth", "", "//evil.example/:_auth=${TOKEN}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"as a default", "", "//evil.example/:_authToken=${TOKEN?}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"in the key", "", "//evil.example/${TOKEN}/:_authToken=x", []string{"TOKEN=T"}, "https://evil.example/T/x", ""},
		{"for a host that all share", "", "//registry.npmjs.org/:_authToken=${TOKEN}", []string{"TOKEN=T"}, "https://registry.npmjs.org/x", "Bearer T fromUser"},
		{"for a host like it", "", "//registry.npmjs.org.evil.example/:_authToken=${TOKEN}", []string{"TOKEN=T"}, "https://registry.npmjs.org.evil.example/x", ""},
		{"for a host that the user names", "@s:registry=https://r.example/npm/", "//r.example/:_authToken=${TOKEN}", []string{"TOKEN=T"}, "https://r.example/x", "Bearer T fromUser"},
		{"for a host that the environment names", "", "//r.example/:_authToken=${TOKEN}", []string{"TOKEN=T", "npm_config_registry=https://r.example/"}, "https://r.example/x", "Bearer T fromUser"},
		{"for a host of the project's that npm put in the environment", "", "registry=https://evil.example/\n//evil.example/:_authToken=${TOKEN}", []string{"TOKEN=T", "npm_config_registry=https://evil.example/"}, "https://evil.example/x", ""},
		{"with settings of the project's as the user's", "", "userconfig=evil\n//evil.example/:_authToken=${TOKEN}", []string{"TOKEN=T", "npm_config_userconfig=evil"}, "https://evil.example/x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			s.write(filepath.Join(s.home, ".npmrc"), tt.user)
			s.write(filepath.Join(s.root, ".npmrc"), tt.project)
			s.write(filepath.Join(s.root, "evil"), "@x:registry=https://evil.example/")
			s.env = append(s.env, tt.env...)
			c, err := s.npm()
			if err != nil {
				t.Fatal(err)
			}
			if got := sends(c, tt.address); got != tt.want {
				t.Errorf("%s gets %q, not %q", tt.address, got, tt.want)
			}
		})
	}
}

func TestNpmRegistries(t *testing.T) {
	s := newSetup(t)
	s.write(filepath.Join(s.home, ".npmrc"), "registry=https://user.example\n@a:registry=https://a.example/npm\n")
	s.write(filepath.Join(s.root, ".npmrc"), "registry=https://project.example/\n@b:registry=https://b.example/\n")
	s.write(filepath.Join(filepath.Dir(s.home), "prefix", "etc", "npmrc"), "@c:registry=https://c.example/\n@a:registry=https://c.example/\n")
	c, err := s.npm()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"x": "https://project.example/", "@a/x": "https://a.example/npm/", "@b/x": "https://b.example/", "@c/x": "https://c.example/", "@d/x": "https://project.example/"} {
		if got := c.registryOf(name).String(); got != want {
			t.Errorf("%s is at %s, not %s", name, got, want)
		}
	}
	s.env = append(s.env, "npm_config_registry=https://env.example/")
	s.write(filepath.Join(s.root, ".npmrc"), "")
	if c, err = s.npm(); err != nil || c.registry.String() != "https://env.example/" {
		t.Errorf("the environment: %v, %v", c, err)
	}
}

// What weakens the way to a registry weakens it for the user's credentials only if
// the user says so.
func TestWays(t *testing.T) {
	for _, tt := range []struct {
		name, user, project string
		env                 []string
		all, own            string
	}{
		{"nothing", "", "", nil, "", ""},
		{"user's", "https-proxy=http://p.example:1\nstrict-ssl=false\nnoproxy=a,b", "", nil, "http://p.example:1 a,b insecure", "http://p.example:1 a,b insecure"},
		{"project's", "", "https-proxy=http://p.example:1\nstrict-ssl=false\nnoproxy=a", nil, "http://p.example:1 a insecure", ""},
		{"project's by npm's environment", "", "https-proxy=http://p.example:1\nstrict-ssl=false", []string{"npm_config_https_proxy=http://p.example:1", "npm_config_strict_ssl=false"}, "http://p.example:1 insecure", ""},
		{"no proxy", "proxy=null", "", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			s.write(filepath.Join(s.home, ".npmrc"), tt.user)
			s.write(filepath.Join(s.root, ".npmrc"), tt.project)
			s.env = append(s.env, tt.env...)
			c, err := s.npm()
			if err != nil {
				t.Fatal(err)
			}
			if wayText(c.all) != tt.all || wayText(c.own) != tt.own {
				t.Errorf("got %q and %q", wayText(c.all), wayText(c.own))
			}
		})
	}
}

func wayText(w route) string {
	parts := []string{w.proxy, w.noProxy}
	if w.insecure {
		parts = append(parts, "insecure")
	}
	if w.roots != nil {
		parts = append(parts, "roots")
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func TestNpmRefuses(t *testing.T) {
	for _, tt := range []struct{ user, project, err string }{
		{"registry=ftp://x/", "", "home/.npmrc:1: not the URL of a registry"},
		{"\nregistry=https://u:p4ss@x/", "", "home/.npmrc:2: not the URL of a registry"},
		{"registry=https://x/?a=b", "", "home/.npmrc:1: not the URL of a registry"},
		{"registry=https://x/a/../b", "", "home/.npmrc:1: not the URL of a registry"},
		{"registry=https://x/a/%2e%2E/b", "", "home/.npmrc:1: not the URL of a registry"},
		{"registry=${NO}", "", "home/.npmrc:1: its environment variable is not set"},
		{"", "registry=https://evil.example/${TOKEN}/", "project/.npmrc:1: the project's registry URL contains an environment variable, whose value it could send anywhere"},
		{"", "@x:registry=https://${TOKEN}.evil.example/", "project/.npmrc:1: the project's registry URL contains an environment variable"},
		{"", "https-proxy=http://${TOKEN}.evil.example/", "project/.npmrc:1: the project's proxy URL contains an environment variable"},
		{"proxy=p4ss", "", "home/.npmrc:1: not the URL of a proxy"},
		{"_auth=p4ss", "", "home/.npmrc:1: the credential has no host; npm rejects it too"},
		{"", "_authToken=p4ss", "project/.npmrc:1: the credential has no host"},
		{`//x/:_authToken="p4ss\r\nX: y"`, "", "home/.npmrc:1: the credential has characters that are not allowed in a header"},
		{"//x/:_auth=p4ss!", "", "home/.npmrc:1: the credential is neither user:password nor base64"},
		{"//x/:username=a\n//x/:_password=p4ss!", "", "home/.npmrc:2: the password is not base64"},
		{"cafile=gone", "", "home/.npmrc:1: cannot read the certificates: no such file or directory"},
		{"ca=p4ss", "", "home/.npmrc:1: not a certificate in PEM"},
		{"cert=p4ss\nkey=p4ss", "", "home/.npmrc:1: cert and key are not a matching certificate and key in PEM"},
	} {
		s := newSetup(t)
		s.write(filepath.Join(s.home, ".npmrc"), tt.user)
		s.write(filepath.Join(s.root, ".npmrc"), tt.project)
		s.env = append(s.env, "TOKEN=s3cret")
		_, err := s.npm()
		var e *problem.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s%s: got %v", tt.user, tt.project, err)
			continue
		}
		if strings.Contains(err.Error(), "p4ss") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error says too much: %v", err)
		}
	}
}

func TestYarnCredentials(t *testing.T) {
	for _, tt := range []struct {
		name, user, project string
		env                 []string
		address, want       string
	}{
		{"top", "npmAuthToken: T", "", nil, "https://registry.yarnpkg.com/x", "Bearer T fromUser"},
		{"top, with a registry", "npmAuthToken: T\nnpmRegistryServer: https://r.example", "", nil, "https://r.example/x", "Bearer T fromUser"},
		{"registry after the token", "npmAuthIdent: a:b\nnpmRegistryServer: https://r.example/n", "", nil, "https://r.example/n/x", "Basic YTpi fromUser"},
		{"scope", "npmScopes: {s: {npmRegistryServer: 'https://s.example', npmAuthToken: T}}", "", nil, "https://s.example/x", "Bearer T fromUser"},
		{"registries", "npmRegistries: {//r.example: {npmAuthToken: T}}", "", nil, "https://r.example/x", "Bearer T fromUser"},
		{"registries, with a scheme", "npmRegistries: {'https://r.example/a': {npmAuthToken: T}}", "", nil, "https://r.example/a/x", "Bearer T fromUser"},
		{"environment", "", "", []string{"YARN_NPM_AUTH_TOKEN=T", "YARN_NPM_REGISTRY_SERVER=https://r.example"}, "https://r.example/x", "Bearer T fromUser"},

		{"project's registry", "npmAuthToken: T", "npmRegistryServer: https://evil.example", nil, "https://evil.example/x", ""},
		{"project's registry of a scope", "npmScopes: {s: {npmAuthToken: T}}", "npmScopes: {s: {npmRegistryServer: 'https://evil.example'}}", nil, "https://evil.example/x", ""},
		{"project asks for the environment", "", "npmRegistryServer: https://evil.example\nnpmAuthToken: ${TOKEN}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"as a default", "", "npmRegistryServer: https://evil.example\nnpmAuthToken: ${NO:-${TOKEN}}", []string{"TOKEN=T"}, "https://evil.example/x", ""},
		{"for yarn's registry", "", "npmAuthToken: ${TOKEN}", []string{"TOKEN=T"}, "https://registry.yarnpkg.com/x", "Bearer T fromUser"},
		{"project's own token", "", "npmRegistries: {//evil.example: {npmAuthToken: E}}", nil, "https://evil.example/x", "Bearer E theirs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			s.write(filepath.Join(s.home, ".yarnrc.yml"), tt.user)
			s.write(filepath.Join(s.root, ".yarnrc.yml"), tt.project)
			s.env = append(s.env, tt.env...)
			c, err := s.yarn()
			if err != nil {
				t.Fatal(err)
			}
			if got := sends(c, tt.address); got != tt.want {
				t.Errorf("%s gets %q, not %q", tt.address, got, tt.want)
			}
		})
	}
}

func TestYarnWay(t *testing.T) {
	s := newSetup(t)
	s.write(filepath.Join(s.home, ".yarnrc.yml"), "httpProxy: http://p.example:1\n")
	s.write(filepath.Join(s.root, ".yarnrc.yml"), "enableStrictSsl: false\nhttpsProxy: http://evil.example:1\n")
	c, err := s.yarn()
	if err != nil || wayText(c.all) != "http://evil.example:1 insecure" || wayText(c.own) != "http://p.example:1" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestCaches(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the defaults are those of Linux")
	}
	s := newSetup(t)
	env := func(more ...string) *environment { return newEnvironment(append(slices.Clone(s.env), more...)) }
	npm := func(e *environment) string {
		l, err := npmLevels(e, s.root)
		if err != nil {
			t.Fatal(err)
		}
		return npmCache(e, l, s.root)
	}
	join := filepath.Join
	if got := npm(env()); got != join(s.home, ".npm", "_cacache") {
		t.Errorf("npm's cache is %s", got)
	}
	s.write(join(s.home, ".npmrc"), "cache=~/c")
	if got := npm(env()); got != join(s.home, "c", "_cacache") {
		t.Errorf("npm's cache of the user's settings is %s", got)
	}
	s.write(join(s.root, ".npmrc"), "cache=${HOME}/d")
	if got := npm(env()); got != join(s.home, "d", "_cacache") {
		t.Errorf("npm's cache of the project's settings is %s", got)
	}
	if got := npm(env("NPM_CONFIG_CACHE=/e")); got != join("/e", "_cacache") {
		t.Errorf("npm's cache of the environment is %s", got)
	}
	if got := fmt.Sprint(classicCaches(env())); got != fmt.Sprint([]string{join(s.home, ".cache", "yarn")}) {
		t.Errorf("yarn 1's cache is %s", got)
	}
	if got := fmt.Sprint(classicCaches(env("YARN_CACHE_FOLDER=/f"))); got != "[/f]" {
		t.Errorf("yarn 1's cache of the environment is %s", got)
	}
	yarn := func(e *environment) string {
		l, err := yarnLevels(e, s.root)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(yarnCaches(e, l, s.root))
	}
	if got := yarn(env()); got != fmt.Sprint([]string{join(s.root, ".yarn", "cache"), join(s.home, ".yarn", "berry", "cache")}) {
		t.Errorf("yarn's caches are %s", got)
	}
	s.write(join(s.root, ".yarnrc.yml"), "cacheFolder: ./c\nglobalFolder: /g\n")
	if got := yarn(env()); got != fmt.Sprint([]string{join(s.root, "c"), join("/g", "cache")}) {
		t.Errorf("yarn's caches of the project's settings are %s", got)
	}
}
