package mapmerge

import (
	"os"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// MergeFiles merges three maps in files, and checks each of them and the result. Git
// passes an empty file if there is no base. Errors call the map name.
func MergeFiles(base, ours, theirs, name string) (*Result, error) {
	was := &importmap.Document{}
	if info, err := os.Stat(base); err != nil || info.Size() > 0 {
		if was, err = readSide(base, name+" (base)"); err != nil {
			return nil, err
		}
	}
	left, err := readSide(ours, name+" (ours)")
	if err != nil {
		return nil, err
	}
	right, err := readSide(theirs, name+" (theirs)")
	if err != nil {
		return nil, err
	}
	result, err := Merge(was, left, right)
	if err != nil {
		return nil, problem.NotChecked(ours, "", "merging: %w", err)
	}
	for _, doc := range []*importmap.Document{result.Ours, result.Theirs} {
		if _, err := mapfile.Parse(name, doc); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// readSide reads a map that is merged. Its digest has to be right.
func readSide(file, name string) (*importmap.Document, error) {
	text, err := mapfile.ReadText(file)
	if err != nil {
		return nil, err
	}
	doc, _, err := mapfile.Read(name, text)
	return doc, err
}
