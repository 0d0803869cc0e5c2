package main

import (
	"context"
	"time"
)

// signalGrace is how long a verb has to return after the first signal.
const signalGrace = 2 * time.Second

// exitOnSignal ends the process if the verb does not return soon after ctx is canceled:
// it may be blocked in a system call that does not watch ctx, such as opening a FIFO. The
// verbs run and trace are exempt, because they wait for the program that they have started.
// It does nothing if u cannot end the process.
func (u *ui) exitOnSignal(ctx context.Context, verb string) {
	if u.exit == nil || verb == "run" || verb == "trace" {
		return
	}
	context.AfterFunc(ctx, func() {
		select {
		case <-u.done:
		case <-time.After(signalGrace):
			u.exit(exitInterrupted)
		}
	})
}
