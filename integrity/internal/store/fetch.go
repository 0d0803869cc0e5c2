package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/nodeint/nodeint/hasher"
)

const (
	maxRedirects = 5
	maxRetryWait = 30 * time.Second
)

// A network fetches archives from registries.
type network struct {
	config *config
	env    *environment
	opt    Network
	hosts  []string // further ones that a lockfile's address may have
	limit  int64

	mu      sync.Mutex
	clients map[clientKey]*http.Client
}

// A clientKey says which way a request goes, and with which certificate.
type clientKey struct {
	own  bool
	cert *tls.Certificate
}

func newNetwork(c *config, env *environment, opt Options) *network {
	n := &network{config: c, env: env, opt: opt.Network, hosts: opt.Hosts, limit: opt.Limit, clients: make(map[clientKey]*http.Client)}
	if n.opt.Attempts <= 0 {
		n.opt.Attempts = 3
	}
	for d, otherwise := range map[*time.Duration]time.Duration{&n.opt.Pause: 500 * time.Millisecond, &n.opt.Timeout: 5 * time.Minute, &n.opt.Silence: 30 * time.Second} {
		if *d <= 0 {
			*d = otherwise
		}
	}
	return n
}

// urls are the addresses of an archive: the lockfile's, if it is of the package's
// registry, and the one that the registry has for the package.
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

// resolved is where the lockfile's address leads with these settings, nil if it
// leads elsewhere than to the registry. npm's own registry stands for the one that
// is set (replace-registry-host).
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

// fetch gets an archive from its registry. The last look is of the one that was
// found.
func (s *Store) fetch(ctx context.Context, w Want) (Content, int64, []Look) {
	var looks []Look
	for _, u := range s.network.urls(w) {
		content, size, look := s.fetchURL(ctx, u, w)
		looks = append(looks, look)
		if look.Result == IsFound || ctx.Err() != nil {
			return content, size, looks
		}
	}
	if len(looks) == 0 {
		looks = append(looks, Look{Source: Registry, Result: IsFailed, Detail: "neither the lockfile's address nor name and version say where it is"})
	}
	return nil, 0, looks
}

// fetchURL asks an address, and again if that may help.
func (s *Store) fetchURL(ctx context.Context, u *url.URL, w Want) (Content, int64, Look) {
	look := Look{Source: Registry, Place: shown(u)}
	n := s.network
	for attempt := 1; ; attempt++ {
		content, size, err := s.download(ctx, u, w)
		var f *fetchError
		switch {
		case err == nil:
			look.Result = IsFound
			return content, size, look
		case !errors.As(err, &f):
			f = &fetchError{reason: reasonOf(err)}
		}
		if look.Result, look.Detail = f.result, f.reason; f.result == "" {
			look.Result = IsFailed
		}
		if !f.again || attempt == n.opt.Attempts || !wait(ctx, n.pause(attempt, f.after)) {
			if attempt > 1 && f.again {
				look.Detail += fmt.Sprintf(" (%d attempts)", attempt)
			}
			return nil, 0, look
		}
	}
}

