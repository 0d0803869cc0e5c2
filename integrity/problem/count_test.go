package problem_test

import (
	"testing"

	"github.com/nodeint/nodeint/integrity/problem"
)

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 file": problem.Count(1, "file"), "2 files": problem.Count(2, "file"), "0 gaps": problem.Count(0, "gap"),
		"1 binary": problem.CountOf(1, "binary", "binaries"), "2 binaries": problem.CountOf(2, "binary", "binaries"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
