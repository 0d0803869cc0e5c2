package nametable

import (
	"bytes"
	"encoding/json"
	"runtime"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// unknownType is the type of a package.json that Node may read in another way, or that
// is not the pinned one.
const unknownType = "?"

// addManifests reads package.json files, and adds the type and main of each whose bytes are
// as pinned.
func (b *builder) addManifests(root string, files []mapfile.Pinned) error {
	if len(files) == 0 {
		return nil
	}
	t, err := tree.Open(root)
	if err != nil {
		return err
	}
	defer t.Close()
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 64
	for len(files) > 0 {
		n := min(batch, len(files))
		part := files[:n]
		files = files[n:]
		group.Go(func() error {
			for _, f := range part {
				d := b.dirs[tree.Parent(f.Path)] // no two files have the same
				d.Type, d.Main = unknownType, ""
				data, err := t.ReadFile(f.Path, nodejs.MaxPackageJSON)
				if err != nil && !safefile.IsAbsent(err) {
					return err
				}
				if err == nil && f.Metadata.Match(hasher.Sum(f.Metadata.Algorithms(), data)) {
					d.Type, d.Main = readManifest(data)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// readManifest returns the type and the main of a package.json, as [nodejs.ReadManifest]
// does, in a tenth of the time: a program has one for each package.
func readManifest(data []byte) (kind, main string) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return unknownType, ""
	}
	data = bytes.TrimLeft(data, jsonSpace)
	if data[0] != '{' {
		return unknownType, ""
	}
	kind = "none"
	for rest := data[1:]; ; {
		rest = bytes.TrimLeft(rest, jsonSpace+",")
		if rest[0] == '}' {
			return kind, main
		}
		key := rest[:skipString(rest)]
		rest = bytes.TrimLeft(rest[len(key):], jsonSpace+":")
		n, ok := skipValue(rest)
		if !ok {
			return unknownType, ""
		}
		value := rest[:n]
		rest = rest[n:]
		text, isString := decode(value)
		switch string(key) { // Node does not decode the escapes of a name
		case `"main"`:
			if isString {
				main = text
			}
		case `"type"`:
			if !isString {
				return unknownType, "" // Node rejects the file
			}
			if text == "module" || text == "commonjs" {
				kind = text
			}
		}
	}
}

const jsonSpace = " \t\r\n"

// maxNesting is the depth of a package.json that is read. Node reads a little deeper.
const maxNesting = 100

// decode returns the text of a string.
func decode(value []byte) (text string, isString bool) {
	if value[0] != '"' {
		return "", false
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	err := json.Unmarshal(value, &text)
	return text, err == nil
}

// skipString returns the length of the string with which valid JSON begins.
func skipString(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// skipValue returns the length of the value with which valid JSON begins. ok is false if
// it nests too deep.
func skipValue(text []byte) (n int, ok bool) {
	if c := text[0]; c != '{' && c != '[' && c != '"' {
		return bytes.IndexAny(text, ",}]"+jsonSpace), true // a number or a word in an object
	}
	depth := 0
	for i := 0; ; {
		switch text[i] {
		case '"':
			i += skipString(text[i:])
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		default:
			i++
			continue
		}
		if depth == 0 {
			return i, true
		}
		if depth > maxNesting {
			return 0, false
		}
	}
}
