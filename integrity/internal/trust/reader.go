package trust

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// A reader reads a text that importmap.Check has let pass, and keeps the first thing
// that is not as it should be.
type reader struct {
	err error
}

func (r *reader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// members gives the members of an object, which are those that are named: all of them,
// but for those with a "?", and no other.
func (r *reader) members(place string, v gjson.Result, names ...string) map[string]gjson.Result {
	found := make(map[string]gjson.Result, len(names))
	if !v.IsObject() {
		r.bad("%s is not an object", orText(place))
		return found
	}
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[strings.TrimSuffix(name, "?")] = true
	}
	v.ForEach(func(k, v gjson.Result) bool {
		if !known[k.Str] {
			r.bad("%s has a member %.40q that nodeint does not know", orText(place), k.Str)
		}
		found[k.Str] = v
		return r.err == nil
	})
	for _, name := range names {
		if !strings.HasSuffix(name, "?") && !found[name].Exists() {
			r.bad("%s has no %s", orText(place), name)
		}
	}
	return found
}

func orText(place string) string {
	if place == "" {
		return "it"
	}
	return place
}

func (r *reader) text(name string, m map[string]gjson.Result) string {
	if v := m[name]; v.Type != gjson.String {
		r.bad("%s is not a string", name)
	}
	return m[name].Str
}

func (r *reader) base64(name string, m map[string]gjson.Result) []byte {
	text := r.text(name, m)
	b, err := decodeBase64(text)
	if err == nil && len(b) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		r.bad("%s is not canonical base64: %w", name, err)
	}
	return b
}

// list calls each for the elements of an array of least to most.
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
		r.bad("%s has %d elements, and should have %d", name, n, least)
	}
}
