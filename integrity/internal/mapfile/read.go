package mapfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unsafe"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxSize is the size limit of a map, in bytes. It allows some 800,000 files.
const maxSize = 128 << 20

const hintRestore = "restore the map from its source, or run nodeint generate on a tree that you trust"

// ReadText returns the text of the map at an absolute path. It reads the file
// once and parses nothing.
func ReadText(file string) (string, error) {
	text, err := safefile.Read(file, maxSize)
	var kind *safefile.KindError
	switch {
	case err == nil:
		return Text(text), nil
	case safefile.IsAbsent(err):
		return "", problem.NotTrusted(problem.MapMissing, file, "run nodeint generate, or give the path of the map with --map", "the map %s does not exist", file)
	case errors.As(err, &kind):
		return "", problem.NotTrusted(problem.MapKind, file, "give the path of the map with --map", "reading the map: %w", err)
	case errors.Is(err, safefile.ErrTooLarge):
		return "", problem.NotTrusted(problem.MapSyntax, file, hintRestore, "the map %s is larger than the maximum of %d MiB", file, maxSize>>20)
	}
	return "", problem.NotChecked(file, "", "reading the map: %w", err)
}

// Text returns the bytes as a string without copying them: a map may have many
// megabytes. Nobody may change them afterwards.
func Text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Bytes is the reverse of [Text]. Nobody may change the result.
func Bytes(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// ReadDocument parses the text of a map as an import map. file names it in
// errors.
func ReadDocument(file, text string) (*importmap.Document, error) {
	if strings.TrimSpace(text) == "" {
		return nil, problem.NotTrusted(problem.MapSyntax, file, hintRestore, "the map %s is empty", file)
	}
	doc, err := importmap.ReadString(filepath.Base(file), text)
	if err != nil && HasConflict(text) {
		return nil, problem.NotTrusted(problem.MapConflict, file, "run nodeint generate, which resolves conflicts in what it has written, then git add "+filepath.Base(file),
			"the map %s has conflict markers of Git: a merge is not finished", file)
	}
	if err != nil {
		return nil, problem.NotTrusted(problem.MapSyntax, file, hintRestore, "%w", err)
	}
	return doc, nil
}

// ReadExisting reads the map that a new one replaces. Text and document are empty if there is
// no file. A file that another program reads as something else is an error.
func ReadExisting(file string) (text string, doc *importmap.Document, err error) {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		real = file // it does not exist, or ReadText returns the error
	}
	const hint = "choose another file with --map"
	if manager.IsProjectFile(filepath.Base(real)) {
		return "", nil, problem.BadUsage(hint, "--map: the map would replace %s, which is a file of the program", file)
	}
	text, err = ReadText(file)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Code == problem.MapMissing {
		return "", nil, nil
	}
	if err == nil {
		doc, err = ReadDocument(file, text)
	}
	if err != nil {
		return text, nil, err
	}
	_, ours := doc.Member(MemberName)
	_, isPackageMap := doc.Member(packagesMember)
	isPackageMap = isPackageMap && len(doc.Members) == 1 // of Node or of a package manager
	if isMap := ours || isPackageMap || doc.Imports != nil || doc.Scopes != nil || doc.HasIntegrity; !isMap && len(doc.Members) > 0 {
		return text, doc, problem.BadUsage(hint, "--map: the map would replace %s, which is a JSON file of another kind", file)
	}
	return text, doc, nil
}

// Read parses the text of a map and returns its document and its meaning. file names it in
// errors.
func Read(file, text string) (*importmap.Document, *Map, error) {
	doc, err := ReadDocument(file, text)
	if err != nil {
		return nil, nil, err
	}
	m, err := Parse(file, doc)
	return doc, m, err
}

