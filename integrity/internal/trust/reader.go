package trust

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// A reader reads a text that importmap.Check accepted. It keeps the first error.
type reader struct {
	err error
}

// bad records an error.
func (r *reader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// members returns the members of an object. Every named member must exist, except those
// with a "?" at the end of the name, and no others.
func (r *reader) members(place string, v gjson.Result, names ...string) map[string]gjson.Result {
	found := make(map[string]gjson.Result, len(names))
	if !v.IsObject() {
		r.bad("%s is not an object", place)
		return found
	}
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[strings.TrimSuffix(name, "?")] = true
	}
	v.ForEach(func(k, v gjson.Result) bool {
		if !known[k.Str] {
			r.bad("%s has the unknown member %.40q", place, k.Str)
		}
		found[k.Str] = v
		return r.err == nil
	})
	for _, name := range names {
		if !strings.HasSuffix(name, "?") && !found[name].Exists() {
			r.bad("%s has no %s", place, name)
		}
	}
	return found
}

// text returns a member that must be a string.
func (r *reader) text(name string, m map[string]gjson.Result) string {
	if v := m[name]; v.Type != gjson.String {
		r.bad("%s is not a string", name)
	}
	return m[name].Str
}

// base64 returns the bytes of a member that must be canonical base64 and not empty.
func (r *reader) base64(name string, m map[string]gjson.Result) []byte {
	text := r.text(name, m)
	b, err := decodeBase64(text)
	if err == nil && len(b) == 0 {
		err = errors.New("empty")
	}
	if err != nil {
		r.bad("%s is not canonical base64: %w", name, err)
	}
	return b
}

// list calls each for the elements of a member that must be an array of least to most
// elements.
func (r *reader) list(name string, m map[string]gjson.Result, least, most int, each func(v gjson.Result)) {
	v := m[name]
	if !v.IsArray() {
		r.bad("%s is not an array", name)
		return
	}
	n := 0
	v.ForEach(func(_, v gjson.Result) bool {
		if n++; n > most {
			r.bad("%s has more than %d elements", name, most)
		}
		if r.err == nil {
			each(v)
		}
		return r.err == nil
	})
	if n < least {
		r.bad("%s has %d elements, want %d", name, n, least)
	}
}
