package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Every error has the exit status of its class, and none has status 0.
func TestExplain(t *testing.T) {
	cause := errors.New("the cause")
	for _, c := range []struct {
		err  error
		want int
	}{
		{cause, exitFailed},
		{fs.ErrPermission, exitFailed},
		{context.DeadlineExceeded, exitFailed},
		{fmt.Errorf("hashing: %w", context.Canceled), exitInterrupted},
		{&integrity.Error{Class: integrity.Failed, Err: cause}, exitFailed},
		{&integrity.Error{Class: integrity.Usage, Err: cause}, exitUsage},
		{&integrity.Error{Class: integrity.Untrusted, Code: problem.MapRoot, Err: cause}, exitUntrusted},
		{fmt.Errorf("run: %w", &integrity.Error{Class: integrity.Untrusted, Err: cause}), exitUntrusted},
	} {
		if got := explain(c.err).exit; got != c.want {
			t.Errorf("%#v: status %d, want %d", c.err, got, c.want)
		}
	}
}
