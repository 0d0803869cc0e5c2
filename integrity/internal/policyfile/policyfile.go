// Package policyfile reads policy files of Node.js, and finds what an import map can say
// of them.
//
// A policy file, also called a policy manifest, is what Node.js 11.8 to 21 enforces with
// --experimental-policy=FILE. This package follows lib/internal/policy/manifest.js of
// Node.js 20, the last version with long-term support that has it. Where the
// documentation of Node.js differs from that code, it says so.
//
// # The format
//
// A policy file is one JSON object. All members are optional:
//
//		{
//		  "onerror": "throw",
//		  "dependencies": true,
//		  "resources": {
//		    "./app.js": {
//		      "integrity": "sha384-…",
//		      "cascade": true,
//		      "dependencies": { "fs": true, "dep": "./patched.js", "os": null }
//		    }
//		  },
//		  "scopes": { "./lib/": { "integrity": true, "cascade": true, "dependencies": {} } }
//		}
//
//	  - onerror is throw (the default), exit or log. With log, Node.js only prints errors.
//	  - A key of resources is the URL of one file: absolute, or relative to the policy file
//	    if it begins with "/", "./" or "../".
//	  - A key of scopes is such a URL with "/" at its end, a scheme such as "file:", or "".
//	  - integrity of a resource is SRI metadata, or true for any content. With metadata of
//	    several digests, Node.js accepts a file that has one of them, of any algorithm.
//	  - integrity of a scope is true, for any content of files that are no resources. The
//	    documentation also has null, which that code rejects; here it means that it is absent.
//	  - dependencies is true (every name has its usual meaning) or an object: what each
//	    specifier means. Specifiers that are paths are relative to the policy file.
//	  - A specifier means its usual file (true), the file or the node: module of a URL, or
//	    nothing (null). An object has such values by condition. The first condition that
//	    holds decides. The documentation compares it with exports, but "default" is no
//	    condition that holds.
//	  - A specifier that is not listed means nothing. With cascade, the next scope decides:
//	    that of the directory, of the one above it and so on, then "file:", then "", then the
//	    outermost dependencies. The same holds for a resource without integrity.
//
// # What is taken over
//
// [Policy.Convert] returns digests, which are entries of integrity in an import map, and
// redirects, which are entries of imports and scopes. A map does not restrict which names
// a module may use: that is left out, and listed. Of each part that is left out, Weaker
// says whether the policy forbids something that the map does not.
//
// A redirect for a resource is in a scope of the file alone. One of a scope is in the scope
// of that directory, and those that hold for the root are in imports. For a module in an
// installed package, nodeint looks only in the scopes of that package. So each package that
// the policy names resources of gets the redirects of the scopes around it, too.
package policyfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
)

// A Policy is the content of a policy file.
type Policy struct {
	OnError   string // throw, exit or log
	name      string
	text      string
	lines     []int // the offset of each line; nil if it is not known yet
	onError   member
	resources []*level
	scopes    []*level
	outermost *level // what the outermost dependencies say
	unknown   []member
}

// A level is a resource or a scope, or the outermost dependencies.
type level struct {
	member
	cascade   bool
	anyBytes  bool    // integrity is true
	integrity *member // metadata, or nil
	anyName   bool    // dependencies is true
	names     []dependency
	unknown   []member
}

// A member is a member of the policy with the path that leads to it.
type member struct {
	key  string
	path []string
	pos  int // offset of its name
	text string
}

// A dependency is what a level says of a specifier.
type dependency struct {
	member
	value gjson.Result
}

// Read reads the text of a policy file. name is that of the file, for errors. It rejects
// what Node.js rejects, and text that readers of JSON understand in two ways: see
// [importmap.Read]. An error is one line, with the place.
func Read(name string, text []byte) (*Policy, error) {
	if err := importmap.Check(name, "policy", text); err != nil {
		return nil, err
	}
	p := &Policy{OnError: "throw", name: name, text: string(text), outermost: &level{member: member{path: []string{"dependencies"}}}}
	var err error
	each(gjson.Parse(p.text), nil, func(m member, v gjson.Result) {
		if err == nil {
			err = p.readMember(m, v)
		}
	})
	return p, err
}

