package policyfile

import (
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// redirect adds what a level says of a specifier to a scope. It leaves out what is added
// already, and says once why it cannot be added.
func (c *converter) redirect(d dependency, scope string) {
	r, code, reason, weaker := c.convert(d)
	switch {
	case code != "":
		if at := [2]string{"\x00" + strconv.Itoa(d.pos)}; !c.emitted[at] {
			c.emitted[at] = true
			c.leave(d.member, code, reason, weaker)
		}
	case r != nil && !c.emitted[[2]string{scope, r.Specifier}]:
		c.emitted[[2]string{scope, r.Specifier}] = true
		r.Scope = scope
		c.result.Redirects = append(c.result.Redirects, *r)
	}
}

// convert returns the redirect of a specifier; nil if it means what it means without a
// policy. If no map can say it, code and reason say why.
func (c *converter) convert(d dependency) (r *Redirect, code, reason string, weaker bool) {
	imported, required := search(d.value, c.conditions[0]), search(d.value, c.conditions[1])
	target, same := c.targetOf(d.value)
	switch {
	case imported.Type == gjson.True && required.Type == gjson.True:
		return nil, "", "", false
	case !isTarget(imported) && !isTarget(required):
		return nil, Denied, "the policy forbids this name; a map does not", true
	case !same:
		return nil, Conditions, "import and require get different files, or only one of them may use the name", true
	}
	r = &Redirect{member: d.member}
	if code, reason, weaker = c.setTarget(r, d.key, target); code != "" {
		return nil, code, reason, weaker
	}
	if r.Builtin != "" && r.Builtin == "node:"+strings.TrimPrefix(d.key, "node:") {
		return nil, "", "", false
	}
	if code, reason, weaker = c.setSpecifier(r, d.key); code != "" {
		return nil, code, reason, weaker
	}
	return r, "", "", false
}

func isTarget(v gjson.Result) bool { return v.Type == gjson.True || v.Type == gjson.String }

// loadable are the extensions of files that run loads for a name of the map.
var loadable = map[string]bool{".js": true, ".cjs": true, ".mjs": true, ".json": true, ".node": true}

// setTarget sets what a redirect leads to.
func (c *converter) setTarget(r *Redirect, specifier, target string) (code, reason string, weaker bool) {
	if strings.HasPrefix(target, "node:") {
		r.Builtin = target
		return "", "", false
	}
	at := c.base.locate(target)
	switch {
	case isBuiltin(specifier):
		return Builtin, "run gives the program the builtin module", true
	case at.kind == aboveRoot:
		return Target, "the target is outside the root of the project", true
	case at.kind == otherURL:
		return Target, "the target is not a file", true
	case at.kind == notURL || at.path == "" || at.isDir || !utf8.ValidString(at.path):
		return Target, "the target is not the URL of a file", true
	case !loadable[path.Ext(at.path)]:
		return Target, "run follows redirects only to .js, .cjs, .mjs, .json and .node files", true
	}
	r.Path = at.path
	return "", "", false
}

// setSpecifier sets the specifier as an import map has it.
func (c *converter) setSpecifier(r *Redirect, specifier string) (code, reason string, weaker bool) {
	switch {
	case isBuiltin(specifier):
		return Builtin, "run gives the program the builtin module", true
	case specifier == "" || !utf8.ValidString(specifier):
		return Specifier, "no module can use this name", false
	case strings.HasSuffix(specifier, "/"):
		return Specifier, `in a map, a specifier with "/" at its end stands for all that begin with it`, true
	case !isRelative().MatchString(specifier) && !nodejs.HasScheme(specifier):
		if specifier == "." || specifier == ".." {
			return Specifier, "in a map, this names a directory", true
		}
		r.Specifier = specifier
		return "", "", false
	}
	at := c.base.locate(specifier)
	switch at.kind {
	case aboveRoot:
		return Specifier, "the path is outside the root of the project", false
	case inRoot:
		if at.path == "" {
			return Specifier, "in a map, this names a directory", true
		}
		r.Specifier = importmap.KeyOf(at.path)
		return "", "", false
	}
	return Specifier, "this is not the URL of a file", true
}

// quote returns a name for a message.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
