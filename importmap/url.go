package importmap

import (
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// A parsedURL is a URL record and its serialisation.
type parsedURL struct {
	record *whatwg.Url
	href   string
}

// urlParser is the parser of the library with one change: the current standard has "^"
// in the path percent-encode set.
var urlParser = whatwg.NewParser(
	whatwg.WithPathPercentEncodeSet(whatwg.PathPercentEncodeSet.Set('^')),
	whatwg.WithPreParseHostFunc(strictHost),
)

// maxURL is the length of the longest URL that is parsed, in bytes. The longest path of
// Linux, with every byte encoded, is shorter. The library takes time that grows with
// the square of the length, up to a second at this limit. It reads only an opaque path
// in one pass, so a data: URL may have any length.
const maxURL = 16 << 10

func tooLong(s string) bool {
	if len(s) <= maxURL {
		return false
	}
	media, ok := strings.CutPrefix(s, "data:")
	return !ok || strings.ContainsAny(media[:1], "/\\\t\n\r")
}

// parseURL implements the "URL parser" of the URL standard. base may be nil. It rejects
// texts longer than maxURL. It corrects two faults of the library: hosts, see
// strictHost, and the last space of an opaque path. The table of TestURL lists where it
// is stricter than the class URL of Node.
func parseURL(s string, base *parsedURL) (*parsedURL, bool) {
	if tooLong(s) {
		return nil, false
	}
	var record *whatwg.Url
	var err error
	if base == nil {
		record, err = urlParser.Parse(s)
	} else {
		record, err = base.record.Parse(s)
	}
	if err != nil {
		return nil, false
	}
	u := &parsedURL{record, record.Href(false)}
	// "If c is U+0020 SPACE: if remaining starts with ? or #, append %20"
	// (https://url.spec.whatwg.org/#cannot-be-a-base-url-path-state).
	if path := record.Pathname(); record.OpaquePath() && strings.HasSuffix(path, " ") {
		last := len(record.Protocol()) + len(path) - 1
		u.href = u.href[:last] + "%20" + u.href[last+1:]
	}
	return u, true
}

// invalidHost is a host that every host parser rejects.
const invalidHost = "["

// strictHost rejects hosts that the library would read as another host: [[::1]], and
// invalid punycode (xn--, xn--a-, xn--é).
func strictHost(u *whatwg.Url, host string) string {
	if strings.HasPrefix(host, "[") {
		if strings.Count(host, "[") > 1 || strings.Count(host, "]") > 1 {
			return invalidHost
		}
		return host
	}
	if !u.IsSpecialScheme() {
		return host
	}
	labels := strings.FieldsFunc(strings.ToLower(decodeLoosely(host)), func(r rune) bool {
		return strings.ContainsRune(".。．｡", r)
	})
	for _, label := range labels {
		code, ok := strings.CutPrefix(label, "xn--")
		if ok && (code == "" || strings.HasSuffix(code, "-") || strings.ContainsFunc(code, notASCII)) {
			return invalidHost
		}
	}
	return host
}

func notASCII(r rune) bool { return r >= 0x80 }

// isSpecial reports whether the URL has a special scheme of the URL standard.
func (u *parsedURL) isSpecial() bool { return u.record.IsSpecialScheme() }

// parseURLLike implements "resolve a URL-like module specifier"
// (https://html.spec.whatwg.org/#resolving-a-url-like-module-specifier).
func parseURLLike(specifier string, base *parsedURL) (*parsedURL, bool) {
	for _, prefix := range []string{"/", "./", "../"} {
		if strings.HasPrefix(specifier, prefix) {
			return parseURL(specifier, base)
		}
	}
	return parseURL(specifier, nil)
}
