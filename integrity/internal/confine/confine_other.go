//go:build !linux

package confine

import "errors"

var errUnsupported = errors.New("only Linux has Landlock")

// CheckReadOnly returns an error: only Linux has Landlock.
func CheckReadOnly() error { return errUnsupported }

// Main returns at once.
func Main() {}

// A Stage exists on Linux only.
type Stage struct{ PID int }

// Start returns an error.
func Start() (*Stage, error) { return nil, errUnsupported }

// Exec returns an error.
func (*Stage) Exec(string, []string, []string, Policy, func(listener int, err error)) error {
	return errUnsupported
}

// Cancel does nothing.
func (*Stage) Cancel() {}
