package sbom

import (
	"net/url"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
)

// publicRegistries are the registries that a package URL without qualifiers stands for.
// The second is a name of the first.
var publicRegistries = []string{"registry.npmjs.org", "registry.yarnpkg.com"}

// purlOf returns the package URL of a package, or "" if it has no name.
func purlOf(name, version string, source []qualifier) string {
	if name == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("pkg:npm/")
	if scope, rest, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(name, "@") && scope != "@" && rest != "" {
		b.WriteString(percent(scope, "") + "/")
		name = rest
	}
	b.WriteString(percent(name, ""))
	if version != "" {
		b.WriteString("@" + percent(version, ":"))
	}
	for i, q := range source {
		b.WriteString([]string{"?", "&"}[min(i, 1)] + q.name + "=" + percent(q.value, ":/"))
	}
	return b.String()
}

// percent encodes every byte that is neither unreserved (RFC 3986) nor in also.
func percent(s, also string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~"+also, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}

// A qualifier of a package URL.
type qualifier struct{ name, value string }

// sourceOf returns where a package of a lockfile comes from: the qualifiers of its package
// URL, and the URL of its archive, which may be "".
func sourceOf(p *lockfile.Package) (source []qualifier, archive string) {
	address := publicURL(p.Resolved)
	switch p.Kind {
	case lockfile.Registry:
		if base := registryOf(address, p.Name); base != "" {
			source = []qualifier{{"repository_url", base}}
		}
		return source, address
	case lockfile.Git:
		if repository, ok := vcsURL(address); ok {
			return []qualifier{{"vcs_url", repository}}, repository
		}
		if address != "" {
			return []qualifier{{"download_url", address}}, address
		}
	case lockfile.Tarball, lockfile.Directory:
		switch {
		case p.Target != "":
			return []qualifier{{"download_url", "file:" + p.Target}}, ""
		case address != "":
			return []qualifier{{"download_url", address}}, address
		}
	}
	return nil, ""
}

// registryOf returns the address of the registry that an archive comes from, or "" for the
// public one, and if there is no address.
func registryOf(archive, name string) string {
	u, err := url.Parse(archive)
	if archive == "" || err != nil {
		return ""
	}
	for _, host := range publicRegistries {
		if strings.EqualFold(u.Hostname(), host) {
			return ""
		}
	}
	path := u.EscapedPath()
	for _, spelled := range []string{name, strings.Replace(name, "/", "%2F", 1), strings.Replace(name, "/", "%2f", 1)} {
		if before, _, ok := strings.Cut(path, "/"+spelled+"/-/"); ok {
			path = before
			break
		}
	}
	if path == u.EscapedPath() {
		path = "" // the paths of this registry are not those of npm's
	}
	return u.Scheme + "://" + u.Host + path + "/"
}

// vcsURL returns the address of a commit in the form of SPDX: git+https://host/path@commit.
func vcsURL(address string) (string, bool) {
	if !strings.HasPrefix(address, "git") && !strings.Contains(address, ".git#") {
		return "", false
	}
	if !strings.HasPrefix(address, "git+") && !strings.HasPrefix(address, "git:") {
		address = "git+" + address
	}
	repository, commit, _ := strings.Cut(address, "#")
	if commit, _, _ = strings.Cut(strings.TrimPrefix(commit, "commit="), "&"); commit != "" {
		repository += "@" + commit
	}
	return repository, true
}

// publicURL returns a URL of a lockfile without what is secret in it, or "" if it is none. Of
// the fragment, only a commit remains.
func publicURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	switch {
	case u.User == nil:
	case strings.HasSuffix(u.Scheme, "ssh"):
		u.User = url.User(u.User.Username())
	default:
		u.User = nil
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		if !strings.HasSuffix(u.Path, ".git") {
			u.Fragment, u.RawFragment = "", "" // the SHA-1 of Yarn 1
		}
	}
	return u.String()
}
