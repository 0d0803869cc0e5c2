package trace

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// version is that of the trace file.
const version = 1

// Name is the name of the trace in the project's folder.
const Name = "nodeint-trace.json"

// MaxSize is how large a trace may be, in bytes.
const MaxSize = 128 << 20

// Bounds of what a trace names. Linux opens no longer path.
const (
	maxPath      = 4095
	maxSpecifier = 8192
	maxNumber    = 1<<31 - 1
)

// The form of the file. The order of the members is that of the text.
type (
	file struct {
		Version int            `json:"version"`
		Files   map[string]How `json:"files"`
		Asked   []fileAsk      `json:"asked"`
		Outside []string       `json:"outside"`
	}
	fileAsk struct {
		Path      string `json:"path"`
		Line      int    `json:"line,omitempty"`
		Column    int    `json:"column,omitempty"`
		Import    bool   `json:"import,omitempty"`
		Specifier string `json:"specifier"`
		To        string `json:"to"`
	}
)

// Format writes the text of the trace: one text for one trace.
func (t *Trace) Format() []byte {
	t = Merge(t)
	f := file{Version: version, Files: make(map[string]How, len(t.Files)), Asked: []fileAsk{}, Outside: append([]string{}, t.Outside...)}
	for p, how := range t.Files {
		f.Files[importmap.KeyOf(p)] = how
	}
	for _, a := range t.Asked {
		f.Asked = append(f.Asked, fileAsk{importmap.KeyOf(a.Path), a.Line, a.Column, a.Import, a.Specifier, importmap.KeyOf(a.To)})
	}
	text, _ := jsontext.MarshalIndent(f) // nothing in it can fail
	return text
}

// Read reads the text of a trace; name is the file's, for errors.
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

// A reader reads a text that Check has let pass, and keeps the first thing that
// is not as it should be.
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
	// The version comes first: it says whether the rest can be read at all.
	if n := v.Get("version"); n.Type != gjson.Number || n.Raw != fmt.Sprint(version) {
		r.bad("version %.20q is not %d: this is no trace, or one of another nodeint; make it anew with nodeint trace", n.Raw, version)
		return
	}
	members := r.members("", v, "version", "files", "asked", "outside")
	r.each("files", members["files"], gjson.Result.IsObject, "an object", r.entry)
	r.each("asked", members["asked"], gjson.Result.IsArray, "an array", func(_, v gjson.Result) { r.ask(v) })
	r.each("outside", members["outside"], gjson.Result.IsArray, "an array", func(_, v gjson.Result) {
		r.trace.Outside = append(r.trace.Outside, r.text("outside", v, maxPath))
	})
}

// members gives the members of an object, and refuses those not in known.
func (r *reader) members(place string, v gjson.Result, known ...string) map[string]gjson.Result {
	found := make(map[string]gjson.Result, len(known))
	v.ForEach(func(k, v gjson.Result) bool {
		for _, name := range known {
			if k.Str == name {
				found[name] = v
				return true
			}
		}
		r.bad("%smember %.60q is not known; make the trace anew with nodeint trace", place, k.Str)
		return false
	})
	return found
}

// each visits the parts of an object or array that has to be there.
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
	if how := How(r.text("files", v, maxPath)); isWay(how) {
		r.trace.Files[p] = how
	} else {
		r.bad("files: %.60q is no way to load a file", string(how))
	}
}

func (r *reader) ask(v gjson.Result) {
	if !v.IsObject() {
		r.bad("asked holds what is not an object")
		return
	}
	m := r.members("asked: ", v, "path", "line", "column", "import", "specifier", "to")
	a := Ask{
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
		r.bad("asked: specifier %.60q is absolute: it is of one machine", a.Specifier)
	}
	if _, ok := r.trace.Files[a.To]; !ok && r.err == nil {
		r.bad("asked: to %.60q is not among files", a.To)
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
		err = errors.New("a path that no system opens: it is too long")
	}
	return p, err
}

func (r *reader) text(place string, v gjson.Result, most int) string {
	switch {
	case v.Type != gjson.String || v.Str == "":
		r.bad("%s is not a string that names something", place)
	case len(v.Str) > most:
		r.bad("%s is longer than %d bytes", place, most)
	case strings.ContainsRune(v.Str, 0):
		r.bad("%s holds a NUL", place)
	}
	return v.Str
}

func (r *reader) number(place string, v gjson.Result) int {
	if !v.Exists() {
		return 0
	}
	n := v.Int()
	if v.Type != gjson.Number || v.Raw != fmt.Sprint(n) || n < 1 || n > maxNumber {
		r.bad("%s %.20q is no number from 1 on", place, v.Raw)
	}
	return int(n)
}

func isWay(how How) bool { return slices.Contains(ways, how) }

// isAbsolute reports whether a specifier names a file by its place on a machine:
// by a path of whatever system, or by a file: URL.
func isAbsolute(specifier string) bool {
	return path.IsAbs(specifier) || strings.HasPrefix(specifier, `\`) || isDrive(specifier) || isFileURL(specifier)
}

func isDrive(s string) bool {
	return len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z'
}

func isFileURL(s string) bool { return len(s) >= 5 && strings.EqualFold(s[:5], "file:") }
