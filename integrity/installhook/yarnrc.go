package installhook

import (
	"errors"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/project"
)

var errNotBlockList = errors.New("plugins is not a list with one item per line")

// addPlugin returns the text of .yarnrc.yml, nil if there is none, with a plugin
// added to the list plugins. It changes nothing else, and [removePlugin]
// restores the text. It returns an error if it cannot add a line to the list.
func addPlugin(rc []byte, file string) ([]byte, error) {
	if listsPlugin(rc, file) {
		return rc, nil
	}
	before, err := plugins(rc)
	if err != nil {
		return nil, err
	}
	text := addItem(string(rc), file, rc == nil)
	after, err := plugins([]byte(text))
	// addItem goes by the look of the lines. The YAML parser decides.
	if err != nil || !slices.Equal(after, append(before, file)) {
		return nil, errNotBlockList
	}
	if back, err := removePlugin([]byte(text), file); err != nil || string(back) != string(rc) || (back == nil) != (rc == nil) {
		return nil, errors.New("a line added to plugins could not be removed again")
	}
	return []byte(text), nil
}

// addItem returns the text with the file as the last item of the list plugins.
// If there is no list, it adds one at the end of the text.
func addItem(text, file string, absent bool) string {
	lines := strings.SplitAfter(text, "\n")
	nl := "\n"
	if strings.HasSuffix(lines[0], "\r\n") {
		nl = "\r\n"
	}
	list := slices.IndexFunc(lines, isList)
	if list < 0 {
		added := "plugins:" + nl + "  - " + file
		// A last line without a line ending stays without one.
		switch {
		case text == "" && !absent:
			return added
		case text == "" || strings.HasSuffix(text, "\n"):
			return text + added + nl
		}
		return text + nl + added
	}
	last := list
	indent := "  "
	for i, line := range lines[list+1:] {
		item := strings.TrimLeft(line, " ")
		if strings.HasPrefix(item, "- ") && last == list {
			indent = line[:len(line)-len(item)]
		}
		if isBlank(line) {
			continue
		}
		if len(item) == len(line) && !strings.HasPrefix(item, "- ") {
			break
		}
		last = list + 1 + i
	}
	if end := lines[last]; !strings.HasSuffix(end, "\n") {
		return text + nl + indent + "- " + file
	}
	return strings.Join(slices.Insert(lines, last+1, indent+"- "+file+nl), "")
}

// removePlugin returns the text of .yarnrc.yml without what [addPlugin] added. It
// returns nil if addPlugin created the file and nothing else is in it.
func removePlugin(rc []byte, file string) ([]byte, error) {
	if !listsPlugin(rc, file) {
		return rc, nil
	}
	before, err := plugins(rc)
	if err != nil {
		return nil, err
	}
	text, ended := dropItem(string(rc), file)
	after, err := plugins([]byte(text))
	if i := slices.Index(before, file); err != nil || i < 0 || !slices.Equal(after, slices.Delete(before, i, i+1)) {
		return nil, errNotBlockList
	}
	if text == "" && ended {
		return nil, nil
	}
	return []byte(text), nil
}

// dropItem undoes addItem. ended reports whether the line of the item had a line
// ending.
func dropItem(text, file string) (rest string, ended bool) {
	lines := strings.SplitAfter(text, "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return isItem(line, file) })
	next := slices.IndexFunc(lines[at+1:], func(line string) bool { return !isBlank(line) })
	from := at
	if isList(lines[at-1]) && (next < 0 || !isItem(lines[at+1+next], "")) {
		from-- // the only item: remove the list too
	}
	ended = strings.HasSuffix(lines[at], "\n")
	crlf := strings.HasSuffix(lines[0], "\r\n")
	rest = strings.Join(slices.Delete(lines, from, at+1), "")
	if !ended {
		rest = strings.TrimSuffix(rest, "\n")
	}
	if !ended && crlf {
		rest = strings.TrimSuffix(rest, "\r")
	}
	return rest, ended
}

// listsPlugin reports whether the file is an item of a list.
func listsPlugin(rc []byte, file string) bool {
	lines := strings.SplitAfter(string(rc), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return isItem(line, file) })
	return at > 0
}

// isList reports whether the line starts the list plugins.
func isList(line string) bool { return strings.TrimRight(line, " \r\n") == "plugins:" }

// isBlank reports whether the line is empty or a comment.
func isBlank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// isItem reports whether the line is an item of a list with the value, or with
// any value if value is "".
func isItem(line, value string) bool {
	item, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "- ")
	return ok && (value == "" || strings.TrimSpace(item) == value)
}

// plugins returns the items of the list plugins, as YAML reads them: "" for an
// item that is not a string.
func plugins(rc []byte) ([]string, error) { return project.YAMLList(rc, "plugins") }
