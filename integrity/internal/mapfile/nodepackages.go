package mapfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// NodePackages is what Node's package map says, which Node reads from the member
// packages of the map with --experimental-package-map: the directory of the package
// that each name means to the modules of a directory, by the path of that directory or
// of a single file. A module asks the nearest path above it. A name that is not listed
// means nothing.
//
// The member is
//
//	{"KEY": {"url": URL, "dependencies": {NAME: KEY}}}
//
// with the keys of the paths. A URL is relative to the directory of the project, in
// which the map is. Node (24.21 and 26.10) finds no module below a URL that ends in "/",
// and there is no other relative URL of the root. So what is directly in the root and
// belongs to no other path is listed with the names of the root.
type NodePackages map[string]map[string]string

// packagesMember is the name of the member that Node reads.
const packagesMember = "packages"

// errForeignPackages reports that the map has a member packages that generate has not
// made.
var errForeignPackages = errors.New("the map has a member packages that generate has not written")

// A nodePackage is an entry of the member packages.
type nodePackage struct {
	URL          string            `json:"url"`
	Dependencies map[string]string `json:"dependencies,omitempty"`
}

// text returns the text of a package map. urlOf returns the URL of a path.
func (n NodePackages) text(urlOf func(p string) string) ([]byte, error) {
	entries := make(map[string]nodePackage, len(n))
	for p, names := range n {
		e := nodePackage{URL: urlOf(p), Dependencies: make(map[string]string, len(names))}
		for name, target := range names {
			e.Dependencies[name] = KeyOf(target)
		}
		entries[KeyOf(p)] = e
	}
	return jsontext.Marshal(entries)
}

