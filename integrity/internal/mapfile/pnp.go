package mapfile

import (
	"encoding/json"
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// PnP is what the tables of Yarn's Plug'n'Play decide. Installs of one lockfile have
// different tables, and verify compares those with these.
type PnP struct {
	// Code is the digest of .pnp.cjs with empty tables. It is empty if the tables are in
	// .pnp.data.json: then .pnp.cjs is the same in all installs.
	Code string

	// Optional are the names of dependencies that some installs do not have, by the
	// directory of the workspace.
	Optional map[string][]string

	Tables *pnp.Tables
	text   json.RawMessage // of Tables
}

// NewPnP returns the tables with a JSON text.
func NewPnP(code string, tables []byte, optional map[string][]string) (*PnP, error) {
	parsed, err := pnp.Parse(tables)
	if err != nil {
		return nil, err
	}
	var value any // with sorted members, as everywhere in a map
	if err := json.Unmarshal(tables, &value); err != nil {
		return nil, fmt.Errorf("reading the tables: %w", err)
	}
	text, err := jsontext.Marshal(value)
	return &PnP{Code: code, Optional: optional, Tables: parsed, text: text}, err
}

func (p *PnP) member() map[string]any {
	member := map[string]any{"tables": p.text}
	if p.Code != "" {
		member["code"] = p.Code
	}
	optional := make(map[string][]string)
	for dir, names := range p.Optional {
		optional[KeyOf(dir)] = names
	}
	if len(optional) > 0 {
		member["optional"] = optional
	}
	return member
}

func (r *memberReader) pnp(v gjson.Result) *PnP {
	p := &PnP{}
	r.object("pnp", v, func(field string, v gjson.Result) {
		switch field {
		case "code":
			p.Code = r.text("pnp: code", v)
			if d, err := hasher.ParseDigest(p.Code); err != nil || d.Algorithm() != hasher.SHA256 {
				r.bad("pnp: code is not a SHA-256")
			}
		case "optional":
			p.Optional = make(map[string][]string)
			r.object("pnp: optional", v, func(key string, v gjson.Result) {
				p.Optional[r.path("pnp: optional", key)] = r.texts("pnp: optional", v)
			})
		case "tables":
			var err error
			if p.Tables, err = pnp.Parse([]byte(v.Raw)); err != nil {
				r.bad("pnp: %w", err)
			}
			p.text = json.RawMessage(v.Raw)
		default:
			r.bad("pnp: member %q is unknown to this version; use the nodeint that wrote this map", field)
		}
	})
	if r.err == nil && p.Tables == nil {
		r.bad("pnp: the tables are missing")
	}
	return p
}
