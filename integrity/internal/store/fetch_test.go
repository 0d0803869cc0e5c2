package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const msPath = "/ms/-/ms-2.1.3.tgz"

// A registry is a test server that records its requests.
type registry struct {
	*httptest.Server
	asked atomic.Int32
	auths chan string // Authorization of each request
}

func newRegistry(t testing.TB, answer http.HandlerFunc) *registry {
	r := &registry{auths: make(chan string, 100)}
	r.Server = httptest.NewServer(r.note(answer))
	t.Cleanup(r.Close)
	return r
}

func (r *registry) note(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.asked.Add(1)
		r.auths <- req.Header.Get("Authorization")
		answer(w, req)
	})
}

func serve(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != msPath || req.Header.Get("Referer") != "" {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(b)
	}
}

// elsewhere returns the URL of a server with another name for this machine.
func elsewhere(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }

func host(address string) string {
	u, _ := url.Parse(address)
	return u.Host
}

// fetching opens a store that fetches, with short pauses.
func (s *setup) fetching(userrc string) *Store {
	s.t.Helper()
	s.write(filepath.Join(s.home, ".npmrc"), userrc)
	opt := s.options()
	opt.Fetch = true
	opt.Network = Network{Attempts: 3, Pause: time.Millisecond, Timeout: 30 * time.Second, Silence: 10 * time.Second}
	return s.open(opt)
}

func mustFetch(t *testing.T, s *Store, w Want, want []byte) Attempt {
	t.Helper()
	a, where, err := s.Archive(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, a); got != string(want) {
		t.Errorf("got %.40q", got)
	}
	return where
}

func mustFail(t *testing.T, s *Store, w Want, code Code, parts ...string) *Error {
	t.Helper()
	a, _, err := s.Archive(context.Background(), w)
	var e *Error
	if a != nil || !errors.As(err, &e) || e.Code != code || !e.Online {
		t.Fatalf("got %v, %v; want %s", a, err, code)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nhas no %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error says too much: %v", err)
	}
	return e
}

func TestFetch(t *testing.T) {
	b := []byte("the archive")
	r := newRegistry(t, serve(b))
	s := newSetup(t)
	store := s.fetching("registry=" + r.URL + "\n//" + host(r.URL) + "/:_authToken=s3cret\n")
	where := mustFetch(t, store, ms(t, b), b)
	if where.Source != Registry || where.Place != r.URL+msPath {
		t.Errorf("it is from %v", where)
	}
	if auth := <-r.auths; auth != "Bearer s3cret" {
		t.Errorf("the registry got %q", auth)
	}
	// The second time it is in nodeint's own cache.
	if where = mustFetch(t, store, ms(t, b), b); where.Source != Own || where.Place != ownPath(s, b) || r.asked.Load() != 1 {
		t.Errorf("it is from %v", where)
	}
	checkModes(t, filepath.Join(s.home, "own"))
	// A corrupt one is fetched again, and the attempts report it.
	s.write(ownPath(s, b), "broken")
	a, where, err := store.Archive(context.Background(), ms(t, b))
	if err != nil || where.Source != Registry || a.Attempts[0].Result != IsWrong {
		t.Error(where, a.Attempts, err)
	}
}

func TestLargeFetch(t *testing.T) {
	b := bytes.Repeat([]byte("0123456789abcdef"), (maxInMemory+100)/16+1)
	s := newSetup(t)
	mustFetch(t, s.fetching("registry="+newRegistry(t, serve(b)).URL), ms(t, b), b)
}

func TestFetchWithoutCache(t *testing.T) {
	b := []byte("the archive")
	r := newRegistry(t, serve(b))
	s := newSetup(t)
	s.write(filepath.Join(s.home, "own"), "a file where the cache directory should be")
	store := s.fetching("registry=" + r.URL)
	mustFetch(t, store, ms(t, b), b)
	mustFail(t, store, ms(t, []byte("x")), WrongDigest)
}

