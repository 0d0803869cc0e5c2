package mapfile

import (
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// absoluteTarget is what a map records for a link to an absolute path outside
// the root. The path itself would hold for one machine only.
const absoluteTarget = "/"

// LinkTarget returns what a map records for the symbolic link at path: the key
// of its target. For a target outside the root it is the text of the link if
// that is relative, and "/" if it is absolute.
func LinkTarget(t *tree.Tree, link string) (string, error) {
	target, inside, err := t.Readlink(link)
	if err != nil {
		return "", err
	}
	raw, err := t.LinkText(link)
	switch {
	case err != nil:
		return "", err
	case !filepath.IsAbs(raw) && filepath.Clean(raw) != strings.TrimSuffix(raw, string(filepath.Separator)):
		// If a is a link, a/../b is not b. Only the text says where it leads.
		return filepath.ToSlash(raw), nil
	case inside:
		return KeyOf(target), nil
	case filepath.IsAbs(target):
		return absoluteTarget, nil
	}
	return filepath.ToSlash(target), nil
}
