package integrity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The member nodeint of a map, version 1. All members but version, root,
// coverage and entries are absent where they would be empty:
//
//	version     1
//	root        the tree digest, see treeDigest
//	coverage    a Coverage
//	entries     keys of the files that the graph was walked from
//	project     key of the project's folder, where that is not the root
//	conditions  those of the configuration, in its order
//	include     patterns, in the configuration's order
//	exclude     patterns, in the configuration's order
//	scripts     names of packages whose install scripts may write, in the
//	            configuration's order, where it was held against the lockfile
//	packages    by key of the folder: {"name", "version"}, each where package.json has it;
//	            and {"class", "integrity"} where it was held against the lockfile: an
//	            lockcheck.Class, and the digest of its archive
//	links       by key of a symbolic link: the key of what it points at, or the
//	            text of the link where that lies outside the root, "/" if it is absolute
//	absent      package names and keys that were asked for and not there
//	gaps        what the graph could not see: {"path": key, "line", "column", "text", "reason"}
//
// The key of the root folder is "./". A member that is not in this list is
// refused: a later version may have put a promise there that this one does not
// keep.
const (
	memberName = "nodeint"
	mapVersion = 1
	rootKey    = "./"
)

// maxMap is how large a map may be: some 800,000 files.
const maxMap = 128 << 20

// untrusted returns the error for a map that is rejected.
func untrusted(code, file, hint, format string, args ...any) *Error {
	return problem.NotTrusted(code, file, hint, format, args...)
}

const (
	hintAnew = "write the map anew with nodeint generate, on a tree that you trust"
	hintFrom = "restore the map from where it was made, or write it anew with nodeint generate on a tree that you trust"
)

// readMapFile returns the text of the map, read once.
func readMapFile(file string) (string, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", untrusted(MapMissing, file, "run nodeint generate first, or say where the map is with --map", "there is no map at %s", file)
	}
	if err != nil {
		return "", failed(file, "", "reading the map: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", untrusted(MapKind, file, "say where the map is with --map", "%s is not a file, so it is no map", file)
	}
	if info.Size() > maxMap {
		return "", untrusted(MapSyntax, file, hintFrom, "%s is larger than any map that nodeint reads (%d MiB)", file, maxMap>>20)
	}
	text, err := readText(file, info.Size())
	if err != nil {
		return "", failed(file, "", "reading the map: %w", err)
	}
	return text, nil
}

// readText reads a file of some size bytes as a string. A map is some megabytes:
// os.ReadFile and a conversion would have it in memory twice, so the bytes, which
// nobody else has, become the string.
func readText(file string, size int64) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = b.ReadFrom(io.LimitReader(f, maxMap+1))
	return unsafe.String(unsafe.SliceData(b.Bytes()), b.Len()), err
}

// bytesOf gives the bytes of such a text, which nobody may change.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// readDocument reads the text of a map. file is for errors.
func readDocument(file, text string) (*importmap.Document, error) {
	if strings.TrimSpace(text) == "" {
		return nil, untrusted(MapSyntax, file, hintFrom, "%s is empty", file)
	}
	doc, err := importmap.ReadString(filepath.Base(file), text)
	if err != nil {
		return nil, untrusted(MapSyntax, file, hintFrom, "%w", err)
	}
	return doc, nil
}

// A trusted map is one whose text holds together: every key and every piece of
// metadata is well formed and the tree digest is theirs.
type trusted struct {
	pins   *pins
	files  []Pinned // in the order of the map, which Format sorts by key
	digest string   // "" for a map without the member nodeint
}

