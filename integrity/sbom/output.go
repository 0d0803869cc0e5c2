package sbom

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// WriteFile writes a document to the file at an absolute path, whole or not at all.
func WriteFile(file string, text []byte) error {
	if err := atomic.Write(file, text); err != nil {
		return atomic.Problem(file, "the document", err)
	}
	return nil
}

// checkOutputs rejects files of the program as the places of documents. It adds a note if
// verify would report a document as an unexpected file: Node can load JSON.
func (b *builder) checkOutputs() error {
	for _, file := range b.opt.Outputs {
		if err := b.checkOutput(file); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) checkOutput(file string) error {
	p, inside := b.tree.Rel(file)
	if !inside {
		return nil
	}
	if file == b.opt.Map {
		return problem.BadUsage("name another file", "the document would replace the map %s", b.opt.Map)
	}
	excluded, err := glob.New(b.m.Exclude)
	if err != nil {
		return problem.BadUsage("", "reading the configuration: %w", err)
	}
	beside := false
	for f := range b.m.Paths() {
		if f == p {
			return problem.BadUsage("name another file", "the document would replace %s, which the map pins", p)
		}
		isCode := mapfile.IsOwn(f) && nodejs.IsLoadable(f) && path.Ext(f) != ".json"
		beside = beside || isCode && isBelow(tree.Parent(p), tree.Parent(f))
	}
	if beside && mapfile.IsOwn(p) && nodejs.IsLoadable(p) && !excluded.Match(p, false) {
		b.note("verify reports " + p + " as unexpected, because Node can load it: write it elsewhere, or add it to nodeint.exclude in package.json and generate the map again")
	}
	return nil
}

// isBelow reports whether a directory is above, or below it.
func isBelow(dir, above string) bool {
	return above == "" || dir == above || strings.HasPrefix(dir, above+"/")
}
