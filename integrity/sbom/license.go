package sbom

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

// Limits of a license in a package.json. The longest expression of a real package has some
// 200 bytes.
const (
	maxExpression = 512 // bytes
	maxNesting    = 16  // parentheses
	maxName       = 200 // characters
	maxLicenses   = 20  // elements of a list
)

// A License is what a package.json declares. At most one member is set.
type License struct {
	Expression string   // an SPDX expression with listed identifiers
	Names      []string // what is no such expression; alternatives
}

// isID reports whether the expression is one identifier.
func (l License) isID() bool {
	return l.Expression != "" && !strings.ContainsAny(l.Expression, " +(")
}

// licenseOf returns the license of the text of a package.json. It is empty if the text has
// none, or is not a JSON object.
func licenseOf(manifest []byte) License {
	var members map[string]json.RawMessage
	if json.Unmarshal(manifest, &members) != nil {
		return License{}
	}
	var declared []string
	for _, name := range []string{"license", "licence", "licenses"} {
		if declared = licenseTexts(members[name]); len(declared) > 0 {
			break
		}
	}
	var expressions, names []string
	for _, text := range declared {
		e, ok := expression(text)
		if ok {
			expressions = append(expressions, e)
			names = append(names, e)
		} else if name := clean(text, maxName); name != "" {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 0:
		return License{}
	case len(expressions) < len(names):
		return License{Names: names}
	}
	return License{Expression: anyOf(expressions)}
}

// anyOf returns the expression for alternatives.
func anyOf(expressions []string) string {
	list := slices.Clone(expressions)
	for i, e := range list {
		if len(list) > 1 && strings.Contains(e, " ") {
			list[i] = "(" + e + ")"
		}
	}
	return strings.Join(list, " OR ")
}

// licenseTexts returns the licenses of a member of package.json: a string, an object with
// the member type or name, or a list of these.
func licenseTexts(raw json.RawMessage) []string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	var texts []string
	for _, e := range list[:min(len(list), maxLicenses)] {
		text := ""
		switch e := e.(type) {
		case string:
			text = e
		case map[string]any:
			for _, member := range []string{"type", "name"} {
				if s, ok := e[member].(string); ok && text == "" {
					text = s
				}
			}
		}
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// expression returns an SPDX expression in its canonical form: one space between words,
// identifiers with the case of the list. ok is false if text is no expression, or has an
// identifier that is not listed.
//
//	expression = term *( ("AND" / "OR") term )
//	term       = "(" expression ")" / id ["+"] [ "WITH" exception ]
func expression(text string) (canonical string, ok bool) {
	if len(text) > maxExpression {
		return "", false
	}
	p := &expressionParser{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))}
	if !p.expression(0) || len(p.words) > 0 {
		return "", false
	}
	return strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(p.out, " ")), true
}

type expressionParser struct {
	words []string // the rest
	out   []string
}

func (p *expressionParser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *expressionParser) next(as string) bool {
	p.out, p.words = append(p.out, as), p.words[1:]
	return true
}

func (p *expressionParser) expression(depth int) bool {
	for {
		if !p.term(depth) {
			return false
		}
		if w := p.peek(); w != "AND" && w != "OR" {
			return true
		}
		p.next(p.peek())
	}
}

func (p *expressionParser) term(depth int) bool {
	if p.peek() == "(" {
		return depth < maxNesting && p.next("(") && p.expression(depth+1) && p.peek() == ")" && p.next(")")
	}
	id, later := strings.CutSuffix(p.peek(), "+")
	name, ok := listedLicense(id)
	if !ok && later { // a deprecated identifier such as GPL-2.0+
		name, ok = listedLicense(id + "+")
		later = false
	}
	if !ok {
		return false
	}
	if later {
		name += "+"
	}
	p.next(name)
	if p.peek() != "WITH" {
		return true
	}
	p.next("WITH")
	listed, exception := spdxlicenses.IsException(p.peek())
	return listed && p.next(exception)
}

// listedLicense returns an identifier of the SPDX license list with the case of the list.
func listedLicense(id string) (name string, ok bool) {
	if ok, name := spdxlicenses.IsActiveLicense(id); ok {
		return name, true
	}
	ok, name = spdxlicenses.IsDeprecatedLicense(id)
	return name, ok
}

// maxText is the limit of a name or a version in a package.json, in characters.
const maxText = 300

// nameOf returns the name and the version in the text of a package.json, each if it is a
// string.
func nameOf(manifest []byte) (name, version string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(manifest, &members) != nil {
		return "", ""
	}
	_ = json.Unmarshal(members["name"], &name) // of another type: no name
	_ = json.Unmarshal(members["version"], &version)
	return name, version
}
