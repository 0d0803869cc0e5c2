// Package sha256wasm assembles a WebAssembly module that computes SHA-256 (FIPS 180-4).
//
// The preload hashes with it until the program loads node:crypto: to load that module takes
// 9 to 13 ms and 400 to 600 pages of memory in every process, and many programs do without.
//
// # The module
//
// It imports nothing, and exports
//
//   - memory: one page of 64 KiB, which never grows
//   - start(): sets the state to the initial hash value (§5.3.3)
//   - blocks(from, to i32): hashes the blocks of 64 bytes between two addresses (§6.2.2)
//   - finish(from, to, high, low i32): hashes what is left of the message, with the padding
//     (§5.1.1), which it writes after the address to. high and low are the two words of the
//     length of the whole message in bits. The hash value is then at [Digest], as bytes
//
// The address from is a multiple of 64. The addresses below [Data] are the module's own, except
// for the hash value. A message should be given in parts of 8 KiB. The functions trap outside
// the memory, and have no other errors.
package sha256wasm

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Addresses in the memory, in bytes.
const (
	Digest = 32   // the hash value: 32 bytes
	Data   = 1024 // the caller's, to the end of the memory

	state     = 0               // eight words
	constants = 64              // K: 64 words
	schedule  = constants + 256 // W: 64 words
)

// There are several copies of the function that hashes. V8 optimizes a function that has
// hashed 32 KiB: that takes 2 ms and a hundred pages of memory, in vain for a process that
// hashes little more. So each copy but the last is left after 20 KiB, to which the last call
// adds what it is given.
const (
	copies     = 12
	copyLength = 20 << 10
)

// Module returns the module in the binary format (WebAssembly Core Specification, §5).
func Module() []byte {
	before, copied, after := parts()
	return slices.Concat(before, bytes.Repeat(copied, copies), after)
}

// Expression returns an expression of JavaScript whose value is the module in Base64.
func Expression() string {
	before, copied, after := parts()
	quoted := func(b []byte) string { return "'" + base64.StdEncoding.EncodeToString(b) + "'" }
	return fmt.Sprintf("%s + %s.repeat(%d) + %s", quoted(before), quoted(copied), copies, quoted(after))
}

// parts returns a copy of the function, what comes before all copies, and what comes after
// them. The first two have lengths that Base64 needs no padding for.
func parts() (before, copied, after []byte) {
	copied = padded(func(nops code) []byte { return function(locals-2, seq(nops, copyBody())) })
	types := []byte{start, blocks, finish}
	types = append(types, bytes.Repeat([]byte{blocks}, copies)...)

	m := []byte("\x00asm\x01\x00\x00\x00")
	m = section(m, 1, 3, functype(0), functype(2), functype(4)) // types
	m = section(m, 3, len(types), types)                        // functions: their types
	m = section(m, 5, 1, []byte{0x01, 1, 1})                    // memory: one page, at most one
	m = section(m, 6, 1, []byte{i32, 1, 0x41, 0, end})          // hashed, a variable
	m = section(m, 7, 4, export("memory", 2, 0), export("start", 0, start), export("blocks", 0, blocks), export("finish", 0, finish))
	before = padded(func(nops code) []byte {
		code := unsigned(nil, len(types))
		code = slices.Concat(code, function(0, seq(nops, startBody())), function(0, blocksBody()), function(0, finishBody()))
		return append(unsigned(append(slices.Clip(m), 10), len(code)+copies*len(copied)), code...)
	})
	return before, copied, section(nil, 11, 1, data(constants, words(primes(64), math.Cbrt)))
}

// padded returns bytes that are made with so many instructions that do nothing that their
// number is a multiple of three.
func padded(made func(nops code) []byte) []byte {
	for nops := (code{}); ; nops = append(nops, nop) {
		if b := made(nops); len(b)%3 == 0 {
			return b
		}
	}
}

// Functions, of which the first three are their own types, and the global variable.
const (
	start = iota
	blocks
	finish
	firstCopy

	hashed = 0
)

// The locals of a copy: its parameters, the variables a to h of §6.2.2, an offset in bytes
// into W and K, and two words.
const (
	from = iota
	to
	a
	b
	c
	d
	e
	f
	g
	h
	at
	t
	u
	locals
)

// startBody sets the state to the first bits of the fractions of the square roots of the
// first primes (§5.3.3).
func startBody() code {
	var body code
	for i, word := range words(primes(8), math.Sqrt) {
		body = seq(body, num(0), num(word), store(state+4*i))
	}
	return body
}

// blocksBody calls the first copy that has not hashed its part.
func blocksBody() code {
	count := seq(getGlobal(hashed), get(to), get(from), op(sub), op(add), setGlobal(hashed))
	body := seq(count, get(from), get(to), call(firstCopy+copies-1))
	for i := copies - 2; i >= 0; i-- {
		use := seq(count, get(from), get(to), call(firstCopy+i))
		body = either(seq(getGlobal(hashed), num(uint32(i+1)*copyLength), op(less)), use, body)
	}
	return body
}