// trust reads what a document means, and refuses what it cannot mean.
func trustDocument(file string, doc *importmap.Document) (*trusted, error) {
	if len(doc.Integrity) == 0 {
		return nil, untrusted(MapEmpty, file, hintFrom, "%s has no integrity section that pins anything", file)
	}
	m := &trusted{
		pins:  &pins{coverage: Graph, order: make([]string, 0, len(doc.Integrity))},
		files: make([]Pinned, 0, len(doc.Integrity)),
	}
	for _, e := range doc.Integrity {
		p, err := pathOf(e.Key)
		if err != nil {
			return nil, untrusted(MapKey, file, hintFrom, "%w", doc.ErrorAt(err.Error(), "integrity", e.Key))
		}
		md, err := hasher.ParseMetadata(e.Value)
		if err != nil {
			return nil, untrusted(MapMetadata, file, hintFrom, "%w", doc.ErrorAt(err.Error(), "integrity", e.Key))
		}
		m.files = append(m.files, Pinned{p, md})
		m.pins.order = append(m.pins.order, p)
	}
	raw, ok := doc.Member(memberName)
	if !ok {
		return m, nil
	}
	root, err := readMember(raw, m.pins)
	if err != nil {
		return nil, untrusted(MapMember, file, hintFrom, "%w", doc.ErrorAt(err.Error(), memberName))
	}
	if m.digest = treeDigest(doc); m.digest != root {
		return nil, untrusted(MapRoot, file, hintFrom, "%w", doc.ErrorAt(
			fmt.Sprintf("the tree digest is not that of the entries: the map says %s, its entries make %s; something was added, removed or edited", root, m.digest),
			memberName, "root"))
	}
	return m, nil
}

// index fills pins.files, which only a survey and whoever writes a map need.
func (m *trusted) index() {
	m.pins.files = make(map[string]string, len(m.files))
	for i := range m.files {
		m.pins.files[m.files[i].Path] = m.files[i].Metadata.String()
	}
}

// treeDigest makes the digest that identifies a map: that of its entries, and
// of every other member but nodeint.root. The pairs are, by key:
//
//	./app.js            the metadata, for every entry of integrity
//	imports, scopes     the JSON text, as for all that follow without white space
//	member NUL name     a top-level member that is none of the four
//	nodeint NUL name    a member of nodeint
//
// No two members make the same key: an entry's starts with a dot.
func treeDigest(doc *importmap.Document) string {
	pairs := make([]hasher.Pair, 0, len(doc.Integrity)+16)
	for _, e := range doc.Integrity {
		pairs = append(pairs, hasher.Pair{Key: e.Key, Value: e.Value})
	}
	// Sorted by themselves, they go behind the entries, and all is sorted.
	return hasher.Tree(append(pairs, otherPairs(doc)...)).String()
}

func otherPairs(doc *importmap.Document) []hasher.Pair {
	var pairs []hasher.Pair
	add := func(key string, raw []byte) {
		if raw != nil {
			pairs = append(pairs, hasher.Pair{Key: key, Value: compact(raw)})
		}
	}
	add("imports", doc.Imports)
	add("scopes", doc.Scopes)
	for _, m := range doc.Members {
		if m.Name != memberName {
			add("member\x00"+m.Name, m.Raw)
			continue
		}
		gjson.ParseBytes(m.Raw).ForEach(func(k, v gjson.Result) bool {
			if k.Str != "root" {
				add(memberName+"\x00"+k.Str, []byte(v.Raw))
			}
			return true
		})
	}
	slices.SortFunc(pairs, func(a, b hasher.Pair) int { return strings.Compare(a.Key, b.Key) })
	return pairs
}

func compact(raw []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw) // not reached: importmap.Read has read it
	}
	return b.String()
}

// A memberReader reads the member nodeint, and keeps the first thing that is
// not as it should be.
type memberReader struct {
	err error
}

