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

// pnpmDirs returns the possible names of a package's directory in the virtual store,
// sorted. The lockfile does not record which version of pnpm made it. The versions
// differ for a name that is too long, has an upper-case letter, or is a URL:
//
//	lockfileVersion 6.0   pnpm 8
//	lockfileVersion 9.0   pnpm 9; pnpm 10; pnpm 11 and 12
func pnpmDirs(key string, legacy bool, limit int) []string {
	dirs := []string{pnpm9Dir(pnpmPlain(key, legacy), limit)}
	if !legacy {
		dirs = append(dirs, pnpm10Dir(key, limit), pnpm11Dir(key, limit))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// pnpmPlain returns the key with "@" between name and version. Version 6.0 writes
// "/name@1.0.0", and "host/name/commit" for a repository.
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

// pnpmEscape replaces the characters in special, which file systems do not allow, by
// "+", and parentheses by "_": a_b for a(b).
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

// pnpm9Dir is the rule of pnpm 8 and 9. A name that is too long, or that could collide
// on a case-insensitive file system, ends with an MD5 in base 32.
func pnpm9Dir(key string, limit int) string {
	name := pnpmEscape(key, `\/:*?"<>|`)
	if !pnpmShortens(name, limit) {
		return name
	}
	sum := md5.Sum([]byte(name))
	return cutUTF16(name, limit-27) + "_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// pnpm10Dir is the rule of pnpm 10. It also replaces "#", and the digest is half of a
// SHA-256.
func pnpm10Dir(key string, limit int) string {
	name := pnpmEscape(key, `\/:*?"<>|#`)
	if !pnpmShortens(name, limit) {
		return name
	}
	return pnpmHashed(name, name, limit)
}

// pnpm11Dir is the rule of pnpm 11 and 12. A URL that could be escaped to the same name
// as another gets the digest of its key, and no name ends with a dot.
func pnpm11Dir(key string, limit int) string {
	name := pnpmEscape(key, `\/:*?"<>|#`)
	hashed := name
	ambiguous := pnpmAmbiguous(key)
	if ambiguous {
		hashed = key
	}
	trimmed := strings.TrimRight(name, ". ")
	dotted := trimmed != name
	name = trimmed + strings.Repeat("+", len(name)-len(trimmed))
	if !ambiguous && !dotted && !pnpmShortens(name, limit) {
		return name
	}
	return pnpmHashed(name, hashed, limit)
}

func pnpmHashed(name, hashed string, limit int) string {
	sum := sha256.Sum256([]byte(hashed))
	return cutUTF16(name, limit-33) + "_" + hex.EncodeToString(sum[:16])
}

func pnpmShortens(name string, limit int) bool {
	upper := name != strings.ToLower(name) && !strings.HasPrefix(name, "file+")
	return upper || len(utf16.Encode([]rune(name))) > limit
}

// pnpmAmbiguous reports whether the version in a key is a URL in which a character is
// escaped.
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

// reserved are the schemes that are not names of registries.
var reserved = []string{"bitbucket", "catalog", "custom", "file", "git", "github", "gitlab", "http", "https", "jsr", "link", "npm", "runtime", "ssh", "workspace"}

// isVersionOf reports whether "work:1.0.0" is a version of a named registry.
func isVersionOf(registry, version string) bool {
	return !slices.Contains(reserved, registry) && isSemver(version)
}

// isSemver reports whether s is a version by semver.org.
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
