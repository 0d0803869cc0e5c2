package project

import (
	"path/filepath"

	"github.com/tidwall/gjson"
)

// extensions are what node tries behind a name, in this order.
// https://nodejs.org/api/modules.html#file-modules
var extensions = []string{".js", ".json", ".node"}

// probe returns the file that `node path` starts: the file itself, the file
// with an extension, or what the folder's package.json or index names. "" if
// there is none. https://nodejs.org/api/modules.html#all-together
func probe(path string) string {
	if file := probeFile(path); file != "" {
		return file
	}
	if !isDir(path) {
		return ""
	}
	if m, err := readManifest(path); err == nil && m != nil {
		if main := m.members["main"]; main.Type == gjson.String && main.Str != "" {
			return probeMain(path, main.Str)
		}
	}
	return probeIndex(path)
}

// probeMain is LOAD_AS_DIRECTORY's way with a main: the file, then the folder
// main, then the folder dir itself.
func probeMain(dir, main string) string {
	path := filepath.Join(dir, filepath.FromSlash(main))
	if file := probeFile(path); file != "" {
		return file
	}
	if file := probeIndex(path); file != "" {
		return file
	}
	return probeIndex(dir)
}

// probeFile is LOAD_AS_FILE.
func probeFile(path string) string {
	if isFile(path) {
		return path
	}
	for _, ext := range extensions {
		if isFile(path + ext) {
			return path + ext
		}
	}
	return ""
}

// probeIndex is LOAD_INDEX.
func probeIndex(dir string) string {
	for _, ext := range extensions {
		if file := filepath.Join(dir, "index"+ext); isFile(file) {
			return file
		}
	}
	return ""
}
