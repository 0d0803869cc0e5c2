package lockfile

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf16"
)

// pnpmDirs gives the names that a package's folder in the virtual store may have. The
// lockfile does not say which pnpm has laid it, and they differ where the name is
// too long, has an upper-case letter, or is an address:
//
//	6.0: pnpm 8 — 9.0: pnpm 9; pnpm 10; pnpm 11 and 12
func pnpmDirs(key string, legacy bool, most int) []string {
	dirs := []string{pnpm9Dir(pnpmPlain(key, legacy), most)}
	if !legacy {
		dirs = append(dirs, pnpm10Dir(key, most), pnpm11Dir(key, most))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// pnpmPlain is the key with one "@" between name and version. 6.0 has "/name@1.0.0",
// and "host/name/commit" for a repository.
func pnpmPlain(key string, legacy bool) string {
	plain := strings.TrimPrefix(key, "/")
	if !legacy || plain != key || strings.HasPrefix(key, "file:") {
		return plain
	}
	id, _, _ := cutPeers(key)
	if i := strings.LastIndexByte(id, '/'); i > 0 {
		return key[:i] + "@" + key[i+1:]
	}
	return key
}

// pnpmEscape replaces what no file system takes, and parentheses: a_b for a(b).
func pnpmEscape(name, special string) string {
	name = strings.Map(func(c rune) rune {
		if strings.ContainsRune(special, c) {
			return '+'
		}
		return c
	}, name)
	if strings.Contains(name, "(") {
		name = strings.TrimSuffix(name, ")")
		name = strings.NewReplacer(")(", "_", "(", "_", ")", "_").Replace(name)
	}
	return name
}

// pnpm9Dir is the rule of pnpm 8 and 9: what is too long, or would be another's name
// where case does not count, ends with an MD5 in base 32.
func pnpm9Dir(key string, most int) string {
	name := pnpmEscape(key, `\/:*?"<>|`)
	if !pnpmShortens(name, most) {
		return name
	}
	sum := md5.Sum([]byte(name))
	return cutUTF16(name, most-27) + "_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// pnpm10Dir is the rule of pnpm 10: "#" is replaced as well, and the digest is half
// of a SHA-256.
func pnpm10Dir(key string, most int) string {
	name := pnpmEscape(key, `\/:*?"<>|#`)
	if !pnpmShortens(name, most) {
		return name
	}
	return pnpmHashed(name, name, most)
}

// pnpm11Dir is the rule of pnpm 11 and 12: addresses that could be escaped to the
// same name as others get the digest of their key, and no name ends with a dot.
func pnpm11Dir(key string, most int) string {
	name := pnpmEscape(key, `\/:*?"<>|#`)
	hashed := name
	ambiguous := pnpmAmbiguous(key)
	if ambiguous {
		hashed = key
	}
	trimmed := strings.TrimRight(name, ". ")
	dotted := trimmed != name
	name = trimmed + strings.Repeat("+", len(name)-len(trimmed))
	if !ambiguous && !dotted && !pnpmShortens(name, most) {
		return name
	}
	return pnpmHashed(name, hashed, most)
}

func pnpmHashed(name, hashed string, most int) string {
	sum := sha256.Sum256([]byte(hashed))
	return cutUTF16(name, most-33) + "_" + hex.EncodeToString(sum[:16])
}

func pnpmShortens(name string, most int) bool {
	upper := name != strings.ToLower(name) && !strings.HasPrefix(name, "file+")
	return upper || len(utf16.Encode([]rune(name))) > most
}

// pnpmAmbiguous reports whether a key's version is an address in which a character
// is escaped.
func pnpmAmbiguous(key string) bool {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, "/"), "(")
	version := id
	if !strings.HasPrefix(id, "file:") {
		var ok bool
		if _, version, ok = split(id); !ok {
			return false
		}
	}
	scheme, location, ok := strings.Cut(version, ":")
	if !ok || isVersionOf(scheme, location) {
		return false
	}
	return strings.ContainsAny(strings.TrimPrefix(location, "//"), `+\:*?"<>|#`)
}

// reserved are the schemes that are no names of registries.
var reserved = []string{"bitbucket", "catalog", "custom", "file", "git", "github", "gitlab", "http", "https", "jsr", "link", "npm", "runtime", "ssh", "workspace"}

// isVersionOf reports whether "work:1.0.0" is a version of a named registry.
func isVersionOf(registry, version string) bool {
	return !slices.Contains(reserved, registry) && isSemver(version)
}

// isSemver reports whether a text is a version as semver.org has it.
func isSemver(s string) bool {
	s, _, _ = strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	parts := strings.Split(core, ".")
	if len(parts) != 3 || hasPre && pre == "" {
		return false
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" || len(part) > 1 && part[0] == '0' {
			return false
		}
	}
	return strings.Trim(strings.ToLower(pre), "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// cutUTF16 is JavaScript's substring(0, n): pnpm counts UTF-16 units.
func cutUTF16(s string, n int) string {
	units := utf16.Encode([]rune(s))
	return string(utf16.Decode(units[:max(0, min(n, len(units)))]))
}
