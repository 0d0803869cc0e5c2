package sbom

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Limits of a file of advisories.
const (
	maxAdvisories = 32 << 20 // bytes
	maxStatements = 10_000
)

// An Advisory is a known vulnerability of an installed package.
type Advisory struct {
	ID      string   // GHSA-…, or "npm:" and the number of the registry
	URL     string   // of its page, or ""
	Package string   // the name of the package
	Version string   // "" if it is not known
	Places  []string // the directories of the package; empty if they are not known
}

// ReadAdvisories reads the output of npm audit --json, or of pnpm audit --json, from the file
// at an absolute path.
func ReadAdvisories(file string) ([]Advisory, error) {
	bad := func(err error) error {
		return problem.New(problem.Usage, problem.CodeUsage, file, "write it with npm audit --json", "reading the advisories %s: %w", file, err)
	}
	text, err := safefile.Read(file, maxAdvisories)
	if err != nil {
		return nil, bad(err)
	}
	list, err := parseAdvisories(text)
	if err != nil {
		return nil, bad(err)
	}
	return list, nil
}

// An audit is what npm (vulnerabilities) and pnpm (advisories) print.
type audit struct {
	Vulnerabilities map[string]struct {
		Name  string            `json:"name"`
		Via   []json.RawMessage `json:"via"` // advisories, and names of packages that have them
		Nodes []string          `json:"nodes"`
	} `json:"vulnerabilities"`
	Advisories map[string]struct {
		ID       json.Number `json:"id"`
		GitHub   string      `json:"github_advisory_id"`
		URL      string      `json:"url"`
		Module   string      `json:"module_name"`
		Findings []struct {
			Version string `json:"version"`
		} `json:"findings"`
	} `json:"advisories"`
}

// parseAdvisories returns the advisories in the output of an audit, sorted, each once for each
// version of a package.
func parseAdvisories(text []byte) ([]Advisory, error) {
	var a audit
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, err
	}
	if a.Vulnerabilities == nil && a.Advisories == nil {
		return nil, errors.New("it has neither vulnerabilities nor advisories")
	}
	var list []Advisory
	for name, v := range a.Vulnerabilities {
		for _, raw := range v.Via {
			var via struct {
				Source json.Number `json:"source"`
				Name   string      `json:"name"`
				URL    string      `json:"url"`
			}
			if len(raw) == 0 || raw[0] != '{' {
				continue // the name of a package
			}
			if err := json.Unmarshal(raw, &via); err != nil {
				return nil, fmt.Errorf("an advisory of %q: %w", clean(name, maxText), err)
			}
			list = append(list, newAdvisory("", via.URL, via.Source, cmp.Or(via.Name, v.Name, name), "", v.Nodes))
		}
	}
	for _, v := range a.Advisories {
		for _, f := range v.Findings {
			list = append(list, newAdvisory(v.GitHub, v.URL, v.ID, v.Module, f.Version, nil))
		}
	}
	if len(list) > maxStatements {
		return nil, fmt.Errorf("it has more than %d advisories", maxStatements)
	}
	slices.SortFunc(list, func(x, y Advisory) int {
		return cmp.Or(strings.Compare(x.ID, y.ID), strings.Compare(x.Package, y.Package), strings.Compare(x.Version, y.Version))
	})
	return slices.CompactFunc(list, func(x, y Advisory) bool {
		return x.ID == y.ID && x.Package == y.Package && x.Version == y.Version && slices.Equal(x.Places, y.Places)
	}), nil
}

var ghsa = lazyregexp.New(`GHSA(-[23456789cfghjmpqrvwx]{4}){3}`)

func newAdvisory(id, address string, number json.Number, name, version string, places []string) Advisory {
	a := Advisory{Package: clean(name, maxText), Version: clean(version, maxText), Places: slices.Sorted(slices.Values(places))}
	if a.URL = publicURL(address); !strings.HasPrefix(a.URL, "https://") {
		a.URL = ""
	}
	a.ID = cmp.Or(ghsa().FindString(id), ghsa().FindString(a.URL), "npm:"+clean(number.String(), maxText))
	return a
}

