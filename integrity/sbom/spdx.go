package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A Format is a format of documents, with its versions, the newest first.
type Format struct {
	Name     string
	Versions []string
}

// Formats returns the formats.
func Formats() []Format {
	return []Format{{"cyclonedx", []string{"1.7", "1.6"}}, {"spdx", []string{"3.0.1", "2.3"}}}
}

// ParseFormat returns the format with a name and a version of it; "" is the newest one.
func ParseFormat(name, version string) (format, spec string, err error) {
	for _, f := range Formats() {
		switch {
		case f.Name != name:
		case version == "":
			return name, f.Versions[0], nil
		case slices.Contains(f.Versions, version):
			return name, version, nil
		default:
			return "", "", problem.BadUsage("use one of "+strings.Join(f.Versions, ", "), "unknown version %q of the format %s", version, name)
		}
	}
	return "", "", problem.BadUsage("use cyclonedx or spdx", "unknown format %q", name)
}

// NeedsSHA1 reports whether a version of a format has the SHA-1 of each file.
func NeedsSHA1(format, version string) bool { return format == "spdx" && version == "2.3" }

// Document returns the inventory in a version of a format, as [ParseFormat] returns them.
func (inv *Inventory) Document(format, version string) ([]byte, error) {
	switch {
	case format == "cyclonedx":
		return inv.CycloneDX(version)
	case version == "2.3":
		return inv.SPDX2()
	}
	return inv.SPDX3()
}

// timestamp returns the time of the document in UTC, as all formats write it. The zero time
// is that of 1970: SPDX requires a time.
func (inv *Inventory) timestamp() string {
	t := inv.time
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// uuid returns a UUID (RFC 9562, version 8) of the map's digest and of the text of a document.
func (inv *Inventory) uuid(text []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "nodeint sbom\x00%s\x00", inv.Digest)
	h.Write(text)
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// comment describes the inventory, for SPDX.
func (inv *Inventory) comment() string {
	return fmt.Sprintf("nodeint:digest %s; nodeint:coverage %s; nodeint:gaps %d", inv.Digest, inv.Coverage, inv.Gaps)
}

// commentOf returns what is known of a component beside the members of SPDX.
func (inv *Inventory) commentOf(c *Component) string {
	var list []string
	if c.Reach != "" {
		list = append(list, "nodeint:dependencies "+string(c.completeness()))
	}
	for _, f := range inv.facts(c) {
		list = append(list, "nodeint:"+f.name+" "+f.value)
	}
	return strings.Join(list, "; ")
}

// packageID is the identifier of a component in SPDX: letters, digits, "." and "-".
func packageID(c *Component) string {
	return "Package-" + idPart(c.Name+"-"+c.Version) + "-" + shortHash(c.Ref)
}

// fileID is the identifier of the file at a path.
func fileID(p string) string { return "File-" + shortHash(p) }

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// idPart returns text with "-" for each run of characters that an identifier cannot have.
func idPart(text string) string {
	var b strings.Builder
	for _, r := range text[:min(len(text), 100)] {
		switch {
		case r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80, r >= '0' && r <= '9', r == '.':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// licenseRef is the identifier of a license that is not listed.
func licenseRef(name string) string { return "LicenseRef-nodeint-" + shortHash(name) }

// spdxExpression returns the license as an expression, and the names of the licenses in it
// that are not listed, by identifier. It returns "" if the package declares none.
func (l License) spdxExpression() (text string, refs map[string]string) {
	if l.Expression != "" || len(l.Names) == 0 {
		return l.Expression, nil
	}
	refs = make(map[string]string)
	var list []string
	for _, name := range l.Names {
		e, ok := expression(name)
		if !ok {
			e = licenseRef(name)
			refs[e] = name
		}
		list = append(list, e)
	}
	return anyOf(list), refs
}

// pathsOf returns the paths of a file of a component, relative to the root: one for each
// place of the component.
func (c *Component) pathsOf(f File) []string {
	if c.isRoot {
		return []string{f.Path}
	}
	var list []string
	for _, dir := range c.Dirs {
		list = append(list, strings.TrimPrefix(dir+"/"+f.Path, "/"))
	}
	return list
}
