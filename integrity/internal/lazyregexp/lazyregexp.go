// Package lazyregexp compiles regular expressions when they are first used. nodeint starts
// often, and most commands use few of them: compiled at the start, they would cost each
// command some 2 ms.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles expr at its first call, and returns the same
// expression at each. It panics if expr is not valid.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
