// Package permissions writes flags of Node's permission model for a program: those that its
// powers need (see package nodejs), with the places in its sources that use them.
package permissions

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/powers"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// A Use is a place that uses a power.
type Use struct {
	Path    string `json:"path"` // relative to the root
	Package string `json:"package,omitempty"`
	Line    int    `json:"line,omitempty"` // 0 for a file that is no source
	Column  int    `json:"column,omitempty"`
	Word    string `json:"word,omitempty"` // what the source names, such as "node:vm"
}

// A Flag is a flag of node, without the value, with the reason for it.
type Flag struct {
	Name   string       `json:"name"`
	Value  string       `json:"value,omitempty"`
	Power  nodejs.Power `json:"power,omitempty"` // that needs the flag; "" if every program does
	Reason string       `json:"reason,omitempty"`
	Uses   []Use        `json:"uses,omitempty"` // the first of each package, sorted by path
}

// String returns the flag as a word of a command line.
func (f Flag) String() string {
	if f.Value == "" {
		return f.Name
	}
	return f.Name + "=" + f.Value
}

// flags are the flags that powers need, and the release line of Node that has them first.
var flags = []struct {
	power nodejs.Power
	name  string
	value string
	since int
}{
	{nodejs.FSWrite, "--allow-fs-write", "*", 22},
	{nodejs.Addons, "--allow-addons", "", 22},
	{nodejs.ChildProcess, "--allow-child-process", "", 22},
	{nodejs.WASI, "--allow-wasi", "", 22},
	{nodejs.Worker, "--allow-worker", "", 22},
	{nodejs.Inspector, "--allow-inspector", "", 24},
	{nodejs.FFI, "--allow-ffi", "", 26},
	{nodejs.Network, "--allow-net", "", 26},
}

// Flags returns the flags with which node of the given major version runs the program in
// root. used are the powers of its packages, or nil if they are not known: then every flag is
// needed. Sources says where they are used.
func Flags(major int, root string, used map[nodejs.Power]bool, sources map[nodejs.Power][]Use) []Flag {
	list := []Flag{
		{Name: "--permission", Reason: "turns the permission model on"},
		{Name: "--allow-fs-read", Value: root, Reason: "the root of the map, as a whole"},
	}
	for _, f := range flags {
		if major < f.since || used != nil && !used[f.power] {
			continue
		}
		flag := Flag{Name: f.name, Value: f.value, Power: f.power, Uses: sources[f.power]}
		switch {
		case used == nil:
			flag.Reason = "the map does not say which powers its packages use"
		case len(flag.Uses) == 0:
			flag.Reason = "a trace recorded it"
		}
		list = append(list, flag)
	}
	return list
}

// Options returns the flags as the value of NODE_OPTIONS.
func Options(list []Flag) string {
	words := make([]string, len(list))
	for i, f := range list {
		if words[i] = f.String(); strings.ContainsAny(words[i], " \"\\") {
			words[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(words[i]) + `"`
		}
	}
	return strings.Join(words, " ")
}

// Config returns the flags as the text of a node.config.json.
func Config(list []Flag) ([]byte, error) {
	options := make(map[string]any)
	for _, f := range list {
		name := strings.TrimPrefix(f.Name, "--")
		if options[name] = true; f.Value != "" {
			options[name] = []string{f.Value}
		}
	}
	text, err := jsontext.MarshalIndent(map[string]any{"nodeOptions": options})
	if err != nil {
		return nil, fmt.Errorf("writing node.config.json: %w", err)
	}
	return text, nil
}

// Uses returns where the sources among files use powers, by power: the first place in each
// package. The paths of files are relative to root. packages are the names of the packages by
// directory.
func Uses(ctx context.Context, root string, files []string, packages map[string]string) (map[nodejs.Power][]Use, error) {
	uses := make(map[nodejs.Power][]Use)
	known := make(map[string]map[nodejs.Power]bool) // by package
	for _, f := range slices.Sorted(slices.Values(files)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pkg := packageOf(packages, f)
		if known[pkg] == nil {
			known[pkg] = make(map[nodejs.Power]bool)
		}
		found, err := usesIn(root, f, known[pkg])
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			if !known[pkg][u.Power] {
				known[pkg][u.Power] = true
				uses[u.Power] = append(uses[u.Power], Use{Path: f, Package: pkg, Line: u.Line, Column: u.Column, Word: u.Word})
			}
		}
	}
	return uses, nil
}

// packageOf names the package that contains a file, or returns "".
func packageOf(packages map[string]string, file string) string {
	for dir := file; dir != ""; {
		if dir = path.Dir(dir); dir == "." {
			dir = ""
		}
		if name, ok := packages[dir]; ok {
			return name
		}
	}
	return ""
}

// usesIn returns the powers that one file uses.
func usesIn(root, file string, known map[nodejs.Power]bool) ([]powers.Use, error) {
	switch filepath.Ext(file) {
	case ".node":
		return []powers.Use{{Power: nodejs.Addons}}, nil
	case ".wasm":
		return []powers.Use{{Power: nodejs.Wasm}}, nil
	}
	if !powers.MayUse(file) {
		return nil, nil
	}
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if os.IsNotExist(err) {
		return nil, nil // a package that this install leaves out, or a file in an archive
	}
	if err != nil {
		return nil, fmt.Errorf("looking for powers: %w", err)
	}
	return powers.Scan(src, known), nil
}