// pause is how long to wait after an attempt: some more or less, so that many who
// wait do not come back together.
func (n *network) pause(attempt int, after time.Duration) time.Duration {
	d := n.opt.Pause << (attempt - 1)
	d += rand.N(d/4 + 1)
	return min(max(d, after), maxRetryWait)
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// A fetchError is one attempt that failed. Its reason never holds a credential.
type fetchError struct {
	result Result // IsFailed if it is empty
	reason string
	again  bool          // it may help to ask again
	after  time.Duration // not before
}

func (e *fetchError) Error() string { return e.reason }

// download asks an address once, and keeps the archive if it is what is wanted.
func (s *Store) download(whole context.Context, u *url.URL, w Want) (Content, int64, error) {
	ctx, cancel := context.WithTimeout(whole, s.network.opt.Timeout)
	defer cancel()
	ctx, alive, stop := watch(ctx, s.network.opt.Silence)
	defer stop()
	res, err := s.network.ask(ctx, u)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	body := &answer{r: res.Body, alive: alive}
	p, err := s.own.create(w.Integrity.Algorithms())
	if err != nil && w.Make != nil {
		return nil, 0, s.unwritable(err)
	}
	if err != nil {
		return s.hold(ctx, body, w, err)
	}
	if err := copyTo(ctx, p, body, s.network.limit); err != nil {
		p.discard()
		return nil, 0, s.bodyError(ctx, body, err)
	}
	if w.Make != nil {
		if p, err = s.make(whole, p, w); err != nil {
			return nil, 0, err
		}
	}
	got := p.hash.Append(nil)
	if w.Make != nil && !w.Integrity.Match(got) {
		p.discard()
		return nil, 0, &fetchError{reason: "what nodeint makes of its tarball is not the zip that yarn made"}
	}
	if !w.Integrity.Match(got) {
		p.discard()
		return nil, 0, wrongDigest(got)
	}
	d := matching(w, got)
	if err := s.own.keep(p, d); err != nil {
		return nil, 0, s.unwritable(err)
	}
	content, size, again, err := s.load(ctx, s.own.path(d), w.Integrity.Algorithms())
	if err == nil && !w.Integrity.Match(again) {
		return nil, 0, wrongDigest(again)
	}
	if err != nil && ctx.Err() == nil {
		err = &fetchError{reason: "nodeint's cache in " + s.own.dir + " cannot be read: " + reasonOf(err)}
	}
	return content, size, err
}

// make makes the zip of a tarball, which it discards.
func (s *Store) make(ctx context.Context, tarball *pending, w Want) (*pending, error) {
	defer tarball.discard()
	if _, err := tarball.file.Seek(0, io.SeekStart); err != nil {
		return nil, s.unwritable(err)
	}
	zip, err := s.own.create(w.Integrity.Algorithms())
	if err != nil {
		return nil, s.unwritable(err)
	}
	if err := w.Make(ctx, zip, tarball.file); err != nil {
		zip.discard()
		return nil, &fetchError{reason: "making the zip of yarn: " + clip(err.Error())}
	}
	return zip, nil
}

// matching is the digest under which an archive is kept.
func matching(w Want, got []hasher.Digest) hasher.Digest {
	for _, d := range w.digests() {
		if slices.Contains(got, d) {
			return d
		}
	}
	return w.digests()[0]
}

// maxInMemory is how many bytes an archive may have to be held in memory.
const maxInMemory = 8 << 20

// hold holds an archive in memory where there is no cache to keep it in.
func (s *Store) hold(ctx context.Context, body *answer, w Want, cause error) (Content, int64, error) {
	var b strings.Builder
	err := copyTo(ctx, &b, body, min(maxInMemory, s.network.limit))
	if errors.Is(err, errTooLarge) {
		return nil, 0, &fetchError{reason: "it is too large to be held in memory, and " + s.unwritable(cause).Error()}
	}
	if err != nil {
		return nil, 0, s.bodyError(ctx, body, err)
	}
	if got := hasher.Sum(w.Integrity.Algorithms(), []byte(b.String())); !w.Integrity.Match(got) {
		return nil, 0, wrongDigest(got)
	}
	return textContent{strings.NewReader(b.String())}, int64(b.Len()), nil
}

type textContent struct{ *strings.Reader }

// Close does nothing.
func (textContent) Close() error { return nil }

func wrongDigest(got []hasher.Digest) error {
	return &fetchError{result: IsWrong, reason: "it is " + hasher.Format(got)}
}

// An answer is the body of an answer, that tells whether a failure was its own.
type answer struct {
	r     io.Reader
	alive func()
	err   error
}

func (a *answer) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	a.alive()
	if err != nil && err != io.EOF {
		a.err = err
	}
	return n, err
}

func (s *Store) bodyError(ctx context.Context, body *answer, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return &fetchError{reason: "the answer is larger than an archive may be"}
	case body.err != nil || ctx.Err() != nil:
		return transportError(ctx, err)
	}
	return s.unwritable(err)
}

func (s *Store) unwritable(err error) error {
	return &fetchError{reason: "nodeint's cache in " + s.own.dir + " cannot be written: " + reasonOf(err)}
}

// watch gives a context that ends when alive has not been called for so long.
func watch(ctx context.Context, silence time.Duration) (watched context.Context, alive, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	t := time.AfterFunc(silence, func() { cancel(errSilent) })
	return watched, func() { t.Reset(silence) }, func() { t.Stop(); cancel(nil) }
}

var errSilent = errors.New("no answer in time")

