package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// The project requests a credential that the user has not allowed.
func TestWithheld(t *testing.T) {
	r := newRegistry(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	s := newSetup(t)
	s.env = append(s.env, "TOKEN=s3cret")
	s.write(filepath.Join(s.root, ".npmrc"), "registry="+r.URL+"\n//"+host(r.URL)+"/:_authToken=${TOKEN}\n")
	mustFail(t, s.fetching(""), ms(t, []byte("x")), Failed, "401 Unauthorized; no credential was sent: ", ".npmrc:2 sends a credential from the environment to "+host(r.URL)+"")
	if auth := <-r.auths; auth != "" {
		t.Errorf("shown was %q", auth)
	}
	opt := s.options()
	opt.Fetch, opt.EnvHosts = true, []string{host(r.URL)}
	mustFail(t, s.open(opt), ms(t, []byte("x")), Failed, "401 Unauthorized, with the credential of ")
	if auth := <-r.auths; auth != "Bearer s3cret" {
		t.Errorf("with leave shown was %q", auth)
	}
}

// plainHost is a name for this machine that only a proxy resolves.
const plainHost = "registry.example"

func TestPlainHTTP(t *testing.T) {
	b := []byte("the archive")
	proxy := newRegistry(t, serve(b))
	for _, tt := range []struct{ user, project, want string }{
		{"//" + plainHost + "/:_authToken=s3cret\n", "registry=http://" + plainHost + "/\n", "refused"},
		{"registry=http://" + plainHost + "/\n//" + plainHost + "/:_authToken=s3cret\n", "", "Bearer s3cret"},
		{"", "registry=http://" + plainHost + "/\n//" + plainHost + "/:_authToken=theirs\n", "Bearer theirs"},
	} {
		s := newSetup(t)
		s.write(filepath.Join(s.root, ".npmrc"), tt.project)
		store := s.fetching("proxy=" + proxy.URL + "\n" + tt.user)
		if tt.want == "refused" {
			mustFail(t, store, ms(t, b), Failed, "would be sent over http, where others can read it")
			continue
		}
		mustFetch(t, store, ms(t, b), b)
		if auth := <-proxy.auths; auth != tt.want {
			t.Errorf("shown was %q, not %q", auth, tt.want)
		}
	}
}

// The project's proxy gets no request with a credential of the user.
func TestProxies(t *testing.T) {
	b := []byte("the archive")
	fromUser, theirs := newRegistry(t, serve(b)), newRegistry(t, serve(b))
	for _, tt := range []struct {
		token, env, noProxy string
		want                *registry
	}{
		{"//" + plainHost + "/:_authToken=s3cret\n", "", "", fromUser},
		{"", "", "", theirs},
		{"", "NO_PROXY=" + plainHost, "", nil},
	} {
		s := newSetup(t)
		s.write(filepath.Join(s.root, ".npmrc"), "proxy="+theirs.URL+"\n")
		s.env = append(s.env, "http_proxy="+fromUser.URL, tt.env)
		before := [2]int32{fromUser.asked.Load(), theirs.asked.Load()}
		store := s.fetching("registry=http://" + plainHost + "/\n" + tt.token)
		store.network.opt.Attempts = 1
		a, _, err := store.Archive(context.Background(), ms(t, b))
		if tt.want == nil {
			if err == nil {
				t.Error("no proxy was to be asked")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		a.Close()
		if fromUser.asked.Load()-before[0] != b2i(tt.want == fromUser) || theirs.asked.Load()-before[1] != b2i(tt.want == theirs) {
			t.Errorf("%q: the wrong proxy was asked", tt.token)
		}
	}
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

func TestTLS(t *testing.T) {
	b := []byte("the archive")
	r := &registry{auths: make(chan string, 100)}
	r.Server = httptest.NewUnstartedServer(r.note(serve(b)))
	r.Config.ErrorLog = log.New(io.Discard, "", 0)
	r.StartTLS()
	t.Cleanup(r.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw})
	oneLine := strings.ReplaceAll(string(authority), "\n", `\n`)
	base := "registry=" + r.URL + "\n"
	token := "//" + host(r.URL) + "/:_authToken=s3cret\n"
	for _, tt := range []struct{ name, user, project, err string }{
		{"unknown authority", base, "", "the server's certificate is not trusted: "},
		{"cafile", base + token + "cafile=~/ca.pem\n", "", ""},
		{"ca", base + token + `ca="` + oneLine + `"` + "\n", "", ""},
		{"ca[]", base + token + `ca[]="` + oneLine + `"` + "\n", "", ""},
		{"strict-ssl", base + token + "strict-ssl=false\n", "", ""},
		{"project's cafile, nothing secret", base, "cafile=ca.pem\n", ""},
		{"project's strict-ssl, nothing secret", base, "strict-ssl=false\n", ""},
		{"project's cafile, user's token", base + token, "cafile=ca.pem\n", "the server's certificate is not trusted: "},
		{"project's strict-ssl, user's token", base + token, "strict-ssl=false\n", "the server's certificate is not trusted: "},
		{"project's strict-ssl, project's token", base, "strict-ssl=false\n//" + host(r.URL) + "/:_authToken=s3cret\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			s.write(filepath.Join(s.home, "ca.pem"), string(authority))
			s.write(filepath.Join(s.root, "ca.pem"), string(authority))
			s.write(filepath.Join(s.root, ".npmrc"), tt.project)
			store := s.fetching(tt.user)
			if tt.err == "" {
				mustFetch(t, store, ms(t, b), b)
				return
			}
			before := r.asked.Load()
			mustFail(t, store, ms(t, b), Failed, tt.err)
			if r.asked.Load() != before {
				t.Error("the server was asked")
			}
		})
	}
}

func TestClientCertificate(t *testing.T) {
	b := []byte("the archive")
	certPEM, keyPEM, pool := selfSigned(t)
	r := &registry{auths: make(chan string, 100)}
	var redirect string
	r.Server = httptest.NewUnstartedServer(r.note(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case len(req.TLS.PeerCertificates) != 1:
			w.WriteHeader(http.StatusForbidden)
		case redirect != "":
			http.Redirect(w, req, redirect, http.StatusFound)
		default:
			serve(b)(w, req)
		}
	}))
	r.Config.ErrorLog = log.New(io.Discard, "", 0)
	r.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	r.StartTLS()
	t.Cleanup(r.Close)
	files := "//" + host(r.URL) + "/:certfile=~/cert.pem\n//" + host(r.URL) + "/:keyfile=~/key.pem\n"
	inline := func(p []byte) string { return `"` + strings.ReplaceAll(string(p), "\n", `\n`) + `"` }
	base := "registry=" + r.URL + "\nstrict-ssl=false\n"
	for _, tt := range []struct {
		name, user, project, redirect string
		err                           string
	}{
		{"certfile and keyfile", base + files, "", "", ""},
		{"cert and key", base + "cert=" + inline(certPEM) + "\nkey=" + inline(keyPEM) + "\n", "", "", ""},
		{"with a token", base + files + "//" + host(r.URL) + "/:_authToken=s3cret\n", "", "", ""},
		{"none", base, "", "", "403 Forbidden; no credential is set for it"},
		{"project's", base, files, "", "names files with a certificate and key, which only your own settings may"},
		{"redirected elsewhere", base + files, "", elsewhere(r.URL) + "/x", "for which the client certificate is not set"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			s.write(filepath.Join(s.home, "cert.pem"), string(certPEM))
			s.write(filepath.Join(s.home, "key.pem"), string(keyPEM))
			s.write(filepath.Join(s.root, ".npmrc"), tt.project)
			redirect = tt.redirect
			store := s.fetching(tt.user)
			if tt.err == "" {
				mustFetch(t, store, ms(t, b), b)
				return
			}
			mustFail(t, store, ms(t, b), Failed, tt.err)
		})
	}
}

