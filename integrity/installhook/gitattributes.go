package installhook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// gitattributes is the file in which Git finds which driver merges a file.
const gitattributes = ".gitattributes"

// MergeDriver is the command line that Git runs to merge two maps. Git replaces the
// words with "%".
const MergeDriver = "nodeint merge-driver %O %A %B %P"

// mergeAttributes make Git merge a map with the driver, and never change its line ends:
// an expected digest is about bytes.
const mergeAttributes = "merge=nodeint -text"

// mergeLine returns the line of .gitattributes for the map. A name without a slash is
// that of the map in every directory.
func (h *Hook) mergeLine() (string, error) {
	if h.mapFile == "" {
		return "importmap.json " + mergeAttributes, nil
	}
	rel, err := filepath.Rel(h.Root, h.mapFile)
	if err != nil || !filepath.IsLocal(rel) {
		return "", problem.BadUsage("keep the map in the project", "the map %s is outside %s, where .gitattributes cannot name it", h.mapFile, h.Root)
	}
	rel = filepath.ToSlash(rel)
	if strings.ContainsFunc(rel, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"\*?[]!#`, r) }) {
		return "", problem.BadUsage("use a name without special characters", "cannot write %q into .gitattributes: it would be a pattern", rel)
	}
	return "/" + rel + " " + mergeAttributes, nil
}

// InstallMerge returns the changes after which Git merges the map with the driver named
// nodeint. It returns none if Git does so already.
func (h *Hook) InstallMerge() ([]Change, error) {
	line, old, err := h.readAttributes()
	if err != nil || slices.ContainsFunc(attributeLines(old), func(l string) bool { return setsDriver(l, line) }) {
		return nil, err
	}
	text, nl := string(old), lineEnd(old)
	switch {
	case text == "" || strings.HasSuffix(text, "\n"):
		text += line + nl
	default: // a last line without a line end stays without one
		text += nl + line
	}
	return h.change(gitattributes, old, []byte(text)), nil
}

// removeMerge returns the changes after which Git merges the map like any text.
func (h *Hook) removeMerge() ([]Change, error) {
	line, old, err := h.readAttributes()
	if err != nil {
		return nil, err
	}
	lines := attributeLines(old)
	at := slices.IndexFunc(lines, func(l string) bool { return setsDriver(l, line) })
	if at < 0 {
		return nil, nil
	}
	if strings.TrimSpace(lines[at]) != line {
		path := h.path(gitattributes)
		return nil, problem.BadConfig(path, "remove merge=nodeint from that line in an editor", "%s: the line of the map was edited: %s", path, strings.TrimSpace(lines[at]))
	}
	ended := strings.HasSuffix(lines[at], "\n")
	text := strings.Join(slices.Delete(lines, at, at+1), "")
	if !ended {
		text = strings.TrimSuffix(text, lineEnd(old))
	}
	if text == "" {
		return h.change(gitattributes, old, nil), nil
	}
	return h.change(gitattributes, old, []byte(text)), nil
}

// MergeState returns whether .gitattributes names the merge driver.
func (h *Hook) MergeState() (State, error) {
	line, old, err := h.readAttributes()
	s := State{File: gitattributes}
	if err != nil {
		return s, err
	}
	lines := attributeLines(old)
	if at := slices.IndexFunc(lines, func(l string) bool { return setsDriver(l, line) }); at >= 0 {
		s.Command, s.Installed = strings.TrimSpace(lines[at]), true
	}
	return s, nil
}

// readAttributes returns the line for the map, and the text of .gitattributes.
func (h *Hook) readAttributes() (line string, text []byte, err error) {
	if line, err = h.mergeLine(); err != nil {
		return "", nil, err
	}
	text, err = read(h.path(gitattributes))
	return line, text, err
}

func attributeLines(text []byte) []string { return strings.SplitAfter(string(text), "\n") }

// setsDriver reports whether a line of .gitattributes names the driver for the pattern
// of wanted.
func setsDriver(line, wanted string) bool {
	words, want := strings.Fields(line), strings.Fields(wanted)
	return len(words) > 0 && words[0] == want[0] && slices.Contains(words[1:], want[1])
}

// lineEnd returns the line end of a text.
func lineEnd(text []byte) string {
	if first, _, _ := strings.Cut(string(text), "\n"); strings.HasSuffix(first, "\r") {
		return "\r\n"
	}
	return "\n"
}
