package policyfile

import (
	"net/url"
	"path"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A Base says where a policy file is, for the URLs in it. Both are absolute paths with
// slashes and without links.
type Base struct {
	Dir  string // the directory of the policy file
	Root string // the directory to which paths of the map are relative
}

// A placeKind says what a URL of a policy names.
type placeKind int

const (
	inRoot    placeKind = iota // a path below the root, or the root itself
	aboveRoot                  // another path of the file system
	otherURL                   // a URL with another scheme, with a query or with a fragment
	notURL                     // a text that is no URL, or that readers of URLs understand differently
)

// A place is what a URL names.
type place struct {
	kind  placeKind
	abs   string // the absolute path, of inRoot and aboveRoot
	path  string // relative to the root, of inRoot
	isDir bool   // whether the URL ends with "/"
	url   string // of otherURL
}

var isRelative = lazyregexp.New(`^\.{0,2}/`)

// locate returns what a URL of the policy names.
func (b Base) locate(text string) place {
	if !isRelative().MatchString(text) && !nodejs.HasScheme(text) || strings.ContainsFunc(text, isUnclear) {
		return place{kind: notURL}
	}
	ref, err := url.Parse(text)
	if err != nil {
		return place{kind: notURL}
	}
	u := (&url.URL{Scheme: "file", Path: path.Join("/", b.Dir) + "/policy.json"}).ResolveReference(ref)
	if u.Scheme != "file" || u.Host != "" || strings.ContainsAny(text, "?#") {
		return place{kind: otherURL, url: text}
	}
	if escaped := strings.ToLower(u.EscapedPath()); strings.Contains(escaped, "%2f") || strings.Contains(escaped, "%00") || strings.Contains(u.Path, "//") {
		return place{kind: notURL}
	}
	abs := path.Clean(u.Path)
	out := place{kind: aboveRoot, abs: abs, isDir: strings.HasSuffix(u.Path, "/")}
	rest, inside := strings.CutPrefix(abs+"/", strings.TrimSuffix(b.Root, "/")+"/")
	if inside {
		out.kind, out.path = inRoot, strings.TrimSuffix(rest, "/")
		if _, err := importmap.PathOf(importmap.KeyOf(out.path)); err != nil && out.path != "" {
			return place{kind: notURL}
		}
	}
	return out
}

// isUnclear reports whether readers of URLs read a character differently, or remove it.
func isUnclear(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }

// scopes returns the keys of the scopes around an absolute path, the nearest first.
func scopesAround(abs string) []string {
	var keys []string
	for dir := abs; dir != "/" && dir != "."; {
		dir = path.Dir(dir)
		keys = append(keys, dirKey(dir))
	}
	return append(keys, fileScheme, "")
}

const fileScheme = "file:"

// dirKey is the key of a directory among scopes: its path with "/" at the end.
func dirKey(dir string) string { return strings.TrimSuffix(dir, "/") + "/" }

// installedDir returns the directory of the installed package that a path is in.
func installedDir(p string) (dir string, ok bool) {
	i := strings.LastIndex("/"+p, "/"+nodejs.NodeModules+"/")
	if i < 0 {
		return "", false
	}
	start := i + len(nodejs.NodeModules) + 1
	name, sub := nodejs.SplitSpecifier(p[start:])
	return p[:start] + name, name != "" && sub != ""
}
