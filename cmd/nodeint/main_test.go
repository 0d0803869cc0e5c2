package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nodeint runs one command line in this process and returns its exit status.
func nodeint(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return newUI(stdout, stderr).execute(ctx, args)
}

// The committed map of the shop is the one that this version writes.
func TestShopIsUpToDate(t *testing.T) {
	shop := filepath.Join("..", "..", "fixtures", "shop")
	for _, args := range [][]string{{"generate", "--check"}, {"verify"}} {
		var out, err bytes.Buffer
		if exit := nodeint(context.Background(), append([]string{"-C", shop}, args...), &out, &err); exit != exitOK {
			t.Errorf("nodeint %s: exit status %d\n%s%s", args, exit, &out, &err)
		}
	}
}

// An interrupted command reports the interruption and does not write the map.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "fixtures", "shop"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "importmap.json")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, stderr bytes.Buffer
	if exit := nodeint(ctx, []string{"-C", dir, "generate"}, &out, &stderr); exit != exitInterrupted {
		t.Errorf("exit status is %d, want %d", exit, exitInterrupted)
	}
	if got := stderr.String(); got != "nodeint: error: interrupted\n" || out.Len() > 0 {
		t.Errorf("printed %q and %q", out.String(), got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*importmap*"))
	if err != nil || len(left) > 0 {
		t.Errorf("found %q after the interruption (%v)", left, err)
	}
}

// A diff for a terminal contains no escape sequences, and keeps its lines and tabs.
func TestPrintable(t *testing.T) {
	diff := "+\t\x1b[31mred\u202e\r\n é\n"
	if got, want := (&ui{outTTY: true}).printable(diff), "+\t\\x1b[31mred\\u202e\\r\n é"; got != want {
		t.Errorf("on a terminal: got %q, want %q", got, want)
	}
	if got, want := (&ui{}).printable(diff), strings.TrimSuffix(diff, "\n"); got != want {
		t.Errorf("in a file: got %q, want %q", got, want)
	}
}

func TestOnlyVerb(t *testing.T) {
	all := verbs(newRoot(newUI(io.Discard, io.Discard), ""))
	for _, v := range verbTable {
		root := newRoot(newUI(io.Discard, io.Discard), v.name)
		if cmd, _, err := root.Find([]string{v.name}); err != nil || cmd.Name() != v.name {
			t.Errorf("the command of %q is %q, %v", v.name, cmd.Name(), err)
		}
	}
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"verify", "-v"}, "verify"},
		{[]string{"run", "node", "a.js"}, "run"},
		{[]string{"-C", "run", "verify"}, ""},
		{[]string{"help", "verify"}, ""},
		{[]string{"man", "verify"}, ""},
		{[]string{"__complete", "ver"}, ""},
		{[]string{"verfy"}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		if got := onlyVerb(tt.args); got != tt.want {
			t.Errorf("onlyVerb(%q) = %q, want %q", tt.args, got, tt.want)
		}
	}
	if len(all) < 10 {
		t.Errorf("without a verb, only %q are set up", all)
	}
}
