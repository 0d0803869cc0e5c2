package trace

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// version is the version of the trace file.
const version = 1

// Name is the name of the trace in the project's directory.
const Name = "nodeint-trace.json"

// MaxSize is the maximum size of a trace, in bytes.
const MaxSize = 128 << 20

// Maxima of the members of a trace. Linux opens no longer path.
const (
	maxPath      = 4095
	maxSpecifier = 8192
	maxNumber    = 1<<31 - 1
)

// The file. The order of the members is the order in the text.
type (
	file struct {
		Version int            `json:"version"`
		Files   map[string]How `json:"files"`
		Asked   []fileRequest  `json:"asked"`
		Outside []string       `json:"outside"`

		Powers map[string][]nodejs.Power `json:"powers,omitempty"`
	}
	fileRequest struct {
		Path      string `json:"path"`
		Line      int    `json:"line,omitempty"`
		Column    int    `json:"column,omitempty"`
		Import    bool   `json:"import,omitempty"`
		Specifier string `json:"specifier"`
		To        string `json:"to"`
	}
)

// Format returns the text of the trace. Equal traces have equal texts.
func (t *Trace) Format() []byte {
	t = Merge(t)
	f := file{Version: version, Files: make(map[string]How, len(t.Files)), Asked: []fileRequest{}, Outside: append([]string{}, t.Outside...)}
	if len(t.Powers) > 0 {
		f.Powers = make(map[string][]nodejs.Power, len(t.Powers))
	}
	for p, powers := range t.Powers {
		f.Powers[importmap.KeyOf(p)] = powers
	}
	for p, how := range t.Files {
		f.Files[importmap.KeyOf(p)] = how
	}
	for _, a := range t.Asked {
		f.Asked = append(f.Asked, fileRequest{importmap.KeyOf(a.Path), a.Line, a.Column, a.Import, a.Specifier, importmap.KeyOf(a.To)})
	}
	text, _ := jsontext.MarshalIndent(f) // nothing in it can fail
	return text
}

// Read reads the text of a trace. name is the name of the file, for errors.
func Read(name string, data []byte) (*Trace, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: the trace is larger than %d MiB", name, MaxSize>>20)
	}
	if err := importmap.Check(name, "trace", data); err != nil {
		return nil, err
	}
	r := &reader{trace: &Trace{Files: make(map[string]How)}}
	r.file(gjson.ParseBytes(data))
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", name, r.err)
	}
	r.trace.sort()
	return r.trace, nil
}

// A reader reads a text that Check has accepted, and keeps the first error.
type reader struct {
	trace *Trace
	err   error
}

func (r *reader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reader) file(v gjson.Result) {
	// The version comes first: another version may have other members.
	if n := v.Get("version"); n.Type != gjson.Number || n.Raw != fmt.Sprint(version) {
		r.bad("version %.20q is not %d: this is not a trace, or one of another nodeint; make it again with nodeint trace", n.Raw, version)
		return
	}
	members := r.members("", v, "version", "files", "asked", "outside", "powers")
	r.each("files", members["files"], gjson.Result.IsObject, "an object", r.entry)
	r.each("asked", members["asked"], gjson.Result.IsArray, "an array", func(_, v gjson.Result) { r.request(v) })
	if v := members["powers"]; v.Exists() {
		r.each("powers", v, gjson.Result.IsObject, "an object", r.powers)
	}
	r.each("outside", members["outside"], gjson.Result.IsArray, "an array", func(_, v gjson.Result) {
		r.trace.Outside = append(r.trace.Outside, r.text("outside", v, maxPath))
	})
}

// members returns the members of an object, and rejects those not in known.
func (r *reader) members(place string, v gjson.Result, known ...string) map[string]gjson.Result {
	found := make(map[string]gjson.Result, len(known))
	v.ForEach(func(k, v gjson.Result) bool {
		for _, name := range known {
			if k.Str == name {
				found[name] = v
				return true
			}
		}
		r.bad("%sunknown member %.60q; make the trace again with nodeint trace", place, k.Str)
		return false
	})
	return found
}