// TestURLs checks the URLs of a package, by the URL in the lockfile.
func TestURLs(t *testing.T) {
	const npm = "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz"
	for _, tt := range []struct{ rc, name, resolved, want string }{
		{"", "ms", "", npm},
		{"", "ms", npm, npm},
		{"", "ms", "http://registry.npmjs.org/ms/-/ms-2.1.3.tgz", npm},
		{"", "ms", "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2", npm},
		{"", "ms", "https://evil.example/ms.tgz", npm},
		{"", "ms", "http://169.254.169.254/latest/meta-data", npm},
		{"", "ms", "file:///etc/passwd", npm},
		{"", "ms", "https://u:p@registry.npmjs.org/x", npm},
		{"", "ms", "https://registry.npmjs.org/x/../../y", npm},
		{"", "ms", "https://registry.npmjs.org/other/-/other-1.tgz", "https://registry.npmjs.org/other/-/other-1.tgz " + npm},
		{"", "@babel/core", "", "https://registry.npmjs.org/@babel/core/-/core-2.1.3.tgz"},
		{"registry=https://r.example/npm/", "ms", npm, "https://r.example/npm/ms/-/ms-2.1.3.tgz"},
		{"registry=https://r.example/npm/", "ms", "https://r.example/npm/ms/-/ms-2.1.3.tgz", "https://r.example/npm/ms/-/ms-2.1.3.tgz"},
		{"registry=https://r.example/npm/", "ms", "https://r.example/files/ms.tgz?x=1", "https://r.example/files/ms.tgz?x=1 https://r.example/npm/ms/-/ms-2.1.3.tgz"},
		{"registry=https://r.example/\nreplace-registry-host=never", "ms", npm, npm + " https://r.example/ms/-/ms-2.1.3.tgz"},
		{"registry=https://r.example/\nreplace-registry-host=always", "ms", "https://old.example/ms/-/ms-2.1.3.tgz", "https://r.example/ms/-/ms-2.1.3.tgz"},
		{"registry=https://r.example/\nreplace-registry-host=old.example", "ms", "https://old.example/ms/-/x.tgz", "https://r.example/ms/-/x.tgz https://r.example/ms/-/ms-2.1.3.tgz"},
		{"@s:registry=https://s.example/", "@s/ms", "", "https://s.example/@s/ms/-/ms-2.1.3.tgz"},
		{"@s:registry=https://s.example/", "@s/ms", "https://hosts.example/x.tgz", "https://hosts.example/x.tgz https://s.example/@s/ms/-/ms-2.1.3.tgz"},
		{"", "../x", "", ""},
		{"", "a?b", "", ""},
	} {
		s := newSetup(t)
		s.write(filepath.Join(s.home, ".npmrc"), tt.rc)
		opt := s.options()
		opt.Fetch, opt.Hosts = true, []string{"hosts.example"}
		var got []string
		for _, u := range s.open(opt).network.urls(Want{Name: tt.name, Version: "2.1.3", Resolved: tt.resolved}) {
			got = append(got, u.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q, %s at %q:\ngot  %s\nwant %s", tt.rc, tt.name, tt.resolved, got, tt.want)
		}
	}
}

func TestRedirect(t *testing.T) {
	b := []byte("the archive")
	other := newRegistry(t, serve(b))
	for _, tt := range []struct {
		name, to string // "" is the registry itself
		more     string // of the user's settings
		want     string // what the target is shown
	}{
		{"other host", elsewhere(other.URL), "", ""},
		{"other port", other.URL, "", ""},
		{"other host with a credential of its own", elsewhere(other.URL), "//" + host(elsewhere(other.URL)) + "/:_authToken=other\n", ""},
	} {
		r := newRegistry(t, func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, tt.to+msPath, http.StatusFound)
		})
		s := newSetup(t)
		mustFetch(t, s.fetching("registry="+r.URL+"\n//"+host(r.URL)+"/:_authToken=s3cret\n"+tt.more), ms(t, b), b)
		if first, second := <-r.auths, <-other.auths; first != "Bearer s3cret" || second != tt.want {
			t.Errorf("%s: shown were %q and %q", tt.name, first, second)
		}
	}
}

func TestRedirectOnOneHost(t *testing.T) {
	b := []byte("the archive")
	for _, tt := range []struct{ place, second string }{{"/", "Bearer s3cret"}, {"/a/", ""}} {
		r := newRegistry(t, func(w http.ResponseWriter, req *http.Request) {
			if strings.HasPrefix(req.URL.Path, "/a/") {
				http.Redirect(w, req, "/b"+msPath, http.StatusMovedPermanently)
				return
			}
			_, _ = w.Write(b)
		})
		s := newSetup(t)
		mustFetch(t, s.fetching("registry="+r.URL+"/a\n//"+host(r.URL)+tt.place+":_authToken=s3cret\n"), ms(t, b), b)
		if first, second := <-r.auths, <-r.auths; first != "Bearer s3cret" || second != tt.second {
			t.Errorf("for %s shown were %q and %q", tt.place, first, second)
		}
	}
}

func TestRedirectLoop(t *testing.T) {
	r := newRegistry(t, func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, msPath, http.StatusFound) })
	mustFail(t, newSetup(t).fetching("registry="+r.URL), ms(t, []byte("x")), Failed, "too many redirects")
}

