package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The shop's committed map is the one that this version writes.
func TestShopIsUpToDate(t *testing.T) {
	shop := filepath.Join("..", "..", "fixtures", "shop")
	for _, args := range [][]string{{"generate", "--check"}, {"verify"}} {
		var out, err bytes.Buffer
		if exit := nodeint(context.Background(), append([]string{"-C", shop}, args...), &out, &err); exit != exitOK {
			t.Errorf("nodeint %s exits %d:\n%s%s", args, exit, &out, &err)
		}
	}
}

// An interrupted command says so, and leaves the map alone.
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
		t.Errorf("left behind %q (%v)", left, err)
	}
}

// A diff on a terminal shows no escape sequences, and keeps its lines and tabs.
func TestPrintable(t *testing.T) {
	diff := "+\t\x1b[31mred\u202e\r\n é\n"
	if got, want := (&ui{outTTY: true}).printable(diff), "+\t\\x1b[31mred\\u202e\\r\n é"; got != want {
		t.Errorf("it is %q, not %q", got, want)
	}
	if got, want := (&ui{}).printable(diff), strings.TrimSuffix(diff, "\n"); got != want {
		t.Errorf("in a file it is %q, not %q", got, want)
	}
}
