package mapmerge

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// An object is a JSON object in its order. The values are JSON texts.
type object struct {
	names  []string
	values map[string][]byte
}

// objectOf returns the object of a text, or nil if the text is not that of one.
func objectOf(text []byte) *object {
	v := gjson.ParseBytes(text)
	if text == nil || !v.IsObject() {
		return nil
	}
	o := &object{}
	v.ForEach(func(k, v gjson.Result) bool {
		o.set(k.Str, []byte(v.Raw))
		return true
	})
	return o
}

// value returns a value of an object that may be nil.
func (o *object) value(name string) []byte {
	if o == nil {
		return nil
	}
	return o.values[name]
}

// set adds a member, unless the value is nil.
func (o *object) set(name string, value []byte) {
	if value == nil {
		return
	}
	if o.values == nil {
		o.values = make(map[string][]byte)
	}
	o.names = append(o.names, name)
	o.values[name] = value
}

// text returns the JSON text of the object.
func (o *object) text() []byte {
	b := []byte{'{'}
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := jsontext.Marshal(name)
		if err != nil {
			panic(err) // not reached: it is a string
		}
		b = append(append(append(b, key...), ':'), o.values[name]...)
	}
	return append(b, '}')
}

// anyDepth is a depth that no map has.
const anyDepth = 1 << 10

// object merges objects entry by entry, down to a number of levels. A value that is not
// an object on all sides is merged as a whole.
func (m *merger) object(p path, depth int, base, ours, theirs []byte) (a, b []byte) {
	if winner, ok := unchanged(base, ours, theirs); ok {
		return winner, winner
	}
	was, left, right := objectOf(base), objectOf(ours), objectOf(theirs)
	wrong := func(o *object, text []byte) bool { return o == nil && text != nil }
	if depth == 0 || wrong(was, base) || wrong(left, ours) || wrong(right, theirs) {
		return m.value(p, base, ours, theirs)
	}
	if left == nil {
		left = &object{} // an empty member is left out
	}
	if right == nil {
		right = &object{}
	}
	x, y := &object{}, &object{}
	for _, name := range mergeOrder(left.names, right.names) {
		l, r := m.object(p.to(name), depth-1, was.value(name), left.values[name], right.values[name])
		x.set(name, l)
		y.set(name, r)
	}
	return textUnlessEmpty(x, ours, theirs), textUnlessEmpty(y, ours, theirs)
}

// textUnlessEmpty returns the text of a merged object: nil if it is empty and one side
// has none.
func textUnlessEmpty(o *object, ours, theirs []byte) []byte {
	if len(o.names) == 0 && (ours == nil || theirs == nil) {
		return nil
	}
	return o.text()
}

// same reports whether two values are equal, except for white space.
func same(a, b []byte) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return bytes.Equal(a, b) || bytes.Equal(compact(a), compact(b))
}

func compact(text []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text // metadata, which is not JSON
	}
	return b.Bytes()
}

// mergeOrder returns all names of two lists without duplicates: those of the first list
// in its order, and each other name after the one that it follows in the second.
func mergeOrder(first, second []string) []string {
	at := make(map[string]bool, len(first))
	for _, name := range first {
		at[name] = true
	}
	after := make(map[string][]string) // by the name that they follow; "" is the beginning
	last, begun := "", false
	var start []string
	for _, name := range second {
		switch {
		case at[name]:
			last, begun = name, true
		case begun:
			after[last] = append(after[last], name)
		default:
			start = append(start, name)
		}
	}
	all := slices.Clone(start)
	for _, name := range first {
		all = append(append(all, name), after[name]...)
	}
	return all
}
