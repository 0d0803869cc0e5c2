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
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// Maxima of a record.
const (
	maxLine  = 256 << 10 // bytes
	maxLines = 8 << 20
)

// FromRecord returns the trace of a record: lines that the recorders in many processes
// and threads append to one file (O_APPEND, each line by one write). root is the
// absolute real path to which the trace's paths are relative.
//
// A line is one JSON object:
//
//	{"how":"module","path":"/srv/shop/plugins/discount.js","parent":"/srv/shop/lib/plugins.js",
//	 "line":10,"column":12,"import":true,"specifier":"/srv/shop/plugins/discount.js"}
//
//	how        a How
//	path       the absolute real path of the file
//	parent     the absolute real path of the module that asked; absent if none did
//	line       of the call in parent, from 1; absent if unknown, or if the call is
//	           in another file
//	column     of the call, from 1, as V8 counts; absent if line is
//	import     true if it was asked by import; else absent
//	specifier  as in the module, without lone surrogates; absent if there is no parent
//
// A line with how "power" says that the file path has used the power of the member power.
// It has no other member.
//
// Of the others, only how and path are required, no other member is allowed, and a line has at most
// 256 KiB. FromRecord returns an error that names the line if one is invalid, for
// example truncated.
func FromRecord(root string, lines io.Reader) (*Trace, error) {
	r := &record{
		root: root, to: &Trace{Files: make(map[string]How)},
		requests: make(map[Request]struct{}), outside: make(map[string]struct{}),
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
	r.to.Asked = slices.Collect(maps.Keys(r.requests))
	r.to.Outside = slices.Collect(maps.Keys(r.outside))
	r.to.sort()
	return r.to, nil
}

// A record collects the contents of the lines.
type record struct {
	root     string
	to       *Trace
	requests map[Request]struct{}
	outside  map[string]struct{}
}

// An event is one line.
type event struct {
	how          How
	path, parent string
	specifier    string
	line, column int
	isImport     bool
	power        nodejs.Power // if how is howPower
}

// howPower is the how of a line that names a power.
const howPower How = "power"

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
	if e.power != "" {
		r.to.addPower(p, e.power)
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
	a := Request{Path: from, Line: e.line, Column: e.column, Import: e.isImport, To: p}
	dir := path.Dir("/" + from)[1:]
	if a.Specifier, inside = PortableSpecifier(r.root, dir, e.specifier, e.isImport); !inside {
		a.Specifier = relative(dir, p, e.isImport) // it goes through a link outside the root
	}
	// Leave out what Read would reject: the call stays a gap.
	if len(a.Specifier) <= maxSpecifier && !strings.ContainsRune(a.Specifier, 0) && !isAbsolute(a.Specifier) {
		r.requests[a] = struct{}{}
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
	m := r.members("", gjson.ParseBytes(text), "how", "path", "parent", "line", "column", "import", "specifier", "power")
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
	if v := m["power"]; v.Exists() || e.how == howPower {
		if e.power = r.power("power", v); e.how != howPower || len(m) != 3 {
			r.bad("a power with other members")
		}
		return e, r.err
	}
	if !isHow(e.how) {
		r.bad("how %.60q is not a way to load a file", string(e.how))
	}
	if e.column > 0 && e.line == 0 {
		r.bad("a column without a line")
	}
	return e, r.err
}

// rel returns the path of a file relative to the root, and whether it is below the
// root.
func (r *record) rel(abs string) (string, bool, error) {
	if !filepath.IsAbs(abs) || filepath.Clean(abs) != abs {
		return "", false, fmt.Errorf("%.200q is not an absolute real path", abs)
	}
	p, inside := within(r.root, abs)
	return p, inside, nil
}

// within returns the path of a file relative to root, and whether it is below root.
func within(root, abs string) (string, bool) {
	separator := string(filepath.Separator)
	rest, inside := strings.CutPrefix(abs, strings.TrimSuffix(root, separator)+separator)
	return filepath.ToSlash(rest), inside && rest != ""
}

// PortableSpecifier returns the specifier of a module in the directory dir without what
// differs between machines and runs: an absolute one becomes relative, and one of import
// loses the query, which programs add to import a file again. root is an absolute real
// path, and dir is relative to it. It returns false for a file outside root.
func PortableSpecifier(root, dir, specifier string, isImport bool) (string, bool) {
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

// pathOfAbsolute returns the path of an absolute specifier, or "" if it has none.
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

// relative returns the specifier by which a module in dir asks for the file to. For
// import it is escaped as in a URL.
func relative(dir, to string, isImport bool) string {
	down, up := strings.Split(to, "/"), strings.Split(dir, "/")
	if dir == "" {
		up = nil
	}
	for len(up) > 0 && len(down) > 1 && up[0] == down[0] {
		up, down = up[1:], down[1:]
	}
	s := strings.Join(down, "/")
	if isImport {
		s = strings.TrimPrefix(importmap.KeyOf(s), "./")
	}
	if len(up) == 0 {
		return "./" + s
	}
	return strings.Repeat("../", len(up)) + s
}
