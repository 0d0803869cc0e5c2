package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxManifest bounds package.json, in bytes. The largest of the npm registry is
// under 4 MiB.
const maxManifest = 16 << 20

// A manifest is a package.json: those of its top-level members that are read here.
type manifest struct {
	path    string
	members map[string]gjson.Result
}

var readMembers = map[string]bool{
	"name": true, "version": true, "nodeint": true, "workspaces": true,
	"exports": true, "main": true, "bin": true, "scripts": true,
}

// readManifest reads the package.json in dir; nil if there is none.
func readManifest(dir string) (*manifest, error) {
	path := filepath.Join(dir, "package.json")
	data, err := readSmall(path, maxManifest)
	if data == nil || err != nil {
		return nil, err
	}
	m, err := parseManifest(path, data)
	return &m, err
}

// parseManifest reads the text of the package.json at path.
func parseManifest(path string, data []byte) (manifest, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return manifest{}, configError(path, "save it as UTF-8", "%s is not UTF-8", path)
	}
	// encoding/json checks the syntax, since it bounds the depth; gjson alone
	// would recurse as deep as the text says.
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return manifest{}, syntaxError(path, data, err)
	}
	top := gjson.ParseBytes(data)
	if !top.IsObject() {
		return manifest{}, configError(path, "a package.json is an object: {…}", "%s is not a JSON object", path)
	}
	m := manifest{path: path, members: map[string]gjson.Result{}}
	var twice string
	top.ForEach(func(k, v gjson.Result) bool {
		if !readMembers[k.Str] {
			return true
		}
		if _, again := m.members[k.Str]; again {
			twice = k.Str
		}
		m.members[k.Str] = v
		return true
	})
	if twice != "" {
		// JSON readers differ on which one counts.
		return manifest{}, configError(path, "keep one of them", "%s has the member %q twice", path, twice)
	}
	return m, nil
}

func syntaxError(path string, data []byte, err error) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return configError(path, "delete it and write one with: npm init -y", "%s is empty", path)
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return configError(path, "mend it", "%s is not JSON: %w", path, err)
	}
	line, col := position(data, syntax.Offset-1)
	return configError(path, "mend it there", "%s:%d:%d is not JSON: %w", path, line, col, err)
}

// position gives the line and column, from 1 and in bytes, of the offset.
func position(data []byte, offset int64) (line, col int) {
	offset = max(0, min(offset, int64(len(data))))
	before := data[:offset]
	return 1 + bytes.Count(before, []byte("\n")), int(offset) - bytes.LastIndexByte(before, '\n')
}

// readSmall reads the regular file at path, at most limit bytes long. It
// returns nil where there is none, or where it is a folder: Node takes a folder
// of that name for absent.
func readSmall(path string, limit int64) ([]byte, error) {
	// Without O_NONBLOCK, opening a named pipe would wait for a writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, nil
	}
	if !info.Mode().IsRegular() {
		return nil, configError(path, "put a regular file in its place", "%s is %s", path, kindOf(info.Mode()))
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, configError(path, "nodeint reads no larger one", "%s is larger than %d KiB", path, limit>>10)
	}
	return data, nil
}
