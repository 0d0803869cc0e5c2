package mapfile

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The lines with which Git marks a conflict begin with seven of one character. No
// line of JSON does: outside strings these characters do not occur, and a string has
// no line end.
const (
	markOurs   = "<<<<<<<"
	markBase   = "|||||||" // of the styles diff3 and zdiff3
	markMiddle = "======="
	markTheirs = ">>>>>>>"
)

// isMark reports whether a line is a conflict marker: alone, or before a space and
// a label.
func isMark(line, mark string) bool {
	rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), mark)
	return ok && (rest == "" || rest[0] == ' ')
}

// HasConflict reports whether the text of a map has conflict markers of Git.
func HasConflict(text string) bool {
	for line := range strings.Lines(text) {
		if isMark(line, markOurs) {
			return true
		}
	}
	return false
}

// Sides returns the two texts between which a person has to choose. ok is false if the
// markers are not in order, or if one is missing.
func Sides(text string) (ours, theirs string, ok bool) {
	var a, b strings.Builder
	mark := ""
	for line := range strings.Lines(text) {
		next := ""
		for _, m := range []string{markOurs, markBase, markMiddle, markTheirs} {
			if isMark(line, m) {
				next = m
			}
		}
		switch {
		case next != "" && !followsMark(mark, next):
			return "", "", false
		case next == markTheirs:
			mark, ok = "", true
		case next != "":
			mark = next
		default:
			if mark == "" || mark == markOurs {
				a.WriteString(line)
			}
			if mark == "" || mark == markMiddle {
				b.WriteString(line)
			}
		}
	}
	return a.String(), b.String(), ok && mark == ""
}

// followsMark reports whether the next marker may follow the one before; "" is none.
func followsMark(before, next string) bool {
	switch next {
	case markOurs:
		return before == ""
	case markBase:
		return before == markOurs
	case markMiddle:
		return before == markOurs || before == markBase
	}
	return before == markMiddle
}

// ResolveConflict returns our side of a map with conflict markers, for [Map.Document].
// Its tree digest is right, so what it does not list as kept is generate's. It returns
// an error unless both sides are maps that differ alone in what generate makes: a person
// has to choose between other members.
func ResolveConflict(file, text string) (*importmap.Document, error) {
	name := filepath.Base(file)
	ours, theirs, ok := Sides(text)
	if !ok {
		return nil, conflictError(file, "%s: the conflict markers are not in order", name)
	}
	a, err := importmap.ReadString(name+" (ours)", ours)
	if err != nil {
		return nil, conflictError(file, "resolving the conflict: %w", err)
	}
	b, err := importmap.ReadString(name+" (theirs)", theirs)
	if err != nil {
		return nil, conflictError(file, "resolving the conflict: %w", err)
	}
	if names := keptDifferences(a, b); len(names) > 0 {
		return nil, conflictError(file, "%s: the two sides of the conflict differ in %s, which generate keeps", name, strings.Join(names, ", "))
	}
	sealed, err := Seal(a)
	if err != nil {
		return nil, conflictError(file, "resolving the conflict: %w", err)
	}
	return sealed, nil
}

func conflictError(file, format string, args ...any) error {
	return problem.NotTrusted(problem.MapConflict, file, "resolve the conflict in an editor, except in integrity and nodeint, then run nodeint generate", format, args...)
}

// keptDifferences returns the names of the members that generate keeps and in which
// two maps differ, quoted and in order.
func keptDifferences(a, b *importmap.Document) []string {
	was, is := keptMembers(a), keptMembers(b)
	names := slices.Collect(maps.Keys(was))
	names = append(names, slices.Collect(maps.Keys(is))...)
	names = slices.DeleteFunc(names, func(name string) bool { return was[name] == is[name] })
	slices.Sort(names)
	names = slices.Compact(names)
	for i, name := range names {
		names[i] = strconv.Quote(name)
	}
	return names
}

// keptMembers returns the formatted text of each member that generate keeps.
func keptMembers(doc *importmap.Document) map[string]string {
	texts := make(map[string]string)
	imports, scopes := keptNames(doc)
	members := append([]importmap.Member{{Name: "imports", Raw: imports}, {Name: "scopes", Raw: scopes}}, doc.Members...)
	for _, m := range members {
		if m.Raw != nil && m.Name != memberName {
			texts[m.Name] = string((&importmap.Document{Members: []importmap.Member{{Name: "x", Raw: m.Raw}}}).Format())
		}
	}
	return texts
}

// keptNames returns imports and scopes of a document without the names that generate has
// made.
func keptNames(doc *importmap.Document) (imports, scopes []byte) {
	raw, _ := doc.Member(memberName)
	m := &Map{}
	if _, err := readMember(raw, m); err != nil || m.Version < mapVersion {
		return doc.Imports, doc.Scopes
	}
	only := func(scope string, s *section) *section {
		kept := newSection()
		for _, name := range s.names {
			if m.Kept.has(scope, name) {
				kept.set(name, s.values[name])
			}
		}
		return kept
	}
	all, keptScopes := sectionOf(doc.Scopes), newSection()
	for _, scope := range all.names {
		if s := only(scope, sectionOf(all.values[scope])); len(s.names) > 0 {
			keptScopes.set(scope, orNil(s.text(), len(s.names)))
		}
	}
	keptImports := only(rootScope, sectionOf(doc.Imports))
	return orNil(keptImports.text(), len(keptImports.names)), orNil(keptScopes.text(), len(keptScopes.names))
}
