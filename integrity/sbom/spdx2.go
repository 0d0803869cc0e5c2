package sbom

import (
	"cmp"
	"crypto/sha1" // the verification code of SPDX 2.3 is a SHA-1
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// The types below are those of SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/), as far as
// they are used here.
type spdxDocument struct {
	Version       string             `json:"spdxVersion"`
	DataLicense   string             `json:"dataLicense"`
	ID            string             `json:"SPDXID"`
	Name          string             `json:"name"`
	Namespace     string             `json:"documentNamespace"`
	Comment       string             `json:"comment"`
	Creation      spdxCreation       `json:"creationInfo"`
	Packages      []spdxPackage      `json:"packages"`
	Files         []spdxFile         `json:"files,omitempty"`
	Licenses      []spdxLicense      `json:"hasExtractedLicensingInfos,omitempty"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	Name         string         `json:"name"`
	ID           string         `json:"SPDXID"`
	Version      string         `json:"versionInfo,omitempty"`
	Location     string         `json:"downloadLocation"`
	Analyzed     bool           `json:"filesAnalyzed"`
	Code         *spdxCode      `json:"packageVerificationCode,omitempty"`
	Checksums    []spdxChecksum `json:"checksums,omitempty"`
	Concluded    string         `json:"licenseConcluded"`
	Declared     string         `json:"licenseDeclared"`
	Copyright    string         `json:"copyrightText"`
	Purpose      string         `json:"primaryPackagePurpose"`
	ExternalRefs []spdxExternal `json:"externalRefs,omitempty"`
	Source       string         `json:"sourceInfo"`
	Comment      string         `json:"comment,omitempty"`
}

type spdxCode struct {
	Value    string   `json:"packageVerificationCodeValue"`
	Excluded []string `json:"packageVerificationCodeExcludedFiles,omitempty"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxExternal struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxFile struct {
	Name      string         `json:"fileName"`
	ID        string         `json:"SPDXID"`
	Checksums []spdxChecksum `json:"checksums"`
	Concluded string         `json:"licenseConcluded"`
	Copyright string         `json:"copyrightText"`
}

type spdxLicense struct {
	ID   string `json:"licenseId"`
	Name string `json:"name"`
	Text string `json:"extractedText"`
}

type spdxRelationship struct {
	From    string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	To      string `json:"relatedSpdxElement"`
	Comment string `json:"comment,omitempty"`
}

const (
	spdxRef     = "SPDXRef-"
	noAssertion = "NOASSERTION"
)

// SPDX2 returns the inventory as an SPDX document of version 2.3. Read must have had the
// option SHA1.
func (inv *Inventory) SPDX2() ([]byte, error) {
	doc := &spdxDocument{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: spdxRef + "DOCUMENT", Name: documentName(inv.Root), Comment: inv.comment(),
		Creation: spdxCreation{inv.timestamp(), []string{"Tool: nodeint-" + inv.version}},
	}
	refs := make(map[string]string)
	for _, c := range append(inv.loaded(), inv.Unreached...) {
		_, named := c.License.spdxExpression()
		maps.Copy(refs, named)
		doc.Packages = append(doc.Packages, inv.spdxPackage(c))
	}
	for _, id := range slices.Sorted(maps.Keys(refs)) {
		doc.Licenses = append(doc.Licenses, spdxLicense{id, refs[id], refs[id]})
	}
	doc.relate("DOCUMENT", "DESCRIBES", spdxRef+packageID(inv.Root), "")
	for _, c := range inv.loaded() {
		inv.addSPDXFiles(doc, c)
	}
	for _, c := range inv.loaded() {
		doc.addUses(c)
	}
	for _, c := range inv.Unreached {
		comment := "installed; no file of it is pinned"
		doc.relate(packageID(inv.Root), "OTHER", spdxRef+packageID(c), comment)
	}
	text, err := jsontext.Marshal(doc)
	if err != nil {
		return nil, err
	}
	doc.Namespace = "https://spdx.org/spdxdocs/nodeint-" + inv.uuid(text)
	return jsontext.MarshalIndent(doc)
}

func documentName(root *Component) string {
	if root.Version == "" {
		return root.Name
	}
	return root.Name + "@" + root.Version
}

// relate adds a relationship from the element with an identifier, without its prefix.
func (doc *spdxDocument) relate(from, kind, to, comment string) {
	doc.Relationships = append(doc.Relationships, spdxRelationship{spdxRef + from, kind, to, comment})
}

// addUses adds the imports of a package.
func (doc *spdxDocument) addUses(c *Component) {
	for _, used := range c.Uses {
		doc.relate(packageID(c), "DEPENDS_ON", spdxRef+packageID(used), "")
	}
}

func (inv *Inventory) spdxPackage(c *Component) spdxPackage {
	license, _ := c.License.spdxExpression()
	p := spdxPackage{
		Name: cmp.Or(c.Name, placeName(c.Dirs[0])), ID: spdxRef + packageID(c), Version: c.Version,
		Location: cmp.Or(c.Archive, noAssertion), Concluded: noAssertion, Declared: cmp.Or(license, noAssertion), Copyright: noAssertion,
		Purpose: "LIBRARY", Source: sourceInfo(c), Comment: inv.commentOf(c),
	}
	if c.isRoot {
		p.Purpose = "APPLICATION"
	}
	if c.URL != "" {
		p.ExternalRefs = []spdxExternal{{"PACKAGE-MANAGER", "purl", c.URL}}
	}
	for _, sri := range c.Integrity {
		if name, value, ok := splitSRI(sri); ok {
			p.Checksums = append(p.Checksums, spdxChecksum{algorithms[name].spdx2, value})
		}
	}
	if inv.HasFiles && len(c.Files) > 0 {
		p.Analyzed, p.Code = true, verificationCode(c)
	}
	return p
}

func placeNames(c *Component) (names []string) {
	for _, dir := range c.Dirs {
		names = append(names, placeName(dir))
	}
	return names
}

// verificationCode returns the code of the pinned files: the SHA-1 of their sorted SHA-1s in
// hexadecimal (SPDX 2.3, 7.9).
func verificationCode(c *Component) *spdxCode {
	var sums []string
	for _, f := range c.Files {
		for range c.pathsOf(f) {
			sums = append(sums, hex.EncodeToString(f.SHA1))
		}
	}
	slices.Sort(sums)
	sum := sha1.Sum([]byte(strings.Join(sums, "")))
	code := &spdxCode{Value: hex.EncodeToString(sum[:])}
	for _, p := range c.Others {
		code.Excluded = append(code.Excluded, "./"+p)
	}
	slices.Sort(code.Excluded)
	return code
}

func (inv *Inventory) addSPDXFiles(doc *spdxDocument, c *Component) {
	if !inv.HasFiles {
		return
	}
	for _, f := range c.Files {
		for _, p := range c.pathsOf(f) {
			file := spdxFile{Name: "./" + p, ID: spdxRef + fileID(p), Concluded: noAssertion, Copyright: noAssertion}
			file.Checksums = []spdxChecksum{{"SHA1", hex.EncodeToString(f.SHA1)}}
			for _, d := range f.Digests {
				file.Checksums = append(file.Checksums, spdxChecksum{algorithms[d.Algorithm().String()].spdx2, hex.EncodeToString(d.Bytes())})
			}
			doc.Files = append(doc.Files, file)
			doc.relate(packageID(c), "CONTAINS", file.ID, "")
		}
	}
}