func selfSigned(t *testing.T) (cert, key []byte, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return cert, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), pool
}

func TestHTTPSToHTTP(t *testing.T) {
	plainHosts := newRegistry(t, serve([]byte("x")))
	r := httptest.NewTLSServer(http.RedirectHandler(plainHosts.URL+msPath, http.StatusFound))
	t.Cleanup(r.Close)
	mustFail(t, newSetup(t).fetching("registry="+r.URL+"\nstrict-ssl=false\n"), ms(t, []byte("x")), Failed, "a redirect from https to http")
	if plainHosts.asked.Load() != 0 {
		t.Error("it was followed")
	}
}

func TestYarnFetches(t *testing.T) {
	b := []byte("the archive")
	r := newRegistry(t, serve(b))
	s := newSetup(t)
	s.write(filepath.Join(s.home, ".yarnrc.yml"), "npmRegistryServer: "+r.URL+"\nnpmAuthToken: s3cret\n")
	opt := s.options()
	opt.Fetch, opt.Manager = true, manager.YarnBerry
	mustFetch(t, s.open(opt), ms(t, b), b)
	if auth := <-r.auths; auth != "Bearer s3cret" {
		t.Errorf("shown was %q", auth)
	}
}

// TestCredentialString checks that printing a credential does not print its token.
func TestCredentialString(t *testing.T) {
	c := &credential{place: "r.example/", from: "x:1", header: "Bearer s3cret"}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		if strings.Contains(text, "s3cret") {
			t.Error(text)
		}
	}
}
