package store

import (
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
)

// A credential authenticates the user to a registry. It is set for a place: a host, a
// path and everything below.
type credential struct {
	place    string // host/path/
	from     string // its file and line, for errors
	fromUser bool   // its value comes from the user, not from a file of the project

	header string           // the header Authorization; "" for none
	cert   *tls.Certificate // nil for none
}

// String returns a description without the token, so that it is not printed by accident.
func (c *credential) String() string { return "the credential of " + c.from }

// GoString is String for %#v.
func (c *credential) GoString() string { return c.String() }

// covers reports whether u is below the place of the credential.
func (c *credential) covers(u *url.URL) bool {
	return strings.HasPrefix(placeOf(u), c.place)
}

// placeOf returns the place of a URL: host/path/, without the scheme, as in npm's settings.
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

// hostOf returns the host of a URL, with its port unless it is the scheme's default.
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
		// Remove the last element, and at last the host.
		place = place[:strings.LastIndexByte(strings.TrimSuffix(place, "/"), '/')+1]
	}
	return nil
}

// webURL parses a URL that archives may have: http or https, with a host, without a user,
// and without an element "." or ".." in any encoding.
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

// shown returns a URL for errors, without the parts that may be secret.
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

// isHeader reports whether s is a valid header value: no character that ends a line.
func isHeader(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}
