package mapdiff

import "github.com/nodeint/nodeint/integrity/internal/mapfile"

// ReadFile returns the text of the map at an absolute path.
func ReadFile(file string) ([]byte, error) {
	text, err := mapfile.ReadText(file)
	return []byte(text), err
}

// Entries returns the paths of a map's entries, relative to its root.
func Entries(in Input) ([]string, error) {
	s, err := read(in)
	if err != nil {
		return nil, err
	}
	return s.m.Entries, nil
}
