//go:build !purego

package hasher

import "github.com/klauspost/cpuid/v2"

// hasBlocks2 reports whether the processor has what blocks2 is made of.
var hasBlocks2 = cpuid.CPU.Supports(cpuid.SHA, cpuid.SSE4, cpuid.SSSE3)

// blocks2 adds n blocks of 64 bytes at p to the state a, and as many at q to
// the state b, in little more than the time that one of them takes. It must not
// be called unless hasBlocks2.
//
//go:noescape
func blocks2(a, b *[8]uint32, p, q *byte, n int)