// each calls visit for each part of an object or array, which must exist.
func (r *reader) each(name string, v gjson.Result, is func(gjson.Result) bool, what string, visit func(k, v gjson.Result)) {
	if !is(v) {
		r.bad("%s is not %s", name, what)
		return
	}
	v.ForEach(func(k, v gjson.Result) bool {
		visit(k, v)
		return r.err == nil
	})
}

func (r *reader) entry(k, v gjson.Result) {
	p := r.key("files", k)
	if how := How(r.text("files", v, maxPath)); isHow(how) {
		r.trace.Files[p] = how
	} else {
		r.bad("files: %.60q is not a way to load a file", string(how))
	}
}

func (r *reader) powers(k, v gjson.Result) {
	p := r.key("powers", k)
	r.each("powers", v, gjson.Result.IsArray, "an object of arrays", func(_, v gjson.Result) {
		r.trace.addPower(p, r.power("powers", v))
	})
}

// power reads the name of a power.
func (r *reader) power(place string, v gjson.Result) nodejs.Power {
	name := r.text(place, v, maxPath)
	if !nodejs.IsPower(name) {
		r.bad("%s: %.60q is not a power; make the trace again with nodeint trace", place, name)
	}
	return nodejs.Power(name)
}

func (r *reader) request(v gjson.Result) {
	if !v.IsObject() {
		r.bad("asked: an element is not an object")
		return
	}
	m := r.members("asked: ", v, "path", "line", "column", "import", "specifier", "to")
	a := Request{
		Path: r.key("asked: path", m["path"]), Line: r.number("asked: line", m["line"]), Column: r.number("asked: column", m["column"]),
		Specifier: r.text("asked: specifier", m["specifier"], maxSpecifier), To: r.key("asked: to", m["to"]),
	}
	if i := m["import"]; i.Exists() {
		if a.Import = true; i.Type != gjson.True {
			r.bad("asked: import is neither true nor absent")
		}
	}
	if a.Column > 0 && a.Line == 0 {
		r.bad("asked: a column without a line")
	}
	if isAbsolute(a.Specifier) {
		r.bad("asked: specifier %.60q is absolute, so it is valid on one machine only", a.Specifier)
	}
	if _, ok := r.trace.Files[a.To]; !ok && r.err == nil {
		r.bad("asked: to %.60q is not in files", a.To)
	}
	r.trace.Asked = append(r.trace.Asked, a)
}

func (r *reader) key(place string, v gjson.Result) string {
	p, err := pathOf(r.text(place, v, 3*maxPath))
	if err != nil {
		r.bad("%s: %w", place, err)
	}
	return p
}

func pathOf(key string) (string, error) {
	p, err := importmap.PathOf(key)
	if err == nil && len(p) > maxPath {
		err = errors.New("the path is too long")
	}
	return p, err
}

func (r *reader) text(place string, v gjson.Result, maxSize int) string {
	switch {
	case v.Type != gjson.String || v.Str == "":
		r.bad("%s is not a string, or empty", place)
	case len(v.Str) > maxSize:
		r.bad("%s is longer than %d bytes", place, maxSize)
	case strings.ContainsRune(v.Str, 0):
		r.bad("%s contains a NUL", place)
	}
	return v.Str
}

func (r *reader) number(place string, v gjson.Result) int {
	if !v.Exists() {
		return 0
	}
	n := v.Int()
	if v.Type != gjson.Number || v.Raw != fmt.Sprint(n) || n < 1 || n > maxNumber {
		r.bad("%s %.20q is not a whole number from 1", place, v.Raw)
	}
	return int(n)
}

func isHow(how How) bool { return slices.Contains(hows, how) }

// isAbsolute reports whether a specifier is an absolute path of any system, or a file:
// URL.
func isAbsolute(specifier string) bool {
	return path.IsAbs(specifier) || strings.HasPrefix(specifier, `\`) || isDrive(specifier) || isFileURL(specifier)
}

func isDrive(s string) bool {
	return len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z'
}

func isFileURL(s string) bool { return len(s) >= 5 && strings.EqualFold(s[:5], "file:") }