// matches reports whether the advisory is about a component.
func (a Advisory) matches(c *Component) bool {
	if len(a.Places) > 0 {
		return slices.ContainsFunc(c.Dirs, func(dir string) bool { return slices.Contains(a.Places, dir) })
	}
	return a.Package == c.Name && (a.Version == "" || a.Version == c.Version)
}

// The types below are those of OpenVEX (https://github.com/openvex/spec, version 0.2.0).
type vexDocument struct {
	Context    string         `json:"@context"`
	ID         string         `json:"@id"`
	Author     string         `json:"author"`
	Timestamp  string         `json:"timestamp"`
	Version    int            `json:"version"`
	Tooling    string         `json:"tooling"`
	Statements []vexStatement `json:"statements"`
}

type vexStatement struct {
	Vulnerability vexVulnerability `json:"vulnerability"`
	Products      []vexProduct     `json:"products"`
	Status        string           `json:"status"`
	Justification string           `json:"justification,omitempty"`
	Impact        string           `json:"impact_statement,omitempty"`
	Notes         string           `json:"status_notes,omitempty"`
}

type vexVulnerability struct {
	ID   string `json:"@id,omitempty"`
	Name string `json:"name"`
}

type vexProduct struct {
	ID         string       `json:"@id"`
	Components []vexProduct `json:"subcomponents,omitempty"`
}

// VEX returns an OpenVEX document (version 0.2.0) about advisories: whether the program can
// load the package of each one. The package comment defines the statements.
func (inv *Inventory) VEX(advisories []Advisory) ([]byte, error) {
	doc := vexDocument{
		Context: "https://openvex.dev/ns/v0.2.0", Author: "nodeint", Timestamp: inv.timestamp(), Version: 1,
		Tooling: "nodeint " + inv.version, Statements: []vexStatement{},
	}
	for _, a := range advisories {
		for _, c := range append(inv.loaded(), inv.Unreached...) {
			if a.matches(c) {
				doc.Statements = append(doc.Statements, inv.statement(a, c))
			}
		}
	}
	text, err := jsontext.Marshal(doc)
	if err != nil {
		return nil, err
	}
	doc.ID = "https://openvex.dev/docs/nodeint-" + inv.uuid(text)
	return jsontext.MarshalIndent(doc)
}

// isLoadable reports whether the program can load a package with a package URL, wherever it is
// installed: a statement about a package URL is about all its places.
func (inv *Inventory) isLoadable(purl string) bool {
	return slices.ContainsFunc(inv.loaded(), func(c *Component) bool { return c.URL == purl })
}

// statement returns the statement about an advisory and a component.
func (inv *Inventory) statement(a Advisory, c *Component) vexStatement {
	s := vexStatement{
		Vulnerability: vexVulnerability{a.URL, a.ID}, Status: "under_investigation",
		Products: []vexProduct{{ID: cmp.Or(inv.Root.URL, "pkg:generic/"+percent(inv.Root.Name, "")), Components: []vexProduct{{ID: cmp.Or(c.URL, c.Ref)}}}},
	}
	switch {
	case c.Reach != "" && c.Loaded:
		s.Notes = "the program loaded this package in a trace"
	case c.Reach != "":
		s.Notes = "the program can load this package: " + string(c.Reach)
	case inv.isLoadable(c.URL):
		s.Notes = "the program can load this package from another directory"
	case inv.Gaps > 0:
		s.Notes = fmt.Sprintf("no import leads to this package, and the map does not pin it; the map has gaps (%d), and a computed name may load it", inv.Gaps)
	default:
		s.Status, s.Justification = "not_affected", "vulnerable_code_not_in_execute_path"
		s.Impact = "the package is installed, no import of the program leads to it, and the map, which has no gaps, does not pin a file of it"
	}
	return s
}
