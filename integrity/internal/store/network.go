package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	maxRedirects = 5
	maxRetryWait = 30 * time.Second
)

// A network sends requests to registries.
type network struct {
	config *config
	env    *environment
	opt    Network
	hosts  []string // additional hosts that a URL of the lockfile may have
	limit  int64

	mu      sync.Mutex
	clients map[clientKey]*http.Client
}

// A clientKey selects the route of a request and its client certificate.
type clientKey struct {
	own  bool // by the route without the project's settings
	cert *tls.Certificate
}

func newNetwork(c *config, env *environment, opt Options) *network {
	n := &network{config: c, env: env, opt: opt.Network, hosts: opt.Hosts, limit: opt.Limit, clients: make(map[clientKey]*http.Client)}
	if n.opt.Attempts <= 0 {
		n.opt.Attempts = 3
	}
	for d, byDefault := range map[*time.Duration]time.Duration{&n.opt.Pause: 500 * time.Millisecond, &n.opt.Timeout: 5 * time.Minute, &n.opt.Silence: 30 * time.Second} {
		if *d <= 0 {
			*d = byDefault
		}
	}
	return n
}

// urls returns the URLs of an archive: the one in the lockfile, if its host is the
// package's registry, and the one that registries use for the name and version.
func (n *network) urls(w Want) []*url.URL {
	registry := n.config.registryOf(w.Name)
	var all []*url.URL
	if u, ok := webURL(strings.TrimSpace(w.Resolved)); ok {
		u.Fragment = "" // yarn 1's SHA-1
		if u = n.resolved(u, registry.URL); u != nil {
			all = append(all, u)
		}
	}
	if isName(w.Name) && isVersion(w.Version) {
		built := registry.JoinPath(w.Name, "-", w.Name[strings.LastIndexByte(w.Name, '/')+1:]+"-"+w.Version+".tgz")
		if !slices.ContainsFunc(all, func(u *url.URL) bool { return u.String() == built.String() }) {
			all = append(all, built)
		}
	}
	return all
}

// resolved returns the URL of the lockfile with these settings, or nil if it is not a URL
// of the registry. A URL of npm's public registry stands for the configured registry
// (replace-registry-host).
func (n *network) resolved(u, registry *url.URL) *url.URL {
	replace := n.config.replaceHost
	if replace == "" || replace == "npmjs" {
		replace = "registry.npmjs.org"
	}
	switch {
	case hostOf(u) == hostOf(registry):
		out := *u
		out.Scheme, out.Host = registry.Scheme, registry.Host
		return &out
	case replace == "always", replace == hostOf(u), replace != "never" && isPublic(u) && replace == "registry.npmjs.org", isPublic(u) && isPublic(registry):
		out := registry.JoinPath(strings.TrimPrefix(u.Path, registry.Path))
		out.RawQuery = u.RawQuery
		return out
	case replace == "never" && isPublic(u), slices.Contains(n.hosts, hostOf(u)):
		return u
	}
	return nil
}

// send sends a request with the credential for its URL.
func (n *network) send(ctx context.Context, u *url.URL) (*http.Response, error) {
	c := findCredential(n.config.credentials, u)
	if c != nil && !n.safe(c, u) {
		return nil, &fetchError{reason: "the credential of " + c.from + " would be sent over http, where others can read it"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &fetchError{reason: "not the URL of an archive"}
	}
	req.Header.Set("User-Agent", "nodeint")
	if c != nil && c.header != "" {
		req.Header.Set("Authorization", c.header)
	}
	res, err := n.client(c).Do(req)
	if err != nil {
		return nil, transportError(ctx, err)
	}
	if err := n.status(res, u, c); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res, nil
}

// safe reports whether a credential may be sent to a URL: over https, to this machine, to
// a host for which the user's own settings name a registry with http, or if it is written
// in the project, where it is no secret.
func (n *network) safe(c *credential, u *url.URL) bool {
	return u.Scheme == "https" || isLoopback(u) || n.config.plainHosts[hostOf(u)] || !c.fromUser
}

func (n *network) status(res *http.Response, u *url.URL, c *credential) error {
	code := res.StatusCode
	e := &fetchError{reason: fmt.Sprintf("the registry returned %d %s", code, http.StatusText(code))}
	switch {
	case code == http.StatusOK && res.ContentLength > n.limit:
		return &fetchError{reason: "the response is larger than the limit for archives"}
	case code == http.StatusOK:
		return nil
	case code == http.StatusNotFound || code == http.StatusGone:
		e.result = IsAbsent
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		e.again = true
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
			e.after = min(time.Duration(seconds), maxRetryWait/time.Second) * time.Second
		}
	}
	if code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound {
		e.reason += n.credentialNote(u, c)
	}
	return e
}

