// Package pnparchive reads a project that uses Yarn's Plug'n'Play: its tables,
// and the zip archives in which its packages stay.
//
// A zip that the tables name is pinned as the file that it is. The files in it
// are pinned as well, each under the path that the program sees:
// .yarn/cache/ms.zip/node_modules/ms/index.js. No other file can have a file's
// path as its directory, so keys stay unambiguous, and a nodeint that does not
// know zips reports those keys as missing.
//
// For everything that follows, a zip is a directory ([tree.Tree.Mount]): for the
// resolution record, the search for shadowing files, the dependencies. verify
// does not search zips for shadowing files: a zip with the pinned digest contains
// the pinned files.
package pnparchive

import (
	"errors"
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// pnpError returns the error for a Plug'n'Play project that cannot be pinned.
func pnpError(t *tree.Tree, file, hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodePnP, t.Abs(file), hint, format, args...)
}

// zipError returns the error for a zip that cannot be read, or that readers of
// zips read differently.
func zipError(t *tree.Tree, zip string, err error) error {
	hint := "delete the zip file, then run yarn install"
	if errors.Is(err, errAmbiguous) {
		hint = "set dependenciesMeta.NAME.unplugged to true in package.json for this package, then run yarn install"
	}
	return problem.New(problem.Failed, problem.CodeZip, t.Abs(zip), hint, "%w", err)
}

// errAmbiguous is the cause of the error for a zip that readers of zips
// interpret differently.
var errAmbiguous = errors.New("which zip readers interpret in different ways")

// ReadTables reads the tables of Plug'n'Play; nil if the project does not use
// it. The error is for tables that cannot be read, or that name packages
// outside the root.
func ReadTables(t *tree.Tree) (*pnp.Tables, error) {
	root, err := t.Dir("")
	if err != nil {
		return nil, problem.NotChecked(t.Root(), "", "%w", err)
	}
	switch kind := root.Kind(pnp.Program); {
	case kind == tree.None && root.Kind(".pnp.js") == tree.File:
		return nil, pnpError(t, ".pnp.js", "use Yarn 3 or newer", "the project uses Plug'n'Play of Yarn 2 (.pnp.js), which nodeint does not support")
	case kind == tree.None:
		return nil, nil
	case kind != tree.File:
		return nil, pnpError(t, pnp.Program, "run yarn install", "%s is %s", pnp.Program, kind)
	}
	tables, err := parseTables(t, root)
	if err != nil {
		return nil, err
	}
	for _, zip := range tables.Zips() {
		if strings.HasPrefix(zip, "../") {
			return nil, pnpError(t, pnp.Program, "add enableGlobalCache: false to .yarnrc.yml, then run yarn install",
				"Plug'n'Play loads packages from %s, which is outside the root %s, so the map cannot pin them", path.Dir(t.Abs(zip)), t.Root())
		}
	}
	return tables, nil
}

// parseTables reads the tables where Node reads them: in the program or, if they
// are not in it, in the file beside it.
func parseTables(t *tree.Tree, root tree.Dir) (*pnp.Tables, error) {
	text, err := t.ReadFile(pnp.Program, pnp.MaxSize)
	if err != nil {
		return nil, problem.NotChecked(pnp.Program, "make this path readable", "%w", err)
	}
	tables, err := pnp.FromProgram(text)
	if err != nil {
		return nil, pnpError(t, pnp.Program, "run yarn install", "reading %s: %w", pnp.Program, err)
	}
	if tables != nil {
		if root.Kind(pnp.Data) != tree.None { // esbuild would use it, and Node does not
			return nil, pnpError(t, pnp.Data, "run yarn install, or delete the file", "%s contains the tables, but %s exists as well", pnp.Program, pnp.Data)
		}
		return tables, nil
	}
	if text, err = t.ReadFile(pnp.Data, pnp.MaxSize); err != nil {
		return nil, problem.NotChecked(pnp.Data, "run yarn install", "%w", err)
	}
	if tables, err = pnp.Parse(text); err != nil {
		return nil, pnpError(t, pnp.Data, "run yarn install", "reading %s: %w", pnp.Data, err)
	}
	return tables, nil
}
