package sbom

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The types below are those of CycloneDX (https://cyclonedx.org/docs/1.7/json/), as far as
// they are used here.
type cdxDocument struct {
	Schema       string           `json:"$schema"`
	Format       string           `json:"bomFormat"`
	Spec         string           `json:"specVersion"`
	Serial       string           `json:"serialNumber,omitempty"`
	Version      int              `json:"version"`
	Metadata     cdxMetadata      `json:"metadata"`
	Components   []cdxComponent   `json:"components"`
	Dependencies []cdxDependency  `json:"dependencies"`
	Compositions []cdxComposition `json:"compositions"`
}

type cdxMetadata struct {
	Timestamp  string        `json:"timestamp,omitempty"`
	Tools      cdxTools      `json:"tools"`
	Component  cdxComponent  `json:"component"`
	Properties []cdxProperty `json:"properties"`
}

type cdxTools struct {
	Components []cdxComponent `json:"components"`
}

type cdxComponent struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref,omitempty"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitempty"`
	Scope      string         `json:"scope,omitempty"`
	Hashes     []cdxHash      `json:"hashes,omitempty"`
	Licenses   []cdxLicense   `json:"licenses,omitempty"`
	URL        string         `json:"purl,omitempty"`
	External   []cdxReference `json:"externalReferences,omitempty"`
	Components []cdxComponent `json:"components,omitempty"`
	Evidence   *cdxEvidence   `json:"evidence,omitempty"`
	Properties []cdxProperty  `json:"properties,omitempty"`
}

type cdxHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type cdxLicense struct {
	License         *cdxLicenseID `json:"license,omitempty"`
	Expression      string        `json:"expression,omitempty"`
	Acknowledgement string        `json:"acknowledgement,omitempty"`
}

type cdxLicenseID struct {
	ID              string `json:"id,omitempty"`
	Name            string `json:"name,omitempty"`
	Acknowledgement string `json:"acknowledgement"`
}

type cdxReference struct {
	URL    string    `json:"url"`
	Type   string    `json:"type"`
	Hashes []cdxHash `json:"hashes,omitempty"`
}

type cdxEvidence struct {
	Occurrences []cdxOccurrence `json:"occurrences"`
}

type cdxOccurrence struct {
	Location string `json:"location"`
}

type cdxProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type cdxDependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

type cdxComposition struct {
	Aggregate    aggregate `json:"aggregate"`
	Assemblies   []string  `json:"assemblies,omitempty"`
	Dependencies []string  `json:"dependencies,omitempty"`
}

// declared marks a license that the authors of the package declare.
const declared = "declared"

// CycloneDX returns the inventory as a CycloneDX document of a version: 1.6 or 1.7.
func (inv *Inventory) CycloneDX(version string) ([]byte, error) {
	doc := cdxDocument{
		Schema: "http://cyclonedx.org/schema/bom-" + version + ".schema.json", Format: "CycloneDX", Spec: version, Version: 1,
		Metadata: cdxMetadata{
			Tools:     cdxTools{[]cdxComponent{{Type: "application", Name: "nodeint", Version: inv.version}}},
			Component: inv.cdxComponent(inv.Root),
			Properties: []cdxProperty{
				{"nodeint:digest", inv.Digest}, {"nodeint:coverage", inv.Coverage}, {"nodeint:gaps", fmt.Sprint(inv.Gaps)},
			},
		},
		Components: []cdxComponent{}, Compositions: inv.cdxCompositions(),
	}
	if !inv.time.IsZero() {
		doc.Metadata.Timestamp = inv.timestamp()
	}
	for _, c := range inv.loaded() {
		if !c.isRoot {
			doc.Components = append(doc.Components, inv.cdxComponent(c))
		}
		d := cdxDependency{Ref: c.Ref}
		for _, used := range c.Uses {
			d.On = append(d.On, used.Ref)
		}
		doc.Dependencies = append(doc.Dependencies, d)
	}
	for _, c := range inv.Unreached {
		doc.Components = append(doc.Components, inv.cdxComponent(c))
	}
	text, err := jsontext.Marshal(doc)
	if err != nil {
		return nil, err
	}
	doc.Serial = "urn:uuid:" + inv.uuid(text)
	return jsontext.MarshalIndent(doc)
}

// loaded returns the root, then the packages.
func (inv *Inventory) loaded() []*Component { return append([]*Component{inv.Root}, inv.Packages...) }

// cdxCompositions returns how complete the inventory and the dependencies of each package are.
func (inv *Inventory) cdxCompositions() []cdxComposition {
	refs := make(map[aggregate][]string)
	for _, c := range inv.loaded() {
		refs[c.completeness()] = append(refs[c.completeness()], c.Ref)
	}
	inventory := complete
	if inv.Gaps > 0 {
		inventory = incomplete
	}
	list := []cdxComposition{{Aggregate: inventory, Assemblies: []string{inv.Root.Ref}}}
	for _, how := range []aggregate{complete, incomplete, unknown} {
		if len(refs[how]) > 0 {
			list = append(list, cdxComposition{Aggregate: how, Dependencies: refs[how]})
		}
	}
	return list
}

func (inv *Inventory) cdxComponent(c *Component) cdxComponent {
	out := cdxComponent{
		Type: "library", Ref: c.Ref, Name: c.Name, Version: c.Version, URL: c.URL,
		Licenses: cdxLicenses(c.License), Properties: inv.cdxProperties(c),
	}
	out.Name = cmp.Or(out.Name, placeName(c.Dirs[0])) // a name is required
	if c.isRoot {
		out.Type = "application"
	}
	if c.Reach == "" {
		out.Scope = "excluded"
	}
	for _, sri := range c.Integrity {
		if h, ok := cdxHashOf(sri); ok {
			out.Hashes = append(out.Hashes, h)
		}
	}
	if c.Archive != "" {
		out.External = []cdxReference{{c.Archive, "distribution", out.Hashes}}
		if strings.HasPrefix(c.Archive, "git") {
			out.External[0].Type = "vcs"
		}
	}
	if inv.HasFiles {
		for _, f := range c.Files {
			file := cdxComponent{Type: "file", Name: f.Path}
			for _, d := range f.Digests {
				file.Hashes = append(file.Hashes, cdxHash{algorithms[d.Algorithm().String()].cdx, hex.EncodeToString(d.Bytes())})
			}
			out.Components = append(out.Components, file)
		}
	}
	out.Evidence = &cdxEvidence{}
	for _, dir := range c.Dirs {
		out.Evidence.Occurrences = append(out.Evidence.Occurrences, cdxOccurrence{placeName(dir)})
	}
	return out
}

// placeName returns the name of a directory: "." for the root.
func placeName(dir string) string { return cmp.Or(dir, ".") }

// cdxProperties returns what is known of a component and has no member of CycloneDX.
func (inv *Inventory) cdxProperties(c *Component) (list []cdxProperty) {
	for _, f := range inv.facts(c) {
		list = append(list, cdxProperty{"nodeint:" + f.name, f.value})
	}
	return list
}

// A fact is what is known of a component beside the members of the standards.
type fact struct{ name, value string }

func (inv *Inventory) facts(c *Component) (list []fact) {
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("reach", string(c.Reach))
	if inv.HasTrace {
		add("loaded", fmt.Sprint(c.Loaded))
	}
	add("provenance", c.Provenance)
	add("lockfile:checksum", c.Checksum)
	for _, power := range c.Powers {
		add("power", power)
	}
	for _, g := range c.Gaps {
		add("gap", gapText(g))
	}
	return list
}

func gapText(g problem.Gap) string {
	s := g.Path
	if g.Line > 0 {
		s += fmt.Sprintf(":%d:%d", g.Line, g.Column)
	}
	if s += ": " + g.Reason; g.Text != "" {
		s += ": " + g.Text
	}
	return clean(s, 2*maxText)
}

func cdxLicenses(l License) []cdxLicense {
	switch {
	case l.isID():
		return []cdxLicense{{License: &cdxLicenseID{ID: l.Expression, Acknowledgement: declared}}}
	case l.Expression != "":
		return []cdxLicense{{Expression: l.Expression, Acknowledgement: declared}}
	}
	var list []cdxLicense
	for _, name := range l.Names {
		list = append(list, cdxLicense{License: &cdxLicenseID{Name: name, Acknowledgement: declared}})
	}
	return list
}

// algorithms are the names of the digest algorithms in the standards, by that of SRI.
var algorithms = map[string]struct{ cdx, spdx2, spdx3 string }{
	"sha1":   {"SHA-1", "SHA1", "sha1"},
	"sha256": {"SHA-256", "SHA256", "sha256"},
	"sha384": {"SHA-384", "SHA384", "sha384"},
	"sha512": {"SHA-512", "SHA512", "sha512"},
	"blake3": {"BLAKE3", "BLAKE3", "blake3"},
}

func cdxHashOf(sri string) (cdxHash, bool) {
	name, content, ok := splitSRI(sri)
	return cdxHash{algorithms[name].cdx, content}, ok
}

// splitSRI returns the algorithm of an SRI digest, and the digest in hexadecimal.
func splitSRI(sri string) (algorithm, content string, ok bool) {
	algorithm, value, _ := strings.Cut(sri, "-")
	sum, err := base64.StdEncoding.DecodeString(value)
	_, known := algorithms[algorithm]
	return algorithm, hex.EncodeToString(sum), known && err == nil && len(sum) > 0
}
