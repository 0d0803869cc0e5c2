package atomic

import (
	"errors"

	"github.com/nodeint/nodeint/integrity/problem"
)

// Problem returns the error to report if Write could not write a file. what
// names its content: "the map".
func Problem(file, what string, err error) *problem.Error {
	hint := "free some disk space, or make the directory writable; the existing file was not changed"
	if errors.Is(err, ErrUnflushed) {
		hint = "check the disk for errors, then run the command again"
	}
	return problem.NotChecked(file, hint, "writing %s: %w", what, err)
}
