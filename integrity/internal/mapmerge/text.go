package mapmerge

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Labels name the two sides in conflict markers.
type Labels struct{ Ours, Theirs string }

// Text returns the text of a merged map. Where the two sides differ, it has conflict
// markers, as Git writes them: each side of them is a whole map with the right digest.
func (r *Result) Text(labels Labels) ([]byte, error) {
	if len(r.Conflicts) == 0 {
		return r.Ours.Format(), nil
	}
	return Marked(r.Ours.Format(), r.Theirs.Format(), labels)
}

// Marked returns two texts as one with conflict markers around the lines in which they
// differ.
func Marked(ours, theirs []byte, labels Labels) ([]byte, error) {
	if bytes.Equal(ours, theirs) {
		return ours, nil
	}
	ours, theirs = endLine(ours), endLine(theirs)
	w := &markedText{labels: labels, ours: lines(ours)}
	for _, line := range lines(diff.Diff("ours", ours, "theirs", theirs)) {
		if err := w.diffLine(line); err != nil {
			return nil, err
		}
	}
	w.same(len(w.ours))
	return w.out.Bytes(), nil
}

// endLine adds a line feed to a last line that has none.
func endLine(text []byte) []byte {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		return append(bytes.Clone(text), '\n')
	}
	return text
}

func lines(text []byte) []string {
	list := strings.SplitAfter(string(text), "\n")
	return list[:len(list)-1]
}

// A markedText writes the text with conflict markers from a unified diff.
type markedText struct {
	out         bytes.Buffer
	labels      Labels
	ours        []string // lines
	next        int      // of the first line of ours that is not written
	minus, plus []string // the lines of the conflict so far
	inHunk      bool
}

func (w *markedText) diffLine(line string) error {
	switch {
	case strings.HasPrefix(line, "@@ "):
		w.endConflict()
		var at int
		if _, err := fmt.Sscanf(line, "@@ -%d,", &at); err != nil {
			return fmt.Errorf("reading the hunk %q: %w", line, err)
		}
		w.inHunk = true
		w.same(max(at-1, w.next))
	case !w.inHunk: // the names of the files
	case line[0] == '-':
		w.minus = append(w.minus, line[1:])
	case line[0] == '+':
		w.plus = append(w.plus, line[1:])
	default:
		w.endConflict()
		w.same(w.next + 1)
	}
	return nil
}

// same ends a conflict and writes the lines of ours up to the line end.
func (w *markedText) same(end int) {
	w.endConflict()
	for ; w.next < end; w.next++ {
		w.out.WriteString(w.ours[w.next])
	}
}

func (w *markedText) endConflict() {
	if len(w.minus) == 0 && len(w.plus) == 0 {
		return
	}
	fmt.Fprintf(&w.out, "<<<<<<< %s\n%s=======\n%s>>>>>>> %s\n", w.labels.Ours, strings.Join(w.minus, ""), strings.Join(w.plus, ""), w.labels.Theirs)
	w.next += len(w.minus)
	w.minus, w.plus = nil, nil
}
