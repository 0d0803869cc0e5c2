package lockfile

import (
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// yarn parses a yarn.lock of either kind. Like yarn, it tells them apart by the
// comment.
func (r *reader) yarn() {
	if strings.Contains(head(r.text, 512), "\n# yarn lockfile v1") || strings.HasPrefix(r.text, "# yarn lockfile v1") {
		r.classic()
		return
	}
	r.berry()
}

// maxFields is the most fields of an entry: yarn 1 writes at most 8.
const maxFields = 64

func head(s string, n int) string { return s[:min(len(s), n)] }

// A classicEntry is one entry of yarn 1's lockfile.
type classicEntry struct {
	at       pos
	patterns []string
	fields   map[string]string
	fieldAt  map[string]pos
	section  string // the section that the current line is in
	needs    []need
}

// classic parses yarn 1's lockfile, line by line.
func (r *reader) classic() {
	r.lock.Manager, r.lock.Version = manager.YarnClassic, "1"
	r.lock.descriptors = make(map[string]int)
	var entry classicEntry
	seen := make(map[string]int)
	n, section := 0, false
	for line := range strings.SplitSeq(r.text, "\n") {
		n++
		line = strings.TrimSuffix(line, "\r")
		text := strings.TrimLeft(line, " ")
		indent := len(line) - len(text)
		at := pos{n, indent + 1}
		switch {
		case text == "" || text[0] == '#':
		case indent == 0:
			r.classicPackages(entry)
			entry = r.classicKeys(at, text, seen)
			section = false
		case entry.patterns == nil:
			r.bad(at, "an indented line before the first package")
		case indent == 2:
			section = r.classicField(at, text, &entry)
		case indent != 4 || !section:
			r.bad(at, "indented by %d spaces instead of 2 or 4", indent)
		default:
			r.classicPair(at, text, &entry)
		}
		if r.err != nil {
			return
		}
	}
	r.classicPackages(entry)
	r.lock.parsed = len(r.lock.Packages)
	r.classicEdges()
}

// classicKeys parses the first line of an entry: its patterns.
func (r *reader) classicKeys(at pos, text string, seen map[string]int) classicEntry {
	e := classicEntry{at: at, fields: map[string]string{}, fieldAt: map[string]pos{}}
	for {
		pattern, rest, ok := r.classicString(at, text, ",:")
		if !ok {
			return e
		}
		if line, twice := seen[pattern]; twice {
			r.bad(at, "%s is also on line %d", quote(pattern), line)
		}
		if seen[pattern] = at.line; len(seen) > 4*maxPackages {
			r.bad(at, "more than %d patterns", 4*maxPackages)
			return e
		}
		e.patterns = append(e.patterns, pattern)
		if rest == ":" || r.err != nil {
			return e
		}
		more, found := strings.CutPrefix(rest, ", ")
		if !found {
			r.bad(at, `%s instead of ", " or ":"`, quote(rest))
			return e
		}
		text = more
	}
}

// classicField parses one field of an entry. section means that a section follows.
func (r *reader) classicField(at pos, text string, e *classicEntry) (section bool) {
	name, rest, ok := r.classicString(at, text, ":")
	if !ok {
		return false
	}
	if before, twice := e.fieldAt[name]; twice {
		r.bad(at, "%s is also on line %d", quote(name), before.line)
	}
	if e.fieldAt[name] = at; len(e.fieldAt) > maxFields {
		r.bad(at, "a package has more than %d fields", maxFields)
		return false
	}
	if rest == ":" {
		e.section = name
		return true
	}
	e.fields[name] = r.classicValue(at, name, rest)
	return false
}

// classicPair parses one dependency. It drops the pairs of other sections.
func (r *reader) classicPair(at pos, text string, e *classicEntry) {
	name, rest, ok := r.classicString(at, text, "")
	if !ok {
		return
	}
	n := need{name: name, ref: r.classicValue(at, name, rest)}
	switch e.section {
	case "dependencies":
		e.needs = append(e.needs, n)
	case "optionalDependencies":
		n.kind = Optional
		e.needs = append(e.needs, n)
	}
}

func (r *reader) classicValue(at pos, name, rest string) string {
	text, found := strings.CutPrefix(rest, " ")
	if !found {
		r.bad(at, "%s has no value", quote(name))
		return ""
	}
	value, rest, _ := r.classicString(at, text, "")
	if rest != "" {
		r.bad(at, "%s after the value of %s", quote(rest), quote(name))
	}
	return value
}

// classicString parses a string, quoted as in JSON or plain, and returns the rest. A
// plain string ends at white space or at a character in ends.
func (r *reader) classicString(at pos, text, ends string) (s, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err == nil {
			s, err = strconv.Unquote(quoted)
		}
		if err != nil || strings.ContainsAny(quoted, "\\") && !r.escapes(quoted) {
			r.bad(at, "%s is not a string in double quotes", quote(text))
			return "", "", false
		}
		return s, text[len(quoted):], true
	}
	i := strings.IndexAny(text, " \t\""+ends)
	if i < 0 {
		i = len(text)
	}
	if i == 0 {
		r.bad(at, "%s instead of a string", quote(text))
		return "", "", false
	}
	return text[:i], text[i:], true
}

// escapes reports whether the escapes of a quoted string mean the same in JSON and Go.
func (r *reader) escapes(quoted string) bool {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++
		if !strings.Contains(`"\bfnrt`, quoted[i:i+1]) {
			return false
		}
	}
	return true
}

// classicPackages adds the packages of an entry: one for each name in its patterns.
func (r *reader) classicPackages(e classicEntry) {
	names := make(map[string]int)
	first := len(r.lock.Packages)
	for _, pattern := range e.patterns {
		alias, wanted, _ := split(pattern)
		if i, known := names[alias]; known || r.err != nil {
			r.lock.descriptors[pattern] = i
			continue
		}
		names[alias] = len(r.lock.Packages)
		r.lock.descriptors[pattern] = len(r.lock.Packages)
		p := Package{Key: pattern, Alias: r.name(e.at, alias), Name: alias, Version: e.fields["version"]}
		if real, ok := strings.CutPrefix(wanted, "npm:"); ok {
			p.Name, _, _ = split(real)
			r.name(e.at, p.Name)
		}
		r.classicKind(e, wanted, &p)
		r.add(e.at, p)
	}
	r.classicNeeds = append(r.classicNeeds, classicNeed{first, len(r.lock.Packages), e.needs})
}

func (r *reader) classicKind(e classicEntry, wanted string, p *Package) {
	p.Resolved = e.fields["resolved"]
	if text, ok := e.fields["integrity"]; ok {
		p.Integrity = r.digests(e.fieldAt["integrity"], text)
	}
	at := e.at
	file, isFile := strings.CutPrefix(p.Resolved, "file:")
	dir, isDirectory := strings.CutPrefix(wanted, "file:")
	link, isLink := strings.CutPrefix(wanted, "link:")
	switch {
	case isLink:
		p.Kind, p.Target, p.Version = Link, r.target(at, ".", link), ""
	case isFile:
		file, _, _ = strings.Cut(file, "#")
		p.Kind, p.Target = Tarball, r.target(at, ".", file)
	case p.Resolved == "" && isDirectory:
		p.Kind, p.Target = Directory, r.target(at, ".", dir)
	case p.Resolved == "":
		p.Kind = Registry
	case isGit(p.Resolved):
		p.Kind = Git
		return
	case ofRegistry(p.Resolved, p.Name, p.Version):
		p.Kind = Registry
	default:
		p.Kind = Tarball
	}
	p.Integrity = append(p.Integrity, r.fragment(at, p.Resolved)...)
}
