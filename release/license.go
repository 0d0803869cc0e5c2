package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A license is that of one module.
type license struct {
	module, version string
	id              string // an SPDX expression
	text            string // of the module's licence files
}

// systems are those that releases are made for: not all link the same modules.
var systems = []string{"linux", "darwin", "windows"}

// readLicenses finds the licence of each module that is linked into nodeint on one of
// the systems, and of the standard library, sorted by module. It does so once.
var readLicenses = sync.OnceValues(findLicenses)

func findLicenses() ([]license, error) {
	dirs := make(map[[2]string]string)
	for _, system := range systems {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", "github.com/nodeint/nodeint/cmd/nodeint")
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		for line := range strings.Lines(string(out)) {
			if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
				dirs[[2]string{f[0], f[1]}] = f[2]
			}
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	dirs[[2]string{"std", ""}] = strings.TrimSpace(string(root))
	var all []license
	for module, dir := range dirs {
		id, text, err := licenseIn(dir)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", module[0], err)
		}
		all = append(all, license{module[0], module[1], id, text})
	}
	slices.SortFunc(all, func(a, b license) int { return strings.Compare(a.module, b.module) })
	return all, nil
}

// licenseIn reads the licence files of a module's directory.
func licenseIn(dir string) (id, text string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", "", err
	}
	var ids, texts []string
	for _, e := range entries {
		name := strings.ToUpper(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))
		if name != "LICENSE" && name != "LICENCE" && name != "COPYING" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", "", err
		}
		id, err := licenseOf(string(text))
		if err != nil {
			return "", "", fmt.Errorf("%s: %w", e.Name(), err)
		}
		ids, texts = append(ids, id), append(texts, strings.TrimSpace(string(text))+"\n")
	}
	if ids == nil {
		return "", "", fmt.Errorf("there is no licence in %s", dir)
	}
	return strings.Join(ids, " AND "), strings.Join(texts, "\n"), nil
}

// notices returns the texts of the licences of all modules of others in nodeint, which
// everyone who distributes the programs must pass on.
func notices() ([]byte, error) {
	licenses, err := readLicenses()
	if err != nil {
		return nil, err
	}
	text := []byte("nodeint contains the following modules of others, under their licences.\n")
	for _, l := range licenses {
		if l.module == "github.com/nodeint/nodeint" {
			continue
		}
		name := strings.TrimSpace(l.module + " " + l.version)
		if l.module == "std" {
			name = "the standard library of Go"
		}
		text = fmt.Appendf(text, "\n%s\n%s (%s)\n\n%s", strings.Repeat("-", 80), name, l.id, l.text)
	}
	return text, nil
}

// allowed lists the licences that require only a notice, each with words that
// its text has and no other's does. The texts are compared in lower case, with one
// space between words. A file may hold several.
var allowed = []struct{ id, words string }{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"Apache-2.0", "licensed under the apache license, version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided"},
	{"0BSD", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted. "},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"CC0-1.0", "cc0 1.0 universal"},
}

// strict lists words of licences that require more.
var strict = []string{"gnu general public license", "gnu lesser general public license", "gnu affero general public license", "server side public license", "business source license", "commons clause"}

// chosen lists how texts begin that leave the choice of the licence, and what is chosen.
var chosen = map[string]string{
	"/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */": "BSD-3-Clause", // libcap/psx
}

// licenseOf names the licences that a text is of.
func licenseOf(text string) (string, error) {
	first, _, _ := strings.Cut(text, "\n")
	if id := chosen[strings.TrimSpace(first)]; id != "" {
		return id, nil
	}
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	var ids []string
	for _, l := range allowed {
		if strings.Contains(text, l.words) && !slices.Contains(ids, l.id) {
			ids = append(ids, l.id)
		}
	}
	if !slices.Contains(ids, "BSD-3-Clause") && strings.Contains(text, "redistributions of source code must retain the above copyright notice") {
		ids = append(ids, "BSD-2-Clause")
	}
	for _, words := range strict {
		// The Mozilla licence names these as others that it may be combined with.
		if strings.Contains(text, words) && !slices.Contains(ids, "MPL-2.0") {
			return "", fmt.Errorf("it contains %q: read it, and add to release/license.go what it requires", words)
		}
	}
	if ids == nil {
		return "", fmt.Errorf("unknown licence: read it, and add it to release/license.go if it requires only a notice")
	}
	return strings.Join(ids, " AND "), nil
}
