package mapfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/problem"
)

const (
	memberName = "nodeint"
	mapVersion = 2 // the one that is written; 1 is read too
)

// A memberReader reads the member nodeint and keeps the first error.
type memberReader struct {
	err error
}

func (r *memberReader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// readMember fills m from the text of the member and returns nodeint.root.
func readMember(raw []byte, m *Map) (string, error) {
	r := &memberReader{}
	var root string
	member := gjson.ParseBytes(raw)
	if !member.IsObject() {
		return "", errors.New("it is not an object")
	}
	// The version comes first: it decides whether this reader knows the rest.
	v := member.Get("version")
	if v.Type != gjson.Number || v.Raw != "1" && v.Raw != fmt.Sprint(mapVersion) {
		return "", fmt.Errorf("unsupported version %s, this nodeint reads versions 1 to %d; use the nodeint that wrote the map, or run nodeint generate", cmp.Or(v.Raw, "(none)"), mapVersion)
	}
	m.Version = int(v.Int())
	m.Coverage = ""
	member.ForEach(func(k, v gjson.Result) bool {
		if k.Str == "root" {
			root = r.text("root", v)
		} else {
			r.field(m, k.Str, v)
		}
		return r.err == nil
	})
	if r.err == nil && m.Coverage == "" {
		r.bad("the coverage is missing")
	}
	if r.err == nil && root == "" {
		r.bad("the root is missing")
	}
	return root, r.err
}

// field reads one member of nodeint into m.
func (r *memberReader) field(m *Map, name string, v gjson.Result) {
	switch name {
	case "version": // readMember has looked at it
	case "coverage":
		c, err := ParseCoverage(r.text(name, v))
		if err != nil || v.Str == "" {
			r.bad("unknown coverage %s", v.Raw)
		}
		m.Coverage = c
	case "entries":
		m.Entries = r.paths(name, v)
	case "project":
		m.Project = r.path(name, r.text(name, v))
	case "browser":
		m.Browser = r.isTrue(name, v)
	case "conditions":
		m.Conditions = r.texts(name, v)
	case "nodePath":
		m.NodePath = r.paths(name, v)
	case "packageMap":
		m.PackageMap = r.path(name, r.text(name, v))
	case "include":
		m.Include = r.patterns(name, v)
	case "exclude":
		m.Exclude = r.patterns(name, v)
	case "scripts":
		m.Scripts = r.texts(name, v)
	case "packages":
		m.Packages = r.packages(v)
	case "links":
		m.Links = r.links(v)
	case "optionalLinks":
		for _, link := range r.paths(name, v) {
			m.AddOptionalLink(link)
		}
	case "pnp":
		m.PnP = r.pnp(v)
	case "require", "kept", "isPackageMap":
		r.namesMember(m, name, v)
	case "absent":
		m.Absent = r.absent(v)
	case "directories":
		m.Directories = r.paths(name, v)
	case "powers":
		m.Powers = r.powers(v)
	case "gaps":
		m.Gaps = r.gaps(v)
	default:
		r.bad("unknown member %q; use the nodeint that wrote the map", name)
	}
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
	p, err := PathOf(key)
	if err != nil {
		r.bad("%s: %w", name, err)
	}
	return p
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

func (r *memberReader) packages(v gjson.Result) map[string]Package {
	m := make(map[string]Package)
	r.object("packages", v, func(key string, v gjson.Result) {
		var info Package
		r.object("packages", v, func(field string, v gjson.Result) { r.packageField(&info, field, v) })
		m[r.path("packages", key)] = info
	})
	return m
}

func (r *memberReader) packageField(info *Package, field string, v gjson.Result) {
	name := "packages: " + field
	switch field {
	case "name":
		info.Name = r.text(name, v)
	case "version":
		info.Version = r.text(name, v)
	case "integrity":
		info.Integrity = r.text(name, v)
	case "class":
		if info.Class = r.text(name, v); !slices.Contains(lockcheck.Classes, lockcheck.Class(info.Class)) {
			r.bad("packages: unknown class %s", v.Raw)
		}
	case "install":
		info.Install = r.install(name, v)
	case "dev":
		info.Dev = r.isTrue(name, v)
	case "optional":
		info.Optional = r.isTrue(name, v)
	case "os":
		info.OS = r.texts(name, v)
	case "cpu":
		info.CPU = r.texts(name, v)
	case "libc":
		info.Libc = r.texts(name, v)
	default:
		r.bad("packages: member %q is unknown to this version; use the nodeint that wrote this map", field)
	}
}

// isTrue reads a member that is true or absent, so that there is one way to write
// each meaning.
func (r *memberReader) isTrue(name string, v gjson.Result) bool {
	if v.Type != gjson.True {
		r.bad("%s is not true", name)
	}
	return v.Type == gjson.True
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

func (r *memberReader) gaps(v gjson.Result) []problem.Gap {
	if !v.IsArray() {
		r.bad("gaps is not an array")
	}
	var list []problem.Gap
	v.ForEach(func(_, e gjson.Result) bool {
		var g problem.Gap
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
				r.bad("gaps: member %q is unknown to this version; use the nodeint that wrote this map", field)
			}
		})
		list = append(list, g)
		return r.err == nil
	})
	return list
}