// AbsoluteText returns the text of a package map for the tree at root, an absolute path. It
// is nil if there is no package map.
func (n NodePackages) AbsoluteText(root string) ([]byte, error) {
	if n == nil {
		return nil, nil
	}
	packages, err := n.text(func(p string) string {
		p = filepath.ToSlash(filepath.Join(root, filepath.FromSlash(p)))
		if !strings.HasPrefix(p, "/") {
			p = "/" + p // a drive letter
		}
		return (&url.URL{Scheme: "file", Path: p}).String()
	})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"%s":%s}`, packagesMember, packages), nil
}

// relativeURL returns the URL of a path, relative to the directory of the project.
func relativeURL(p, project string) string {
	if p == "" {
		return "./" + strings.Repeat("../", depth(project))
	}
	common := p // the nearest directory above both that is not p itself
	for common = tree.Parent(p); common != "" && project != common && !strings.HasPrefix(project, common+"/"); {
		common = tree.Parent(common)
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(p, common), "/")
	if up := depth(project) - depth(common); up > 0 {
		return strings.Repeat("../", up) + strings.TrimPrefix(KeyOf(rest), "./")
	}
	return KeyOf(rest)
}

// depth returns the number of names in a path.
func depth(p string) int {
	if p == "" {
		return 0
	}
	return strings.Count(p, "/") + 1
}

// setPackages writes the member packages into doc, which has that of the old map.
func (m *Map) setPackages(doc *importmap.Document) error {
	if _, ok := doc.Member(packagesMember); ok {
		switch {
		case isPackageMap(doc):
			doc.Members = slices.DeleteFunc(doc.Members, func(e importmap.Member) bool { return e.Name == packagesMember })
		case m.NodePackages != nil:
			return errForeignPackages
		}
	}
	if m.NodePackages == nil {
		return nil
	}
	raw, err := m.NodePackages.text(func(p string) string { return relativeURL(p, m.Project) })
	if err != nil {
		return err
	}
	if raw, err = canonical(packagesMember, raw); err != nil {
		return err
	}
	doc.SetMember(packagesMember, raw)
	return nil
}

// sortPackages sorts the member packages, if generate has made it.
func sortPackages(doc *importmap.Document) error {
	raw, ok := doc.Member(packagesMember)
	if !ok || !isPackageMap(doc) {
		return nil
	}
	var packages any
	if err := json.Unmarshal(raw, &packages); err != nil {
		return fmt.Errorf("writing the member %s: %w", packagesMember, err)
	}
	raw, err := jsontext.Marshal(packages) // with sorted keys
	if err == nil {
		doc.SetMember(packagesMember, raw)
	}
	return err
}

// isPackageMap reports whether generate has made the member packages of a document.
func isPackageMap(doc *importmap.Document) bool {
	raw, _ := doc.Member(memberName)
	return gjson.GetBytes(raw, "isPackageMap").Bool()
}

// readPackages reads the member packages of a map that is a package map. It rejects one
// that names other packages than Node finds with the packages and links of the map.
func (m *Map) readPackages(doc *importmap.Document) error {
	raw, ok := doc.Member(packagesMember)
	if !ok {
		return errors.New("it is missing, and nodeint.isPackageMap is true")
	}
	r := &memberReader{}
	m.NodePackages = make(NodePackages)
	r.object(packagesMember, gjson.ParseBytes(raw), func(key string, v gjson.Result) {
		p := r.path(packagesMember, key)
		names := make(map[string]string)
		isURL := false
		r.object(key, v, func(field string, v gjson.Result) {
			switch field {
			case "url":
				isURL = r.text(key+": url", v) == relativeURL(p, m.Project)
			case "dependencies":
				r.object(key+": dependencies", v, func(name string, v gjson.Result) {
					if !nodejs.IsPackageName(name) {
						r.bad("%s: dependencies: %q is not the name of a package", key, name)
					}
					names[name] = r.path(key+": dependencies", r.text(key+": dependencies", v))
				})
			default:
				r.bad("%s: member %q is unknown to this version", key, field)
			}
		})
		if r.err == nil && !isURL {
			r.bad("%s: the url is not %q", key, relativeURL(p, m.Project))
		}
		m.NodePackages[p] = names
	})
	if r.err != nil {
		return r.err
	}
	for _, p := range sortedKeys(m.NodePackages) {
		for _, name := range sortedKeys(m.NodePackages[p]) {
			if target := m.NodePackages[p][name]; !m.NodePackages.agree(m, p, name, target) {
				return fmt.Errorf("%s: the name %q does not lead to %s with the packages and links of the map", KeyOf(p), name, KeyOf(target))
			}
		}
	}
	return nil
}

// agree reports whether a name leads to the package in target.
func (n NodePackages) agree(m *Map, p, name, target string) bool {
	if _, listed := n[target]; !listed {
		return false
	}
	if m.IsOwnName(p, name, target) {
		return true
	}
	found, ok := m.FindPackage(n.isListed, p, name)
	return ok && found == target
}

// IsOwnName reports whether a name that leads from modules at p to target is that of their
// own package: one with exports may ask for itself.
func (m *Map) IsOwnName(p, name, target string) bool {
	return m.Packages[target].Name == name && (target == "" || p == target || strings.HasPrefix(p, target+"/"))
}

func (n NodePackages) isListed(p string) bool { _, ok := n[p]; return ok }

// FindPackage returns the directory of the package that a name means to modules in dir:
// the nearest one in a node_modules directory that isPackage reports or to which a link of
// the map leads.
func (m *Map) FindPackage(isPackage func(dir string) bool, dir, name string) (string, bool) {
	for at := dir; ; at = tree.Parent(at) {
		if path.Base(at) != nodejs.NodeModules {
			p := tree.Join(tree.Join(at, nodejs.NodeModules), name)
			switch target, isLink := m.Links[p]; {
			case isLink && target == rootKey:
				return "", true
			case isLink:
				to, err := PathOf(target)
				return to, err == nil
			}
			if isPackage(p) {
				return p, true
			}
		}
		if at == "" {
			return "", false
		}
	}
}