// copyBody has the names of §6.2.2 and the functions of §4.1.2.
func copyBody() code {
	i := get(at)
	prepare := loop(64, // W for t from 0 to 15: the block, whose words are big-endian
		seq(get(from), i, op(add), load(0), set(t), i, swapped(t), store(schedule)))
	extend := loop(192, // W for t from 16 to 63
		seq(i, load(schedule+4*1), set(t), i, load(schedule+4*14), set(u)),
		seq(i, i, load(schedule), sigma(t, 7, 18, 3), op(add), i, load(schedule+4*9), sigma(u, 17, 19, 10), op(add), op(add), store(schedule+4*16)))
	round := loop(256,
		seq(get(h), rotations(e, 6, 11, 25), op(add)),                                                  // Σ1
		seq(get(g), get(e), get(f), get(g), op(xor), op(and), op(xor), op(add)),                        // Ch
		seq(i, load(constants), op(add), i, load(schedule), op(add), set(t)),                           // T1
		seq(rotations(a, 2, 13, 22)),                                                                   // Σ0
		seq(get(a), get(b), op(and), get(a), get(b), op(or), get(c), op(and), op(or), op(add), set(u)), // Maj, T2
		seq(get(g), set(h), get(f), set(g), get(e), set(f), get(d), get(t), op(add), set(e)),
		seq(get(c), set(d), get(b), set(c), get(a), set(b), get(t), get(u), op(add), set(a)))

	block := seq(prepare, extend)
	for v := a; v <= h; v++ {
		block = seq(block, num(0), load(state+4*(v-a)), set(v))
	}
	block = seq(block, round)
	for v := a; v <= h; v++ {
		block = seq(block, num(0), num(0), load(state+4*(v-a)), get(v), op(add), store(state+4*(v-a)))
	}
	block = seq(block, get(from), num(64), op(add), set(from))
	return while(seq(get(from), get(to), op(less)), block)
}

// finishBody pads the message with a bit, zeros, and its length, and writes the state in
// big-endian order.
func finishBody() code {
	const high, low = 2, 3 // parameters
	more := seq(get(to), num(63), op(and), num(56), op(unequal))
	body := seq(get(to), num(0x80), store8(0), increment(to))
	body = seq(body, while(more, seq(get(to), num(0), store8(0), increment(to))))
	body = seq(body, get(to), swapped(high), store(0), get(to), swapped(low), store(4))
	body = seq(body, get(from), get(to), num(8), op(add), call(blocks))
	for i := range 8 {
		body = seq(body, num(0), load(state+4*i), set(low), num(0), swapped(low), store(Digest+4*i))
	}
	return body
}

func increment(local int) code { return seq(get(local), num(1), op(add), set(local)) }

// rotations is the exclusive or of three rotations of a local.
func rotations(local, x, y, z int) code {
	return seq(rotated(local, x), rotated(local, y), op(xor), rotated(local, z), op(xor))
}

// sigma is the exclusive or of two rotations of a local and a shift.
func sigma(local, x, y, shift int) code {
	return seq(rotated(local, x), rotated(local, y), op(xor), get(local), num(uint32(shift)), op(shiftRight), op(xor))
}

// rotated is a local rotated to the right. It has no i32.rotr: the compiler with which V8
// begins calls a C function for that, and is five times slower.
func rotated(local, by int) code {
	return seq(get(local), num(uint32(by)), op(shiftRight), get(local), num(uint32(32-by)), op(shiftLeft), op(or))
}

// swapped is a local with its bytes in the other order.
func swapped(local int) code {
	return seq(rotated(local, 24), num(0x00ff00ff), op(and), rotated(local, 8), num(0xff00ff00), op(and), op(or))
}

// primes returns the first primes.
func primes(count int) []int {
	var list []int
	for n := 2; len(list) < count; n++ {
		if !slices.ContainsFunc(list, func(p int) bool { return n%p == 0 }) {
			list = append(list, n)
		}
	}
	return list
}

// words returns the first 32 bits of the fractions of roots of the numbers (§4.2.2, §5.3.3).
// They need 35 of the 53 bits that a float64 has.
func words(numbers []int, root func(float64) float64) []uint32 {
	var list []uint32
	for _, n := range numbers {
		_, fraction := math.Modf(root(float64(n)))
		list = append(list, uint32(fraction*(1<<32)))
	}
	return list
}

// data is a segment that begins at an address.
func data(address uint32, list []uint32) []byte {
	var b []byte
	for _, word := range list {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	segment := append(append([]byte{0}, num(address)...), end)
	return append(unsigned(segment, len(b)), b...)
}