// ask sends the request, with the credential that belongs to the address.
func (n *network) ask(ctx context.Context, u *url.URL) (*http.Response, error) {
	c := findCredential(n.config.credentials, u)
	if c != nil && !n.safe(c, u) {
		return nil, &fetchError{reason: "the credential of " + c.from + " would go over http, where others can read it"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &fetchError{reason: "no address of an archive"}
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

// safe reports whether a credential may be sent: encrypted, to this machine, where
// the user's own settings say http, or where it is the project's own, which
// everybody can read who can read the project.
func (n *network) safe(c *credential, u *url.URL) bool {
	return u.Scheme == "https" || isLoopback(u) || n.config.plain[hostOf(u)] || !c.mine
}

func (n *network) status(res *http.Response, u *url.URL, c *credential) error {
	code := res.StatusCode
	e := &fetchError{reason: fmt.Sprintf("the registry answers %d %s", code, http.StatusText(code))}
	switch {
	case code == http.StatusOK && res.ContentLength > n.limit:
		return &fetchError{reason: "the answer is larger than an archive may be"}
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
		e.reason += n.about(u, c)
	}
	return e
}

// about says which credential was sent, or why none was.
func (n *network) about(u *url.URL, c *credential) string {
	if c != nil {
		return ", with " + c.String()
	}
	for place := placeOf(u); place != ""; place = place[:strings.LastIndexByte(strings.TrimSuffix(place, "/"), '/')+1] {
		if why := n.config.withheld[place]; why != "" {
			return ", and no credential was sent: " + why
		}
	}
	return ", and no credential is set for it"
}

// transportError says what failed on the way.
func transportError(ctx context.Context, err error) error {
	var e *fetchError
	if errors.As(err, &e) {
		return e
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address
	}
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(context.Cause(ctx), errSilent):
		return &fetchError{reason: errSilent.Error(), again: true}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &fetchError{reason: "it took too long", again: true}
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

// client gives the client for requests with a credential. Those of the user go the
// user's own way: the project's settings have no say in who else can read them.
func (n *network) client(c *credential) *http.Client {
	key := clientKey{}
	if c != nil {
		key = clientKey{own: c.mine, cert: c.cert}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	client := n.clients[key]
	if client == nil {
		w := n.config.all
		if key.own {
			w = n.config.own
		}
		client = &http.Client{Transport: n.transport(w, key.cert), CheckRedirect: n.redirect}
		n.clients[key] = client
	}
	return client
}

func (n *network) transport(w way, cert *tls.Certificate) *http.Transport {
	config := &tls.Config{RootCAs: w.roots, InsecureSkipVerify: w.insecure}
	if cert != nil {
		config.Certificates = []tls.Certificate{*cert}
	}
	return &http.Transport{
		Proxy:                 n.proxy(w),
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: n.opt.Silence,
		MaxIdleConnsPerHost:   8,
		MaxConnsPerHost:       16,
		IdleConnTimeout:       30 * time.Second,
		DisableCompression:    true, // the archive's own bytes are asked for
		ForceAttemptHTTP2:     true,

		MaxResponseHeaderBytes: 64 << 10,
	}
}

// proxy says which proxy a request takes: that of the settings, or else that of
// the environment.
func (n *network) proxy(w way) func(*http.Request) (*url.URL, error) {
	c := httpproxy.Config{HTTPProxy: w.proxy, HTTPSProxy: w.proxy, NoProxy: w.noProxy}
	if w.proxy == "" {
		c.HTTPProxy, c.HTTPSProxy = n.env.get("http_proxy", "HTTP_PROXY"), n.env.get("https_proxy", "HTTPS_PROXY")
	}
	if w.noProxy == "" {
		c.NoProxy = n.env.get("no_proxy", "NO_PROXY")
	}
	proxyOf := c.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		u, err := proxyOf(req.URL)
		if err != nil {
			return nil, &fetchError{reason: "a variable of the environment is no address of a proxy"}
		}
		return u, nil
	}
}

// redirect follows a redirect, without the credential where that does not belong
// to the new address, and never from https to http.
func (n *network) redirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	c := findCredential(n.config.credentials, first)
	switch {
	case len(via) > maxRedirects:
		return &fetchError{reason: "too many redirects"}
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return &fetchError{reason: "a redirect to what is no http"}
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
		return &fetchError{reason: "a redirect to " + quote(req.URL.Hostname()) + ", to which the client certificate does not belong"}
	}
	req.Header.Del("Authorization")
	return nil
}