// Parse returns the meaning of a document. It rejects one whose keys, metadata
// or member nodeint are not well formed, that pins nothing, or whose tree digest
// does not match. A map without the member nodeint has coverage Graph and no
// Digest.
func Parse(file string, doc *importmap.Document) (*Map, error) {
	m := &Map{Coverage: Graph, Pinned: make([]Pinned, 0, len(doc.Integrity))}
	for _, e := range doc.Integrity {
		if IsURL(e.Key) {
			m.addURL(e)
			continue
		}
		p, err := PathOf(e.Key)
		if err != nil {
			return nil, problem.NotTrusted(problem.MapKey, file, hintRestore, "%w", doc.ErrorAt(err.Error(), "integrity", e.Key))
		}
		md, err := hasher.ParseMetadata(e.Value)
		if err != nil {
			return nil, problem.NotTrusted(problem.MapMetadata, file, hintRestore, "%w", doc.ErrorAt(err.Error(), "integrity", e.Key))
		}
		m.Pinned = append(m.Pinned, Pinned{p, md})
	}
	if len(m.Pinned) == 0 {
		has := "is missing or empty"
		if len(m.URLs) > 0 {
			has = "has only URLs"
		}
		return nil, problem.NotTrusted(problem.MapEmpty, file, hintRestore, "the map %s pins nothing: its integrity section %s", file, has)
	}
	raw, ok := doc.Member(memberName)
	if !ok {
		return m, nil
	}
	m.Names = readNames(doc.Imports, doc.Scopes)
	root, err := readMember(raw, m)
	if err != nil {
		return nil, problem.NotTrusted(problem.MapMember, file, hintRestore, "%w", doc.ErrorAt(err.Error(), memberName))
	}
	if m.Digest = treeDigest(doc); m.Digest != root {
		return nil, problem.NotTrusted(problem.MapRoot, file, hintRestore, "%w", doc.ErrorAt(
			fmt.Sprintf("the tree digest does not match the entries: the map contains %s, and its entries have %s; an entry was added, removed or edited", root, m.Digest),
			memberName, "root"))
	}
	if m.NodePackages != nil {
		if err := m.readPackages(doc); err != nil {
			return nil, problem.NotTrusted(problem.MapMember, file, hintRestore, "%w", doc.ErrorAt(err.Error(), packagesMember))
		}
	}
	return m, nil
}

// IsURL reports whether a key of integrity is an absolute URL and not the key of a file.
func IsURL(key string) bool {
	scheme, _, ok := strings.Cut(key, ":")
	if !ok || len(scheme) < 2 || !isLetter(scheme[0]) || strings.EqualFold(scheme, "file") {
		return false // a drive letter, and a file of one machine, are not what a browser loads
	}
	return strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// Limits returns what verify does not check because the map does not fix it, one sentence
// each.
func (m *Map) Limits() (notes []string) {
	if m.Digest == "" {
		notes = append(notes, "the map has no member nodeint: its entries were checked, but nodeint did not look for added files")
	}
	if n := len(m.URLs); n > 0 {
		notes = append(notes, fmt.Sprintf("what is at the URLs in integrity is not checked here (%d); browsers check it", n))
	}
	return notes
}

// addURL records metadata of an absolute URL. nodeint does not check it, so any that the
// standard allows is accepted.
func (m *Map) addURL(e importmap.Entry) {
	if m.URLs == nil {
		m.URLs = make(map[string]string)
	}
	m.URLs[e.Key] = e.Value
}

// Limits of a path in a map. Linux opens no longer path, and no tree of packages
// is nearly as deep. They bound the cost of a hostile map.
const (
	maxPath  = 4095 // bytes
	maxDepth = 256  // directories
)

// PathOf is importmap.PathOf within those limits.
func PathOf(key string) (string, error) {
	p, err := importmap.PathOf(key)
	if err == nil {
		err = CheckPath(p)
	}
	return p, err
}

// CheckPath returns an error if a path is too long or too deep for a map.
func CheckPath(p string) error {
	if len(p) > maxPath {
		return fmt.Errorf("the path has %d bytes; the maximum is %d", len(p), maxPath)
	}
	if n := strings.Count(p, "/"); n > maxDepth {
		return fmt.Errorf("the path has %d directories; the maximum is %d", n, maxDepth)
	}
	return nil
}
