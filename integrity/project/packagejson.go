package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A manifest is the part of a package.json that this package uses.
type manifest struct {
	path    string
	text    []byte
	members map[string]gjson.Result // top-level; those of readMembers
}

var readMembers = map[string]bool{
	"name": true, "version": true, "nodeint": true, "workspaces": true,
	"exports": true, "main": true, "bin": true, "scripts": true,
}

// readManifest reads the package.json in dir. It returns nil if there is none.
func readManifest(dir string) (*manifest, error) {
	path := filepath.Join(dir, nodejs.PackageJSON)
	data, err := readIfPresent(path, nodejs.MaxPackageJSON)
	if data == nil || err != nil {
		return nil, err
	}
	m, err := parseManifest(path, data)
	m.text = data
	return &m, err
}

// parseManifest parses the text of the package.json at path.
func parseManifest(path string, data []byte) (manifest, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return manifest{}, configError(path, "save it as UTF-8", "%s is not UTF-8", path)
	}
	// encoding/json checks the syntax, since it limits the depth. gjson alone
	// would recurse as deep as the text nests.
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return manifest{}, syntaxError(path, data, err)
	}
	top := gjson.ParseBytes(data)
	if !top.IsObject() {
		return manifest{}, configError(path, "write an object: {…}", "%s is not a JSON object", path)
	}
	m := manifest{path: path, members: map[string]gjson.Result{}}
	var duplicate string
	top.ForEach(func(k, v gjson.Result) bool {
		if !readMembers[k.Str] {
			return true
		}
		if _, again := m.members[k.Str]; again {
			duplicate = k.Str
		}
		m.members[k.Str] = v
		return true
	})
	if duplicate != "" {
		// JSON parsers differ on which one counts.
		return manifest{}, configError(path, "keep one of them", "%s has the member %q twice", path, duplicate)
	}
	return m, nil
}

func syntaxError(path string, data []byte, err error) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return configError(path, "delete it and create a new one: npm init -y", "%s is empty", path)
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return configError(path, "fix the syntax", "%s is not JSON: %w", path, err)
	}
	line, col := position(data, syntax.Offset-1)
	return configError(path, "fix the syntax there", "%s:%d:%d is not JSON: %w", path, line, col, err)
}

// position returns the line and the column in bytes of the offset, both from 1.
func position(data []byte, offset int64) (line, col int) {
	offset = max(0, min(offset, int64(len(data))))
	before := data[:offset]
	return 1 + bytes.Count(before, []byte("\n")), int(offset) - bytes.LastIndexByte(before, '\n')
}

// readIfPresent returns the bytes of the regular file at path, at most limit of them.
// It returns nil if the file does not exist, or is a directory: to Node, a directory
// named package.json is no package.json.
func readIfPresent(path string, limit int64) ([]byte, error) {
	data, err := safefile.Read(path, limit)
	kind, isKind := errors.AsType[*safefile.KindError](err)
	switch {
	case safefile.IsAbsent(err), isKind && kind.Kind == "directory":
		return nil, nil
	case isKind:
		return nil, configError(path, "replace it by a regular file", "%w", err)
	case errors.Is(err, safefile.ErrTooLarge):
		return nil, configError(path, "reduce its size", "%w", err)
	}
	return data, err
}
