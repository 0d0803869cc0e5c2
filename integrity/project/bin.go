package project

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// FindBin returns the path of a package's command in the nearest node_modules/.bin,
// from the directory dir up to the directory root. It returns "" if there is none, or
// if name is not the name of a command. dir and root are absolute real paths.
func FindBin(dir, root, name string) (string, error) {
	if name == "" || strings.ContainsAny(name, `/\`) || name == "." || name == ".." {
		return "", nil
	}
	for ; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, nodejs.NodeModules, ".bin", name)
		info, err := os.Stat(file)
		if err != nil && !safefile.IsAbsent(err) {
			return "", err
		}
		if err == nil && info.Mode().IsRegular() {
			return file, nil
		}
		if dir == root || dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

// BinPackage returns the directory of the package below node_modules that contains
// file, if its package.json names file as its command name. Otherwise it returns "".
// file is an absolute real path. node_modules/.bin is not pinned, so its links and
// scripts do not decide which program a command is.
func BinPackage(file, name string) (string, error) {
	for dir := filepath.Dir(file); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		m, err := readManifest(dir)
		if err != nil {
			return "", err
		}
		if m == nil || m.members["name"].Str == "" {
			continue // a package.json without a name only sets the type of modules
		}
		if bin := binTarget(m, name); bin != "" && filepath.Join(dir, filepath.FromSlash(bin)) == file {
			return dir, nil
		}
		return "", nil
	}
	return "", nil
}

// binTarget returns the file of a command of a package, or "".
func binTarget(m *manifest, name string) string {
	bin := m.members["bin"]
	if bin.Type == gjson.String {
		if pkg := m.members["name"].Str; pkg[strings.LastIndexByte(pkg, '/')+1:] == name {
			return bin.Str
		}
		return ""
	}
	target := ""
	if bin.IsObject() {
		bin.ForEach(func(k, v gjson.Result) bool {
			if k.Str == name && v.Type == gjson.String {
				target = v.Str
			}
			return true
		})
	}
	return target
}
