package sbom

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// An element is one of SPDX 3.0.1 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/).
type element map[string]any

// placeholder is the namespace until the digest of the document is known.
const placeholder = "https://spdx.org/spdxdocs/nodeint"

// creation is the identifier of the CreationInfo of all elements.
const creation = "_:creationinfo"

// An spdx3 is one document.
type spdx3 struct {
	namespace string
	graph     []element
	ids       []string        // of the elements, in their order
	has       map[string]bool // the same, as a set
}

// SPDX3 returns the inventory as an SPDX document of version 3.0.1.
func (inv *Inventory) SPDX3() ([]byte, error) {
	text, err := jsontext.Marshal(inv.spdx3(placeholder))
	if err != nil {
		return nil, err
	}
	return jsontext.MarshalIndent(inv.spdx3(placeholder + "-" + inv.uuid(text)))
}

func (inv *Inventory) spdx3(namespace string) any {
	doc := &spdx3{namespace: namespace, has: make(map[string]bool)}
	agent := doc.add("SoftwareAgent", "Agent", element{"name": "nodeint"})
	tool := doc.add("Tool", "Tool", element{"name": "nodeint-" + inv.version})
	for _, c := range append(inv.loaded(), inv.Unreached...) {
		inv.addPackage3(doc, c)
	}
	for _, c := range inv.loaded() {
		inv.addUses3(doc, c)
	}
	for _, c := range inv.Unreached {
		doc.relate("Unreached-"+packageID(c), element{
			"from": doc.id(packageID(inv.Root)), "relationshipType": "other", "to": []string{doc.id(packageID(c))},
			"comment": "installed; no file of it is pinned",
		})
	}
	root := []string{doc.id(packageID(inv.Root))}
	ids := slices.Clone(doc.ids)
	sbom := doc.add("software_Sbom", "Sbom", element{"rootElement": root, "element": ids, "software_sbomType": []string{"analyzed"}})
	doc.add("SpdxDocument", "Document", element{
		"name": documentName(inv.Root), "comment": inv.comment(), "rootElement": []string{sbom}, "element": append(ids, sbom),
		"profileConformance": []string{"core", "software", "simpleLicensing"},
	})
	info := element{
		"type": "CreationInfo", "@id": creation, "specVersion": "3.0.1", "created": inv.timestamp(),
		"createdBy": []string{agent}, "createdUsing": []string{tool},
	}
	return map[string]any{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": append([]element{info}, doc.graph...)}
}

// id returns the IRI of a local name.
func (doc *spdx3) id(name string) string { return doc.namespace + "#" + name }

// add adds an element and returns its IRI.
func (doc *spdx3) add(kind, name string, e element) string {
	e["type"], e["spdxId"], e["creationInfo"] = kind, doc.id(name), creation
	doc.graph = append(doc.graph, e)
	doc.ids, doc.has[name] = append(doc.ids, doc.id(name)), true
	return doc.id(name)
}

func (doc *spdx3) relate(name string, e element) { doc.add("Relationship", "Relationship-"+name, e) }

func (inv *Inventory) addPackage3(doc *spdx3, c *Component) {
	e := element{"name": cmp.Or(c.Name, placeName(c.Dirs[0])), "software_primaryPurpose": "library"}
	if c.isRoot {
		e["software_primaryPurpose"] = "application"
	}
	set := func(name, value string) {
		if value != "" {
			e[name] = value
		}
	}
	set("software_packageVersion", c.Version)
	set("software_downloadLocation", c.Archive)
	set("software_packageUrl", c.URL)
	set("comment", inv.commentOf(c))
	set("software_sourceInfo", sourceInfo(c))
	var hashes []element
	for _, sri := range c.Integrity {
		if name, value, ok := splitSRI(sri); ok {
			hashes = append(hashes, element{"type": "Hash", "algorithm": algorithms[name].spdx3, "hashValue": value})
		}
	}
	if len(hashes) > 0 {
		e["verifiedUsing"] = hashes
	}
	id := doc.add("software_Package", packageID(c), e)
	inv.addFiles3(doc, c, id)
	doc.addLicense(c, id)
}

func sourceInfo(c *Component) string {
	if c.isRoot {
		return "the project"
	}
	return "installed in " + strings.Join(placeNames(c), ", ")
}

func (inv *Inventory) addFiles3(doc *spdx3, c *Component, pkg string) {
	if !inv.HasFiles {
		return
	}
	var files []string
	for _, f := range c.Files {
		var hashes []element
		for _, d := range f.Digests {
			hashes = append(hashes, element{"type": "Hash", "algorithm": algorithms[d.Algorithm().String()].spdx3, "hashValue": hex.EncodeToString(d.Bytes())})
		}
		for _, p := range c.pathsOf(f) {
			files = append(files, doc.add("software_File", fileID(p), element{
				"name": "./" + p, "software_fileKind": "file", "verifiedUsing": hashes,
			}))
		}
	}
	if len(files) > 0 {
		doc.relate("Contains-"+packageID(c), element{"from": pkg, "relationshipType": "contains", "to": files})
	}
}

// addLicense adds the declared license of a package.
func (doc *spdx3) addLicense(c *Component, pkg string) {
	text, refs := c.License.spdxExpression()
	if text == "" {
		return
	}
	e := element{"simplelicensing_licenseExpression": text}
	var uris []element
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		if !doc.has[ref] {
			doc.add("simplelicensing_SimpleLicensingText", ref, element{"name": refs[ref], "simplelicensing_licenseText": refs[ref]})
		}
		uris = append(uris, element{"type": "DictionaryEntry", "key": ref, "value": doc.id(ref)})
	}
	if len(uris) > 0 {
		e["simplelicensing_customIdToUri"] = uris
	}
	name := "License-" + shortHash(text)
	if !doc.has[name] {
		doc.add("simplelicensing_LicenseExpression", name, e)
	}
	doc.relate("License-"+packageID(c), element{"from": pkg, "relationshipType": "hasDeclaredLicense", "to": []string{doc.id(name)}})
}

// addUses3 adds the imports of a package.
func (inv *Inventory) addUses3(doc *spdx3, c *Component) {
	if len(c.Uses) == 0 {
		return // a relationship leads to at least one element
	}
	var to []string
	for _, used := range c.Uses {
		to = append(to, doc.id(packageID(used)))
	}
	completeness := string(c.completeness())
	if completeness == string(unknown) {
		completeness = "noAssertion"
	}
	doc.add("LifecycleScopedRelationship", "Relationship-Uses-"+packageID(c), element{
		"from": doc.id(packageID(c)), "relationshipType": "dependsOn", "to": to, "scope": "runtime", "completeness": completeness,
	})
}