func (r *memberReader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// readMember fills p from the text of the member and returns nodeint.root.
func readMember(raw []byte, p *pins) (string, error) {
	r := &memberReader{}
	var root string
	member := gjson.ParseBytes(raw)
	if !member.IsObject() {
		return "", errors.New("it is not an object")
	}
	// The version comes first: it says whether the rest can be read at all.
	if v := member.Get("version"); v.Type != gjson.Number || v.Raw != fmt.Sprint(mapVersion) {
		return "", fmt.Errorf("version %s is not %d; use the nodeint that wrote this map, or write it anew", orNone(v.Raw), mapVersion)
	}
	p.coverage = ""
	member.ForEach(func(k, v gjson.Result) bool {
		if k.Str == "root" {
			root = r.text("root", v)
		} else {
			r.field(p, k.Str, v)
		}
		return r.err == nil
	})
	if r.err == nil && p.coverage == "" {
		r.bad("it has no coverage")
	}
	if r.err == nil && root == "" {
		r.bad("it has no root")
	}
	return root, r.err
}

// field reads one member of nodeint into p.
func (r *memberReader) field(p *pins, name string, v gjson.Result) {
	switch name {
	case "version": // readMember has looked at it
	case "coverage":
		c, err := ParseCoverage(r.text(name, v))
		if err != nil || v.Str == "" {
			r.bad("coverage %s is not known", v.Raw)
		}
		p.coverage = c
	case "entries":
		p.entries = r.paths(name, v)
	case "project":
		p.project = r.path(name, r.text(name, v))
	case "conditions":
		p.conditions = r.texts(name, v)
	case "include":
		p.include = r.patterns(name, v)
	case "exclude":
		p.exclude = r.patterns(name, v)
	case "scripts":
		p.scripts = r.texts(name, v)
	case "packages":
		p.packages = r.packages(v)
	case "links":
		p.links = r.links(v)
	case "absent":
		p.absent = r.absent(v)
	case "gaps":
		p.gaps = r.gaps(v)
	default:
		r.bad("member %q is not known to this version; use the nodeint that wrote this map", name)
	}
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func (r *memberReader) text(name string, v gjson.Result) string {
	if v.Type != gjson.String {
		r.bad("%s is not a string", name)
	}
	return v.Str
}

func (r *memberReader) texts(name string, v gjson.Result) []string {
	if !v.IsArray() {
		r.bad("%s is not an array", name)
	}
	var list []string
	v.ForEach(func(_, e gjson.Result) bool {
		list = append(list, r.text(name, e))
		return r.err == nil
	})
	return list
}

func (r *memberReader) patterns(name string, v gjson.Result) []string {
	list := r.texts(name, v)
	if _, err := glob.New(list); err != nil {
		r.bad("%s: %w", name, err)
	}
	return list
}

func (r *memberReader) path(name, key string) string {
	if key == rootKey {
		return ""
	}
	p, err := pathOf(key)
	if err != nil {
		r.bad("%s: %w", name, err)
	}
	return p
}

// Bounds of a path in a map: Linux opens none that is longer, and no tree of
// packages is near as deep. They bound what a hostile map costs.
const (
	maxPath  = 4095 // bytes
	maxDepth = 256  // folders
)

// pathOf is importmap.PathOf within those bounds.
func pathOf(key string) (string, error) {
	p, err := importmap.PathOf(key)
	if err == nil {
		err = checkBounds(p)
	}
	return p, err
}

func checkBounds(p string) error {
	if len(p) > maxPath {
		return fmt.Errorf("the path has %d bytes: at most %d can be opened", len(p), maxPath)
	}
	if n := strings.Count(p, "/"); n > maxDepth {
		return fmt.Errorf("the path has %d folders: at most %d are taken", n, maxDepth)
	}
	return nil
}

func (r *memberReader) paths(name string, v gjson.Result) []string {
	list := r.texts(name, v)
	for i := range list {
		list[i] = r.path(name, list[i])
	}
	return list
}

func (r *memberReader) object(name string, v gjson.Result, each func(key string, v gjson.Result)) {
	if !v.IsObject() {
		r.bad("%s is not an object", name)
		return
	}
	v.ForEach(func(k, v gjson.Result) bool {
		each(k.Str, v)
		return r.err == nil
	})
}

func (r *memberReader) packages(v gjson.Result) map[string]packageInfo {
	m := make(map[string]packageInfo)
	r.object("packages", v, func(key string, v gjson.Result) {
		var info packageInfo
		r.object("packages", v, func(field string, v gjson.Result) {
			switch field {
			case "name":
				info.name = r.text("packages: name", v)
			case "version":
				info.version = r.text("packages: version", v)
			case "integrity":
				info.integrity = r.text("packages: integrity", v)
			case "class":
				if info.class = r.text("packages: class", v); !slices.Contains(lockcheck.Classes, lockcheck.Class(info.class)) {
					r.bad("packages: class %s is not known", v.Raw)
				}
			default:
				r.bad("packages: member %q is not known to this version; use the nodeint that wrote this map", field)
			}
		})
		m[r.path("packages", key)] = info
	})
	return m
}

func (r *memberReader) links(v gjson.Result) map[string]string {
	m := make(map[string]string)
	r.object("links", v, func(key string, v gjson.Result) {
		m[r.path("links", key)] = r.text("links", v)
	})
	return m
}

func (r *memberReader) absent(v gjson.Result) []string {
	list := r.texts("absent", v)
	for i, a := range list {
		if strings.HasPrefix(a, "./") {
			list[i] = "./" + r.path("absent", a)
		}
	}
	return list
}

func (r *memberReader) gaps(v gjson.Result) []Gap {
	if !v.IsArray() {
		r.bad("gaps is not an array")
	}
	var list []Gap
	v.ForEach(func(_, e gjson.Result) bool {
		var g Gap
		r.object("gaps", e, func(field string, v gjson.Result) {
			switch field {
			case "path":
				g.Path = r.path("gaps", r.text("gaps: path", v))
			case "line":
				g.Line = int(v.Int())
			case "column":
				g.Column = int(v.Int())
			case "text":
				g.Text = r.text("gaps: text", v)
			case "reason":
				g.Reason = r.text("gaps: reason", v)
			default:
				r.bad("gaps: member %q is not known to this version; use the nodeint that wrote this map", field)
			}
		})
		list = append(list, g)
		return r.err == nil
	})
	return list
}

func keyOf(p string) string {
	if p == "" {
		return rootKey
	}
	return importmap.KeyOf(p)
}

func keysOf(paths []string) []string {
	keys := make([]string, len(paths))
	for i, p := range paths {
		keys[i] = keyOf(p)
	}
	return keys
}

// document writes p into old, whose imports, scopes and other members stay.
func (p *pins) document(old *importmap.Document) (*importmap.Document, error) {
	doc := &importmap.Document{}
	if old != nil {
		*doc = *old
		doc.Members = slices.Clone(old.Members)
	}
	doc.HasIntegrity = true
	doc.Integrity = make([]importmap.Entry, 0, len(p.files))
	for _, f := range sortedKeys(p.files) {
		doc.Integrity = append(doc.Integrity, importmap.Entry{Key: importmap.KeyOf(f), Value: p.files[f]})
	}
	member := p.member()
	for range 2 { // first without the digest, then with the digest of that
		raw, err := canonical(member)
		if err != nil {
			return nil, err
		}
		doc.SetMember(memberName, raw)
		member["root"] = treeDigest(doc)
	}
	return doc, nil
}

// canonical gives the text of the member nodeint as a map has it, so that the
// digest of what is written is that of what is read back.
func canonical(member map[string]any) ([]byte, error) {
	raw, err := jsontext.Marshal(member)
	if err != nil {
		return nil, err
	}
	alone := &importmap.Document{Members: []importmap.Member{{Name: memberName, Raw: raw}}}
	if alone, err = importmap.Read(memberName, alone.Format()); err != nil {
		return nil, fmt.Errorf("writing the member %s: %w", memberName, err)
	}
	raw, _ = alone.Member(memberName)
	return raw, nil
}

// member gives the member nodeint, without root.
func (p *pins) member() map[string]any {
	m := map[string]any{
		"version":  mapVersion,
		"coverage": p.coverage,
		"entries":  keysOf(p.entries),
	}
	set := func(name string, n int, v any) {
		if n > 0 {
			m[name] = v
		}
	}
	set("project", len(p.project), keyOf(p.project))
	set("conditions", len(p.conditions), p.conditions)
	set("include", len(p.include), p.include)
	set("exclude", len(p.exclude), p.exclude)
	set("scripts", len(p.scripts), p.scripts)
	packages := make(map[string]map[string]string)
	for dir, info := range p.packages {
		fields := make(map[string]string)
		if info.name != "" {
			fields["name"] = info.name
		}
		if info.version != "" {
			fields["version"] = info.version
		}
		if info.class != "" {
			fields["class"] = info.class
		}
		if info.integrity != "" {
			fields["integrity"] = info.integrity
		}
		packages[keyOf(dir)] = fields
	}
	set("packages", len(packages), packages)
	links := make(map[string]string)
	for link, target := range p.links {
		links[keyOf(link)] = target
	}
	set("links", len(links), links)
	absent := make([]string, 0, len(p.absent))
	for _, a := range p.absent {
		if file, ok := strings.CutPrefix(a, "./"); ok {
			a = keyOf(file)
		}
		absent = append(absent, a)
	}
	slices.Sort(absent)
	set("absent", len(absent), absent)
	gaps := slices.Clone(p.gaps)
	for i := range gaps {
		gaps[i].Path = keyOf(gaps[i].Path)
	}
	set("gaps", len(gaps), gaps)
	return m
}