func (p *Policy) readMember(m member, v gjson.Result) error {
	switch m.key {
	case "onerror":
		p.OnError, p.onError = v.Str, m
		if v.Type != gjson.String || v.Str != "throw" && v.Str != "exit" && v.Str != "log" {
			return p.fail(m, `must be "throw", "exit" or "log"`)
		}
		return nil
	case "dependencies":
		p.outermost.member = m
		return p.readDependencies(p.outermost, m, v)
	case "resources", "scopes":
		return p.readLevels(m, v)
	}
	p.unknown = append(p.unknown, m)
	return nil
}

func (p *Policy) readLevels(m member, v gjson.Result) (err error) {
	if v.Type == gjson.Null {
		return nil
	}
	if !v.IsObject() {
		return p.fail(m, "must be an object")
	}
	each(v, m.path, func(m member, v gjson.Result) {
		if err != nil {
			return
		}
		l := &level{member: m}
		if !v.IsObject() {
			err = p.fail(m, "must be an object")
			return
		}
		isScope := m.path[0] == "scopes"
		each(v, m.path, func(m member, v gjson.Result) {
			if err == nil {
				err = p.readField(l, isScope, m, v)
			}
		})
		if isScope {
			p.scopes = append(p.scopes, l)
		} else {
			p.resources = append(p.resources, l)
		}
	})
	return err
}

// readField reads one member of a resource or scope.
func (p *Policy) readField(l *level, isScope bool, m member, v gjson.Result) error {
	switch m.key {
	case "cascade":
		if !v.IsBool() {
			return p.fail(m, "must be a boolean")
		}
		l.cascade = v.Bool()
	case "integrity":
		switch {
		case v.Type == gjson.Null:
		case v.Type == gjson.True:
			l.anyBytes = true
		case v.Type == gjson.String && !isScope:
			m.text = v.Str
			l.integrity = &m
		case isScope:
			return p.fail(m, "must be true or null")
		default:
			return p.fail(m, "must be a string, true or null")
		}
	case "dependencies":
		return p.readDependencies(l, m, v)
	default:
		l.unknown = append(l.unknown, m)
	}
	return nil
}

func (p *Policy) readDependencies(l *level, m member, v gjson.Result) error {
	switch {
	case v.Type == gjson.Null:
	case v.Type == gjson.True:
		l.anyName = true
	case v.IsObject():
		each(v, m.path, func(m member, v gjson.Result) { l.names = append(l.names, dependency{m, v}) })
	default:
		return p.fail(m, "must be true, null or an object")
	}
	return nil
}

// each calls fn for each member of an object, whose path is given.
func each(object gjson.Result, path []string, fn func(m member, v gjson.Result)) {
	object.ForEach(func(k, v gjson.Result) bool {
		full := append(path[:len(path):len(path)], k.Str)
		fn(member{key: k.Str, path: full, pos: k.Index, text: v.Raw}, v)
		return true
	})
}

// fail returns an error about a member.
func (p *Policy) fail(m member, reason string) error {
	line, column := p.place(m.pos)
	return fmt.Errorf("%s:%d:%d: %s: %w", p.name, line, column, memberName(m.path), errors.New(reason))
}

// place returns the line and the column of an offset, both from 1.
func (p *Policy) place(pos int) (line, column int) {
	if p.lines == nil {
		p.lines = []int{0}
		for i := range len(p.text) {
			if p.text[i] == '\n' {
				p.lines = append(p.lines, i+1)
			}
		}
	}
	line, _ = slices.BinarySearch(p.lines, pos+1)
	return line, pos - p.lines[line-1] + 1
}

// memberName returns a path as JavaScript would write it.
func memberName(path []string) string { return (&importmap.Document{}).ErrorAt("", path...).Key }
