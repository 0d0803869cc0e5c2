package nametable

import (
	"cmp"
	"encoding/json"
	"runtime"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// unknownType is the type of a package.json that Node may read in another way, or that
// is not the pinned one.
const unknownType = "?"

// addManifests adds the type and main of each package.json. Its bytes are compared with
// the map again: verify has read them before.
func (b *builder) addManifests(root string, files []mapfile.Pinned) error {
	t, err := tree.Open(root)
	if err != nil {
		return err
	}
	defer t.Close()
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 64
	for len(files) > 0 {
		n := min(batch, len(files))
		part := files[:n]
		files = files[n:]
		group.Go(func() error {
			for _, f := range part {
				d := b.dirs[tree.Parent(f.Path)] // no two files have the same
				d.Type, d.Main = unknownType, ""
				data, err := t.ReadFile(f.Path, nodejs.MaxPackageJSON)
				if err != nil && !safefile.IsAbsent(err) {
					return err
				}
				if err == nil && f.Metadata.Match(hasher.Sum(f.Metadata.Algorithms(), data)) {
					d.Type, d.Main = readManifest(data)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// readManifest returns the type and the main of a package.json.
func readManifest(data []byte) (kind, main string) {
	m, ok := nodejs.ReadManifest(data)
	if !ok || m.BadType || !json.Valid(data) || !utf8.Valid(data) {
		return unknownType, ""
	}
	return cmp.Or(m.Type, "none"), m.Main
}
