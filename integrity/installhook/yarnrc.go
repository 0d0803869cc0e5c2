package installhook

import (
	"errors"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/project"
)

// enter returns the text of .yarnrc.yml, nil for none, with a plugin added to
// its list. It changes nothing else, and [strike] gives back the text that was
// there. Lists that it cannot add a line to are an error.
func enter(rc []byte, file string) ([]byte, error) {
	if entered(rc, file) {
		return rc, nil
	}
	before, err := plugins(rc)
	if err != nil {
		return nil, err
	}
	text := addItem(string(rc), file, rc == nil)
	after, err := plugins([]byte(text))
	// The lines are taken for what they look like; what YAML makes of them decides.
	if err != nil || !slices.Equal(after, append(before, file)) {
		return nil, errors.New("its plugins are not a list of lines, each with a dash")
	}
	if back, err := strike([]byte(text), file); err != nil || string(back) != string(rc) || (back == nil) != (rc == nil) {
		return nil, errors.New("what would be added to its plugins could not be taken away again")
	}
	return []byte(text), nil
}

// addItem adds the file as the last item of the list plugins, or with that list
// at the end of the text.
func addItem(text, file string, absent bool) string {
	lines := strings.SplitAfter(text, "\n")
	nl := "\n"
	if strings.HasSuffix(lines[0], "\r\n") {
		nl = "\r\n"
	}
	list := slices.IndexFunc(lines, isList)
	if list < 0 {
		added := "plugins:" + nl + "  - " + file
		// The last line stays without an end, where it was.
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

// strike returns the text of .yarnrc.yml without what [enter] put in: nil where
// nothing is left of a file that enter made.
func strike(rc []byte, file string) ([]byte, error) {
	if !entered(rc, file) {
		return rc, nil
	}
	before, err := plugins(rc)
	if err != nil {
		return nil, err
	}
	text, ended := dropItem(string(rc), file)
	after, err := plugins([]byte(text))
	if i := slices.Index(before, file); err != nil || i < 0 || !slices.Equal(after, slices.Delete(before, i, i+1)) {
		return nil, errors.New("its plugins are not a list of lines, each with a dash")
	}
	if text == "" && ended {
		return nil, nil
	}
	return []byte(text), nil
}

// dropItem undoes addItem, and reports whether the item's line had an end.
func dropItem(text, file string) (left string, ended bool) {
	lines := strings.SplitAfter(text, "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return isItem(line, file) })
	next := slices.IndexFunc(lines[at+1:], func(line string) bool { return !isBlank(line) })
	from := at
	if isList(lines[at-1]) && (next < 0 || !isItem(lines[at+1+next], "")) {
		from-- // it was the only one
	}
	ended = strings.HasSuffix(lines[at], "\n")
	crlf := strings.HasSuffix(lines[0], "\r\n")
	left = strings.Join(slices.Delete(lines, from, at+1), "")
	if !ended {
		left = strings.TrimSuffix(left, "\n")
	}
	if !ended && crlf {
		left = strings.TrimSuffix(left, "\r")
	}
	return left, ended
}

// entered reports whether the file is in the list plugins.
func entered(rc []byte, file string) bool {
	lines := strings.SplitAfter(string(rc), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return isItem(line, file) })
	return at > 0
}

func isList(line string) bool { return strings.TrimRight(line, " \r\n") == "plugins:" }

func isBlank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// isItem reports whether the line is an item of a list: that one, or any for "".
func isItem(line, value string) bool {
	item, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "- ")
	return ok && (value == "" || strings.TrimSpace(item) == value)
}

// plugins reads the paths of the list plugins as YAML; "" for those that have
// none.
func plugins(rc []byte) ([]string, error) { return project.YAMLList(rc, "plugins") }
