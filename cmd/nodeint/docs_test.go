package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/fixtures"
)

// The table of docs/configuration.md holds every flag, with its short form.
func TestDocumentedFlags(t *testing.T) {
	flags := make(map[string]bool)
	note := func(f *pflag.Flag) {
		if f.Name != "help" {
			flags["--"+f.Name] = true
		}
		if f.Shorthand != "" && f.Name != "help" {
			flags["-"+f.Shorthand] = true
		}
	}
	root := newRoot(newUI(io.Discard, io.Discard))
	root.PersistentFlags().VisitAll(note)
	for _, verb := range root.Commands() {
		if generated(verb) {
			continue
		}
		verb.Flags().VisitAll(note)
		for _, sub := range verb.Commands() {
			sub.Flags().VisitAll(note)
		}
	}
	var want []string
	for f := range flags {
		want = append(want, f)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, fixtures.Documented(t, "docs/configuration.md", "Flags")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}

// generated reports whether the command is one that cobra brings along.
func generated(verb *cobra.Command) bool {
	return verb.Name() == "help" || verb.Name() == "completion"
}

// The last table of docs/findings.md holds the members of the JSON report.
func TestDocumentedReport(t *testing.T) {
	var want []string
	for f := range reflect.TypeFor[document]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		want = append(want, name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, fixtures.Documented(t, "docs/findings.md", "The JSON report")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}

// The digest that README.md shows is that of the shop's map.
func TestReadmeDigest(t *testing.T) {
	root := fixtures.Root(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	shop, err := os.ReadFile(filepath.Join(root, "fixtures", "shop", "importmap.json"))
	if err != nil {
		t.Fatal(err)
	}
	digest := regexp.MustCompile(`blake3-[A-Za-z0-9+/]{43}=`)
	for _, shown := range digest.FindAllString(string(readme), -1) {
		if want := digest.FindString(string(shop)); shown != want {
			t.Errorf("it shows %s, the map has %s", shown, want)
		}
	}
}
