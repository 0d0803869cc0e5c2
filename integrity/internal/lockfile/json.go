package lockfile

import "github.com/tidwall/gjson"

// The functions of this file read a text that json has let pass, so that gjson
// cannot see another text than the package managers do.

// place is where a value lies in the text.
func (r *reader) place(v gjson.Result) pos { return r.at(v.Index) }

// members calls visit for each member of an object that has to be one.
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

// str gives a string that may be absent.
func (r *reader) str(what string, v gjson.Result) string {
	if v.Exists() && v.Type != gjson.String {
		r.bad(r.place(v), "%s is not a string", what)
	}
	return v.Str
}

// flag gives a boolean that may be absent.
func (r *reader) flag(what string, v gjson.Result) bool {
	if v.Exists() && !v.IsBool() {
		r.bad(r.place(v), "%s is neither true nor false", what)
	}
	return v.Type == gjson.True
}

// list gives a string or a list of strings; it may be absent. npm writes true for
// all names of bundleDependencies, which is no list of them.
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
		texts = append(texts, r.str("part of "+what, e))
		return r.err == nil && len(texts) <= maxNames
	})
	return r.texts(r.place(v), what, texts)
}

// texts holds a list of texts to the bounds.
func (r *reader) texts(at pos, what string, texts []string) []string {
	if len(texts) > maxNames {
		r.bad(at, "%s has more than %d parts", what, maxNames)
	}
	for _, s := range texts {
		if fault := textFault(s); fault != "" {
			r.bad(at, "%s: %s %s", what, quote(s), fault)
		}
	}
	return texts
}
