package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// Every module that nodeint is made of may be passed on with a notice.
func TestLicenses(t *testing.T) {
	licenses, err := readLicenses()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"std BSD-3-Clause", "github.com/evanw/esbuild MIT", "github.com/zeebo/blake3 CC0-1.0", "github.com/nodeint/nodeint Apache-2.0"}
	for _, l := range licenses {
		want = slices.DeleteFunc(want, func(w string) bool { return w == l.module+" "+l.id })
	}
	if len(want) > 0 {
		t.Errorf("%q are not among %v", want, licenses)
	}
}

func TestLicenseOf(t *testing.T) {
	for text, want := range map[string]string{
		"Permission is hereby granted,\n free of charge, to any person obtaining a copy of this software and associated documentation files (the \"Software\")": "MIT",
		"                                 Apache License\n                           Version 2.0, January 2004":                                                 "Apache-2.0",
		"Redistributions of source code must retain the above copyright\nnotice":                                                                                "BSD-2-Clause",
		"GNU GENERAL PUBLIC LICENSE Version 3":                                                      "",
		"/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */\n\nGNU GENERAL PUBLIC LICENSE": "BSD-3-Clause",
		"GNU GENERAL PUBLIC LICENSE\n/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */":   "",
		"All rights reserved.": "",
		"MIT, but see the Commons Clause License Condition v1.0": "",
		"": "",
	} {
		if got, err := licenseOf(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q: %q (%v), want %q", text, got, err, want)
		}
	}
}

// The bill names what is in the binary, and does so twice in the same bytes.
func TestSBOM(t *testing.T) {
	file := testenv.Nodeint(t)
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	licenses, err := readLicenses()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sbom(info, binary, "v1.2.3", licenses)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sbom(info, binary, "v1.2.3", licenses); err != nil || string(again) != string(text) {
		t.Errorf("a second time it is another text (%v)", err)
	}
	var b bill
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	refs := []string{b.Metadata.Component.Ref}
	for _, c := range b.Components {
		refs = append(refs, c.Ref)
	}
	if len(b.Components) != len(info.Deps)+1 || !slices.Equal(b.Dependencies[0].DependsOn, refs[1:]) {
		t.Errorf("%d components, and %d modules in the binary:\n%s", len(b.Components), len(info.Deps), text)
	}
	if sorted := slices.Sorted(slices.Values(refs)); len(slices.Compact(sorted)) != len(refs) {
		t.Errorf("a component is there twice: %q", refs)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(b.Serial) {
		t.Errorf("the serial number is %s", b.Serial)
	}
}

// Workflows pin the actions of others by commit, and no workflow may write
// unless one of its jobs says so.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Root(t), ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the workflows are %q (%v)", files, err)
	}
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if _, action, ok := strings.Cut(strings.TrimSpace(line), "uses: "); ok && !pinned.MatchString(action) {
				t.Errorf("%s: %s is not pinned by its commit, with the version behind", file, action)
			}
		}
		if !strings.Contains(string(text), "\npermissions:\n  contents: read\n") {
			t.Errorf("%s: permissions do not begin with contents: read", file)
		}
	}
}

// Every binary of a release is of a commit: the version says which.
func TestBuildVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no release build")
	}
	root := testenv.Root(t)
	if out, err := exec.Command("git", "-C", root, "rev-parse", "HEAD").CombinedOutput(); err != nil {
		testenv.Unavailable(t, "no git checkout: %v\n%s", err, out)
	}
	file := filepath.Join(t.TempDir(), "nodeint")
	build := exec.Command(filepath.Join(root, ".ci", "build"), runtime.GOOS+"/"+runtime.GOARCH, file)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := exec.Command("git", "-C", root, "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(file, "version").Output()
	if line, _, _ := strings.Cut(string(said), "\n"); err != nil || line != "nodeint "+strings.TrimSpace(string(want)) {
		t.Errorf("it says %q, and the commit is %q (%v)", line, want, err)
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), root) {
		t.Errorf("the binary holds the path of the checkout (%v)", err)
	}
}