func TestRetry(t *testing.T) {
	b := []byte("the archive")
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for name, first := range map[string]http.HandlerFunc{
		"503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429, later": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"reset": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(b[:4])
		},
		"hangs": func(_ http.ResponseWriter, req *http.Request) {
			select {
			case <-hang:
			case <-req.Context().Done():
			}
		},
		"hangs in the middle": func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(b[:4])
			w.(http.Flusher).Flush()
			select {
			case <-hang:
			case <-req.Context().Done():
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			r := newRegistry(t, func(w http.ResponseWriter, req *http.Request) {
				if n.Add(1) == 1 {
					first(w, req)
					return
				}
				serve(b)(w, req)
			})
			store := newSetup(t).fetching("registry=" + r.URL)
			store.network.opt.Silence = 500 * time.Millisecond
			mustFetch(t, store, ms(t, b), b)
			if r.asked.Load() < 2 {
				t.Errorf("asked %d times", r.asked.Load())
			}
			if name == "429, later" {
				return
			}
			store = newSetup(t).fetching("registry=" + newRegistry(t, first).URL)
			store.network.opt.Silence = 200 * time.Millisecond
			mustFail(t, store, ms(t, b), Failed, "(3 attempts)")
		})
	}
}

func TestAnswers(t *testing.T) {
	b := []byte("the archive")
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		code   Code
		parts  []string
		asked  int32
	}{
		{"404", http.NotFound, Absent, []string{"it is not in nodeint's cache, npm's cache, yarn's cache, the registry", "the registry returned 404 Not Found, with the credential of "}, 1},
		{"401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, Failed, []string{"401 Unauthorized, with the credential of "}, 1},
		{"another archive", serve([]byte("tampered")), WrongDigest, []string{"it is " + integrity(t, []byte("tampered")).String()}, 1},
		{"too large, and says so", serve(make([]byte, 2000)), Failed, []string{"the response is larger than the limit for archives"}, 1},
		{"too large, and does not say so", func(w http.ResponseWriter, _ *http.Request) {
			for range 20 {
				_, _ = w.Write(make([]byte, 100))
				w.(http.Flusher).Flush()
			}
		}, Failed, []string{"the response is larger than the limit for archives"}, 1},
		{"decompressed in transit", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("x"))
		}, WrongDigest, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRegistry(t, tt.answer)
			s := newSetup(t)
			store := s.fetching("registry=" + r.URL + "\n//" + host(r.URL) + "/:_authToken=s3cret\n")
			store.network.limit = 1000
			mustFail(t, store, ms(t, b), tt.code, tt.parts...)
			if r.asked.Load() != tt.asked {
				t.Errorf("asked %d times", r.asked.Load())
			}
			if left, _ := os.ReadDir(filepath.Join(s.home, "own", "tmp")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	r := newRegistry(t, http.NotFound)
	r.Close()
	mustFail(t, newSetup(t).fetching("registry="+r.URL), ms(t, []byte("x")), Failed, "connection refused", "(3 attempts)")
}

func TestFetchCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := newRegistry(t, func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	})
	_, _, err := newSetup(t).fetching("registry="+r.URL).Archive(ctx, ms(t, []byte("x")))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestMadeZip checks that a zip is made from the registry's tarball and kept like a
// download, and that the result is untrusted.
func TestMadeZip(t *testing.T) {
	want := func(zip string, err error) Want {
		w := ms(t, []byte("the zip of the tarball"))
		w.Kind, w.Make = Zip, func(_ context.Context, to io.Writer, from io.ReadSeeker) error {
			b, readErr := io.ReadAll(from)
			_, writeErr := io.WriteString(to, zip+string(b))
			return errors.Join(err, readErr, writeErr)
		}
		return w
	}
	r := newRegistry(t, serve([]byte("the tarball")))
	t.Run("right", func(t *testing.T) {
		s := newSetup(t)
		store := s.fetching("registry=" + r.URL)
		for _, source := range []Source{Registry, Own} {
			if where := mustFetch(t, store, want("the zip of ", nil), []byte("the zip of the tarball")); where.Source != source {
				t.Errorf("it is of %s", where.Source)
			}
		}
		left, err := os.ReadDir(filepath.Join(s.home, "own", "tmp"))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v (%v)", left, err)
		}
	})
	t.Run("wrong", func(t *testing.T) {
		s := newSetup(t)
		mustFail(t, s.fetching("registry="+r.URL), want("another zip of ", nil), Failed, "nodeint cannot make the zip that yarn made from its tarball")
		mustFail(t, s.fetching("registry="+r.URL), want("the zip of ", errors.New("no gzip")), Failed, "make the zip of yarn: no gzip")
		left, err := os.ReadDir(filepath.Join(s.home, "own", "tmp"))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v (%v)", left, err)
		}
	})
	t.Run("no cache", func(t *testing.T) {
		s := newSetup(t)
		s.write(filepath.Join(s.home, "own"), "a file where the cache directory should be")
		mustFail(t, s.fetching("registry="+r.URL), want("the zip of ", nil), Failed, "cannot write nodeint's cache")
	})
}
