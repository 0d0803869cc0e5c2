package store

import (
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
)

// A credential is what a registry wants to see. It belongs to a place: a host and
// a path, and everything below.
type credential struct {
	place string // host/path/
	from  string // the file and line, for errors
	mine  bool   // it is the user's, and not written out in the project's file

	header string           // Authorization; "" for none
	cert   *tls.Certificate // nil for none
}

// String keeps a token out of what is printed by accident.
func (c *credential) String() string { return "the credential of " + c.from }

// GoString does so for %#v.
func (c *credential) GoString() string { return c.String() }

// covers reports whether a URL is below the place of the credential.
func (c *credential) covers(u *url.URL) bool {
	return strings.HasPrefix(placeOf(u), c.place)
}

// placeOf is the place of a URL: host/path/, without the scheme, as npm has it.
func placeOf(u *url.URL) string {
	path := u.Path
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return hostOf(u) + path
}

// hostOf is the host of a URL, with its port if that is not the scheme's own.
func hostOf(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, port)
}

// findCredential returns the credential with the longest place that covers u.
func findCredential(all map[string]*credential, u *url.URL) *credential {
	place := placeOf(u)
	for place != "" {
		if c := all[place]; c != nil {
			return c
		}
		// One element less; at last the host goes as well.
		place = place[:strings.LastIndexByte(strings.TrimSuffix(place, "/"), '/')+1]
	}
	return nil
}

// webURL parses a URL that archives may be at: http or https,
// with a host, without a user and without an element ".." in whatever spelling.
func webURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, false
	}
	if strings.Contains(u.Path, `\`) || strings.ContainsRune(u.Path, 0) {
		return nil, false
	}
	for element := range strings.SplitSeq(u.Path, "/") {
		if element == "." || element == ".." {
			return nil, false
		}
	}
	return u, true
}

// shown is a URL as errors have it: without what could be secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// isHeader reports whether s can stand in a header: nothing that ends a line.
func isHeader(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}
