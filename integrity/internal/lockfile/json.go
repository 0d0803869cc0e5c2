package lockfile

import "github.com/tidwall/gjson"

// The functions of this file read a text that json has accepted, so gjson and the
// package managers understand it alike.

// place returns the position of a value.
func (r *reader) place(v gjson.Result) pos { return r.at(v.Index) }

// members calls visit for each member of v, which must be an object.
func (r *reader) members(what string, v gjson.Result, visit func(k, v gjson.Result)) {
	if !v.IsObject() {
		r.bad(r.place(v), "%s is not an object", what)
		return
	}
	v.ForEach(func(k, v gjson.Result) bool {
		visit(k, v)
		return r.err == nil
	})
}

// str returns a string, or "" if it is absent.
func (r *reader) str(what string, v gjson.Result) string {
	if v.Exists() && v.Type != gjson.String {
		r.bad(r.place(v), "%s is not a string", what)
	}
	return v.Str
}

// flag returns a boolean, or false if it is absent.
func (r *reader) flag(what string, v gjson.Result) bool {
	if v.Exists() && !v.IsBool() {
		r.bad(r.place(v), "%s is neither true nor false", what)
	}
	return v.Type == gjson.True
}

// list returns a list of strings. The value may also be one string, or absent. npm
// writes true for bundleDependencies if it bundles all; list then returns nil.
func (r *reader) list(what string, v gjson.Result) []string {
	switch {
	case !v.Exists() || v.IsBool():
		return nil
	case v.Type == gjson.String:
		return r.texts(r.place(v), what, []string{v.Str})
	case !v.IsArray():
		r.bad(r.place(v), "%s is not a list", what)
		return nil
	}
	var texts []string
	v.ForEach(func(_, e gjson.Result) bool {
		texts = append(texts, r.str("element of "+what, e))
		return r.err == nil && len(texts) <= maxNames
	})
	return r.texts(r.place(v), what, texts)
}

// texts checks a list of strings against the limits, and returns it.
func (r *reader) texts(at pos, what string, texts []string) []string {
	if len(texts) > maxNames {
		r.bad(at, "%s has more than %d elements", what, maxNames)
	}
	for _, s := range texts {
		if fault := textFault(s); fault != "" {
			r.bad(at, "%s: %s %s", what, quote(s), fault)
		}
	}
	return texts
}
