package integrity

import (
	"cmp"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/mapmerge"
	"github.com/nodeint/nodeint/integrity/problem"
)

// MergeOptions are the files of a three-way merge, as absolute paths. Merge writes
// Ours.
type MergeOptions struct {
	Base, Ours, Theirs string
	Name               string // of the map in errors and messages; "" is the path of Ours
}

// A Merged is the result of Merge.
type Merged struct {
	Digest    string   // the tree digest; "" if there are conflicts
	Conflicts []string // what both sides have changed differently, such as integrity["./app.js"]
}

// Merge merges Theirs into Ours entry by entry, without reading the files that the
// maps pin. If there are conflicts, Ours then has conflict markers around them. If one
// of the maps cannot be trusted, Ours has conflict markers around all that differs,
// and Merge returns an error: a merged map has a right digest, whatever the maps had.
func Merge(opt MergeOptions) (*Merged, error) {
	opt.Name = cmp.Or(opt.Name, opt.Ours)
	result, err := mapmerge.MergeFiles(opt.Base, opt.Ours, opt.Theirs, opt.Name)
	if err != nil {
		return nil, cmp.Or(markAll(opt), err)
	}
	text, err := result.Text(mergeLabels)
	if err != nil {
		return nil, problem.NotChecked(opt.Ours, "", "merging: %w", err)
	}
	if err := atomic.Write(opt.Ours, text); err != nil {
		return nil, atomic.Problem(opt.Ours, "the merged map", err)
	}
	m := &Merged{Conflicts: result.Conflicts}
	if len(m.Conflicts) == 0 {
		m.Digest = mapfile.DigestOf(result.Ours)
	}
	return m, nil
}

// mergeLabels are those that Git's own merge writes for the two sides of a rebase too.
var mergeLabels = mapmerge.Labels{Ours: "ours", Theirs: "theirs"}

// markAll writes conflict markers around everything in which two maps differ that
// could not be merged. It returns an error only if it could not.
func markAll(opt MergeOptions) error {
	ours, err := mapfile.ReadText(opt.Ours)
	if err != nil {
		return err
	}
	theirs, err := mapfile.ReadText(opt.Theirs)
	if err != nil {
		return err
	}
	text, err := mapmerge.Marked(mapfile.Bytes(ours), mapfile.Bytes(theirs), mergeLabels)
	if err != nil {
		return problem.NotChecked(opt.Ours, "", "merging: %w", err)
	}
	if err := atomic.Write(opt.Ours, text); err != nil {
		return atomic.Problem(filepath.Clean(opt.Ours), "the merged map", err)
	}
	return nil
}
