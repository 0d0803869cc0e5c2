package atomic

import (
	"errors"

	"github.com/nodeint/nodeint/integrity/problem"
)

// Problem returns the error to report if Write could not write a file. what
// names its content: "the map".
func Problem(file, what string, err error) *problem.Error {
	hint := "nothing was changed; free disk space or make the directory writable"
	if errors.Is(err, ErrUnflushed) {
		hint = "check the disk, and run it again"
	}
	return problem.NotChecked(file, hint, "writing %s: %w", what, err)
}
