package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
)

// A bill is a CycloneDX document (https://cyclonedx.org/docs/1.6/json/), as far as it
// is needed here.
type bill struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string       `json:"type"`
	Ref        string       `json:"bom-ref"`
	Name       string       `json:"name"`
	Version    string       `json:"version"`
	Hashes     []digest     `json:"hashes,omitempty"`
	Licenses   []expression `json:"licenses,omitempty"`
	PURL       string       `json:"purl"`
	Properties []property   `json:"properties,omitempty"`
}

type digest struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type expression struct {
	Expression string `json:"expression"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// sbom writes the bill of a binary of some version.
func sbom(info *debug.BuildInfo, binary []byte, version string, licenses []license) ([]byte, error) {
	sum := sha256.Sum256(binary)
	main := module(info.Main.Path, version, licenses)
	main.Type, main.Hashes = "application", []digest{{"SHA-256", fmt.Sprintf("%x", sum)}}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" || s.Key == "-trimpath" {
			main.Properties = append(main.Properties, property{"go:build:" + s.Key, s.Value})
		}
	}
	parts := []component{module("std", strings.TrimPrefix(info.GoVersion, "go"), licenses)}
	for _, dep := range info.Deps {
		c := module(dep.Path, dep.Version, licenses)
		c.Properties = []property{{"go:sum", dep.Sum}} // of the module's files, see golang.org/x/mod/sumdb/dirhash
		parts = append(parts, c)
	}
	slices.SortFunc(parts, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	on := dependency{Ref: main.Ref}
	for _, c := range parts {
		on.DependsOn = append(on.DependsOn, c.Ref)
		if len(c.Licenses) == 0 {
			return nil, fmt.Errorf("module %s %s is in the binary, and its licence was not read: is the checkout another one than that of the build?", c.Name, c.Version)
		}
	}
	text, err := json.MarshalIndent(bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Serial: serial(sum), Metadata: metadata{main}, Components: parts, Dependencies: []dependency{on},
	}, "", "  ")
	return append(text, '\n'), err
}

// module is the component of one module, or of the standard library.
func module(path, version string, licenses []license) component {
	purl := "pkg:golang/" + path + "@" + version
	c := component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
	for _, l := range licenses {
		if l.module == path && (l.version == version || l.version == "") {
			c.Licenses = []expression{{l.id}}
		}
	}
	return c
}

// serial makes a UUID of a digest (RFC 9562, version 8).
func serial(sum [32]byte) string {
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
