package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
)

// Bounds of a record.
const (
	maxLine  = 256 << 10 // bytes
	maxLines = 8 << 20
)

// FromRecord makes the trace of a record: lines that the recorders in many
// processes and threads append to one file (O_APPEND, each line by one write).
// root is the absolute real path that the trace's paths are relative to.
//
// A line is one JSON object:
//
//	{"how":"module","path":"/srv/shop/plugins/discount.js","parent":"/srv/shop/lib/plugins.js",
//	 "line":10,"column":12,"import":true,"specifier":"/srv/shop/plugins/discount.js"}
//
//	how        a How
//	path       the absolute real path of the file
//	parent     the absolute real path of the module that asked; absent where none did
//	line       of the call in parent, from 1; absent where it is not known, or
//	           where the call stands in another file than parent
//	column     of the call, from 1, as V8 counts; absent where line is
//	import     true where it was asked as import does; else absent
//	specifier  as it was given, without lone surrogates; absent where there is no parent
//
// Nothing but how and path has to be there, no other member may be, and a line
// has at most 256 KiB. A line that was cut short is an error that names it.
func FromRecord(root string, lines io.Reader) (*Trace, error) {
	r := &record{
		root: root, to: &Trace{Files: make(map[string]How)},
		asks: make(map[Ask]struct{}), outside: make(map[string]struct{}),
	}
	in := bufio.NewScanner(lines)
	in.Buffer(nil, maxLine)
	n := 0
	for in.Scan() {
		if n++; n > maxLines {
			return nil, fmt.Errorf("reading the record: it has more than %d lines", maxLines)
		}
		if err := r.line(in.Bytes()); err != nil {
			return nil, fmt.Errorf("reading the record: line %d: %w", n, err)
		}
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("reading the record: line %d is longer than %d KiB", n+1, maxLine>>10)
	case err != nil:
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	r.to.Asked = slices.Collect(maps.Keys(r.asks))
	r.to.Outside = slices.Collect(maps.Keys(r.outside))
	r.to.sort()
	return r.to, nil
}

// A record gathers what the lines say.
type record struct {
	root    string
	to      *Trace
	asks    map[Ask]struct{}
	outside map[string]struct{}
}

// An event is one line.
type event struct {
	how          How
	path, parent string
	specifier    string
	line, column int
	isImport     bool
}

func (r *record) line(text []byte) error {
	e, err := parseEvent(text)
	if err != nil {
		return err
	}
	p, inside, err := r.rel(e.path)
	if err != nil {
		return err
	}
	if !inside {
		r.outside[nameOutside(filepath.ToSlash(e.path))] = struct{}{}
		return nil
	}
	r.to.add(p, e.how)
	if e.parent == "" || e.specifier == "" {
		return nil
	}
	from, inside, err := r.rel(e.parent)
	if !inside || err != nil {
		return err
	}
	a := Ask{Path: from, Line: e.line, Column: e.column, Import: e.isImport, To: p}
	dir := path.Dir("/" + from)[1:]
	if a.Specifier, inside = Plain(r.root, dir, e.specifier, e.isImport); !inside {
		a.Specifier = relative(dir, p, e.isImport) // it came through a link from outside
	}
	// What cannot be written is left out: the place stays a gap.
	if len(a.Specifier) <= maxSpecifier && !strings.ContainsRune(a.Specifier, 0) && !isAbsolute(a.Specifier) {
		r.asks[a] = struct{}{}
	}
	return nil
}

// parseEvent reads a line as strictly as a trace.
func parseEvent(text []byte) (event, error) {
	if err := importmap.Check("", "line", text); err != nil {
		if e, ok := errors.AsType[*importmap.SyntaxError](err); ok && e.Column > 0 {
			return event{}, fmt.Errorf("column %d: %s", e.Column, e.Reason)
		}
		return event{}, err
	}
	r := &reader{}
	m := r.members("", gjson.ParseBytes(text), "how", "path", "parent", "line", "column", "import", "specifier")
	e := event{
		how: How(r.text("how", m["how"], maxPath)), path: r.text("path", m["path"], maxPath),
		line: r.number("line", m["line"]), column: r.number("column", m["column"]),
		isImport: m["import"].Type == gjson.True,
	}
	if v := m["parent"]; v.Exists() {
		e.parent = r.text("parent", v, maxPath)
	}
	if v := m["specifier"]; v.Exists() {
		if e.specifier = v.Str; v.Type != gjson.String {
			r.bad("specifier is not a string")
		}
	}
	if v := m["import"]; v.Exists() && !e.isImport {
		r.bad("import is neither true nor absent")
	}
	if !isWay(e.how) {
		r.bad("how %.60q is no way to load a file", string(e.how))
	}
	if e.column > 0 && e.line == 0 {
		r.bad("a column without a line")
	}
	return e, r.err
}

// rel gives the path of an absolute one relative to the root, and whether it
// lies there.
func (r *record) rel(abs string) (string, bool, error) {
	if !filepath.IsAbs(abs) || filepath.Clean(abs) != abs {
		return "", false, fmt.Errorf("%.200q is not an absolute real path", abs)
	}
	p, inside := within(r.root, abs)
	return p, inside, nil
}

// within gives the path of a file relative to root, and whether it lies there.
func within(root, abs string) (string, bool) {
	separator := string(filepath.Separator)
	rest, inside := strings.CutPrefix(abs, strings.TrimSuffix(root, separator)+separator)
	return filepath.ToSlash(rest), inside && rest != ""
}

// Plain gives what a module in the folder dir asked for without the machine in
// it, and without what programs add to import a file anew, which differs in
// each run. It is false for what lies outside root, an absolute real path; dir
// is relative to it.
func Plain(root, dir, specifier string, isImport bool) (string, bool) {
	if isImport && !strings.HasPrefix(specifier, "#") {
		if i := strings.IndexAny(specifier, "?#"); i > 0 {
			specifier = specifier[:i]
		}
	}
	if !isAbsolute(specifier) {
		return specifier, true
	}
	p, inside := within(root, pathOfAbsolute(specifier))
	if !inside {
		return "", false
	}
	return relative(dir, p, isImport), true
}

// pathOfAbsolute gives the path of an absolute specifier, "" where it has none.
func pathOfAbsolute(s string) string {
	if isFileURL(s) {
		u, err := url.Parse(s)
		if err != nil {
			return ""
		}
		if s = u.Path; isDrive(strings.TrimPrefix(s, "/")) {
			s = s[1:]
		}
	}
	return filepath.Clean(filepath.FromSlash(s))
}

// relative gives the specifier by which a module in dir asks for the file to:
// escaped as a URL where it is import that asks.
func relative(dir, to string, isImport bool) string {
	way, up := strings.Split(to, "/"), strings.Split(dir, "/")
	if dir == "" {
		up = nil
	}
	for len(up) > 0 && len(way) > 1 && up[0] == way[0] {
		up, way = up[1:], way[1:]
	}
	s := strings.Join(way, "/")
	if isImport {
		s = strings.TrimPrefix(importmap.KeyOf(s), "./")
	}
	if len(up) == 0 {
		return "./" + s
	}
	return strings.Repeat("../", len(up)) + s
}
