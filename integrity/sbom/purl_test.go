package sbom

import (
	"net/url"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
)

func TestPackageURL(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	for _, c := range []struct {
		name, version string
		from          lockfile.Package
		want, archive string
	}{
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry}, "pkg:npm/a@1.0.0", ""},
		{"JSONStream", "1.0.0", lockfile.Package{Kind: lockfile.Registry}, "pkg:npm/JSONStream@1.0.0", ""},
		{"@s/b", "2.0.0-beta.1+x", lockfile.Package{Kind: lockfile.Registry}, "pkg:npm/%40s/b@2.0.0-beta.1%2Bx", ""},
		{"a", "", lockfile.Package{}, "pkg:npm/a", ""},
		{"", "1.0.0", lockfile.Package{}, "", ""},
		{"a/../b?x#y", "1 0", lockfile.Package{}, "pkg:npm/a%2F..%2Fb%3Fx%23y@1%200", ""},
		{"@/b", "1", lockfile.Package{}, "pkg:npm/%40%2Fb@1", ""},
		{"é\x00", "1", lockfile.Package{}, "pkg:npm/%C3%A9%00@1", ""},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Name: "a", Resolved: "https://registry.npmjs.org/a/-/a-1.0.0.tgz"},
			"pkg:npm/a@1.0.0", "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Name: "a", Resolved: "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#" + commit},
			"pkg:npm/a@1.0.0", "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz",
		},
		{
			"@s/b", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Name: "@s/b", Resolved: "https://u:p@npm.example/repo/@s%2fb/-/b-1.0.0.tgz"},
			"pkg:npm/%40s/b@1.0.0?repository_url=https://npm.example/repo/", "https://npm.example/repo/@s%2fb/-/b-1.0.0.tgz",
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Name: "a", Resolved: "https://npm.example/download/42"},
			"pkg:npm/a@1.0.0?repository_url=https://npm.example/", "https://npm.example/download/42",
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Git, Resolved: "git+ssh://git:secret@host/a.git#" + commit},
			"pkg:npm/a@1.0.0?vcs_url=git%2Bssh://git%40host/a.git%40" + commit, "git+ssh://git@host/a.git@" + commit,
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Git, Resolved: "https://u:p@host/a.git#commit=" + commit},
			"pkg:npm/a@1.0.0?vcs_url=git%2Bhttps://host/a.git%40" + commit, "git+https://host/a.git@" + commit,
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Git, Resolved: "https://codeload.github.com/u/a/tar.gz/" + commit},
			"pkg:npm/a@1.0.0?download_url=https://codeload.github.com/u/a/tar.gz/" + commit, "https://codeload.github.com/u/a/tar.gz/" + commit,
		},
		{
			"a", "1.0.0", lockfile.Package{Kind: lockfile.Tarball, Resolved: "https://host/a.tgz?x=1&y=2"},
			"pkg:npm/a@1.0.0?download_url=https://host/a.tgz%3Fx%3D1%26y%3D2", "https://host/a.tgz?x=1&y=2",
		},
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Tarball, Target: "vendor/a.tgz"}, "pkg:npm/a@1.0.0?download_url=file:vendor/a.tgz", ""},
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Directory, Target: "../a"}, "pkg:npm/a@1.0.0?download_url=file:../a", ""},
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Resolved: "not a URL"}, "pkg:npm/a@1.0.0", ""},
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Registry, Resolved: "https://[::1"}, "pkg:npm/a@1.0.0", ""},
		{"a", "1.0.0", lockfile.Package{Kind: lockfile.Member}, "pkg:npm/a@1.0.0", ""},
	} {
		source, archive := sourceOf(&c.from)
		if got := purlOf(c.name, c.version, source); got != c.want || archive != c.archive {
			t.Errorf("%s@%s %v:\n got %s %s\nwant %s %s", c.name, c.version, c.from, got, archive, c.want, c.archive)
		}
	}
}

// The URL of an archive has no password, and no other user name than that of ssh.
func FuzzPublicURL(f *testing.F) {
	for _, s := range []string{"https://u:p@host/a.tgz#x", "git+ssh://git:p@host/a.git#c", "git://u@h/x", "https://@h/", "http://u%40:p@h/%2f?q#f", "x", "", "//u:p@h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := publicURL(s)
		if got == "" {
			return
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q becomes %q: %v", s, got, err)
		}
		if _, has := u.User.Password(); has || u.User != nil && !strings.HasSuffix(u.Scheme, "ssh") {
			t.Errorf("%q becomes %q", s, got)
		}
		if again := publicURL(got); again != got {
			t.Errorf("%q becomes %q, and that %q", s, got, again)
		}
	})
}
