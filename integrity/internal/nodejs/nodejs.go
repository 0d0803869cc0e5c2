// Package nodejs holds the constants of Node.js's module resolution that more
// than one package of nodeint needs: the names of files and directories that
// Node looks for, the extensions that it tries and loads, how a specifier is
// split, and the names of its builtin modules by version.
//
// The rules are those of https://nodejs.org/api/modules.html#all-together and
// https://nodejs.org/api/esm.html#resolution-algorithm-specification. The
// package reads no files.
package nodejs

import (
	"path"
	"slices"
	"strings"
)

const (
	// PackageJSON is the name of a package's manifest.
	PackageJSON = "package.json"

	// NodeModules is the name of the directory that contains installed packages.
	NodeModules = "node_modules"

	// MaxPackageJSON is the size limit for a package.json, in bytes. esbuild and
	// Node have none; no real one comes near.
	MaxPackageJSON = 32 << 20
)

// RequireExtensions returns the extensions that require appends to a name, in the
// order in which Node tries them (LOAD_AS_FILE, LOAD_INDEX).
func RequireExtensions() []string { return []string{".js", ".json", ".node"} }

// loadable are the extensions of files that Node loads as modules. Node also
// loads a file with another extension, or with none, if a specifier names it in
// full.
var loadable = []string{".js", ".cjs", ".mjs", ".json", ".node", ".wasm", ".ts", ".cts", ".mts"}

// IsLoadable reports whether the extension of name is one that Node loads as a
// module.
func IsLoadable(name string) bool { return slices.Contains(loadable, path.Ext(name)) }

// SplitSpecifier splits a bare specifier into the package's name and the
// subpath in the package, which has no slash at either end. The name is empty if
// the specifier is empty, or is a scope without a name after it.
func SplitSpecifier(specifier string) (name, subpath string) {
	name, subpath, _ = strings.Cut(specifier, "/")
	if strings.HasPrefix(name, "@") {
		var second string
		second, subpath, _ = strings.Cut(subpath, "/")
		if second == "" || second == "." || second == ".." {
			return "", ""
		}
		name += "/" + second
	}
	return name, strings.Trim(subpath, "/")
}

// IsPackageName reports whether a specifier is a name, with or without a scope: neither a
// path nor one of the files of a package.
func IsPackageName(specifier string) bool {
	name, _ := SplitSpecifier(specifier)
	return name != "" && name == specifier && name[0] != '.'
}

// ModulesOf returns the node_modules directory that directly contains the package, link
// or file at p, a path with slashes, also in the directory of a scope; "" if none does.
func ModulesOf(p string) string {
	dir := path.Dir(p)
	if strings.HasPrefix(path.Base(dir), "@") {
		dir = path.Dir(dir)
	}
	if path.Base(dir) != NodeModules {
		return ""
	}
	return dir
}