// credentialNote says which credential was sent, or why none was.
func (n *network) credentialNote(u *url.URL, c *credential) string {
	if c != nil {
		return ", with " + c.String()
	}
	for place := placeOf(u); place != ""; place = place[:strings.LastIndexByte(strings.TrimSuffix(place, "/"), '/')+1] {
		if why := n.config.withheld[place]; why != "" {
			return "; no credential was sent: " + why
		}
	}
	return "; no credential is set for it"
}

// transportError returns the reason why a request failed.
func transportError(ctx context.Context, err error) error {
	var e *fetchError
	if errors.As(err, &e) {
		return e
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL
	}
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(context.Cause(ctx), errSilent):
		return &fetchError{reason: errSilent.Error(), again: true}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &fetchError{reason: "the download took too long", again: true}
	case errors.As(err, &cert):
		return &fetchError{reason: "the server's certificate is not trusted: " + cert.Err.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &fetchError{reason: "the connection was closed before the end", again: true}
	}
	return &fetchError{reason: clip(err.Error()), again: ctx.Err() == nil}
}

func clip(s string) string {
	if len(s) > 300 {
		return strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

// client returns the client for requests with a credential. Requests with a credential of
// the user take the route without the project's settings, so that the project cannot read
// them.
func (n *network) client(c *credential) *http.Client {
	key := clientKey{}
	if c != nil {
		key = clientKey{own: c.fromUser, cert: c.cert}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	client := n.clients[key]
	if client == nil {
		r := n.config.all
		if key.own {
			r = n.config.own
		}
		client = &http.Client{Transport: n.transport(r, key.cert), CheckRedirect: n.redirect}
		n.clients[key] = client
	}
	return client
}

func (n *network) transport(r route, cert *tls.Certificate) *http.Transport {
	config := &tls.Config{RootCAs: r.roots, InsecureSkipVerify: r.insecure}
	if cert != nil {
		config.Certificates = []tls.Certificate{*cert}
	}
	return &http.Transport{
		Proxy:                 n.proxy(r),
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: n.opt.Silence,
		MaxIdleConnsPerHost:   8,
		MaxConnsPerHost:       16,
		IdleConnTimeout:       30 * time.Second,
		DisableCompression:    true, // the digest is that of the archive's own bytes
		ForceAttemptHTTP2:     true,

		MaxResponseHeaderBytes: 64 << 10,
	}
}

// proxy returns the function that selects the proxy of a request: that of the settings, or
// else that of the environment.
func (n *network) proxy(r route) func(*http.Request) (*url.URL, error) {
	c := httpproxy.Config{HTTPProxy: r.proxy, HTTPSProxy: r.proxy, NoProxy: r.noProxy}
	if r.proxy == "" {
		c.HTTPProxy, c.HTTPSProxy = n.env.get("http_proxy", "HTTP_PROXY"), n.env.get("https_proxy", "HTTPS_PROXY")
	}
	if r.noProxy == "" {
		c.NoProxy = n.env.get("no_proxy", "NO_PROXY")
	}
	proxyOf := c.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		u, err := proxyOf(req.URL)
		if err != nil {
			return nil, &fetchError{reason: "an environment variable is not the URL of a proxy"}
		}
		return u, nil
	}
}

// redirect checks a redirect. It removes a credential that is not set for the new URL, and
// rejects a redirect from https to http.
func (n *network) redirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	c := findCredential(n.config.credentials, first)
	switch {
	case len(via) > maxRedirects:
		return &fetchError{reason: "too many redirects"}
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return &fetchError{reason: "a redirect to a scheme other than http and https"}
	case first.Scheme == "https" && req.URL.Scheme == "http":
		return &fetchError{reason: "a redirect from https to http, to " + quote(req.URL.Hostname())}
	case req.URL.User != nil:
		return &fetchError{reason: "a redirect to an address with a user"}
	}
	req.Header.Del("Referer")
	if c == nil || c.covers(req.URL) {
		return nil
	}
	if c.cert != nil {
		return &fetchError{reason: "a redirect to " + quote(req.URL.Hostname()) + ", for which the client certificate is not set"}
	}
	req.Header.Del("Authorization")
	return nil
}
