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
//   - finish(from, to, length i32): hashes what is left of the message, with the padding
//     for a message of length bytes (§5.1.1), which it writes after the address to. The
//     hash value is then at [Digest], as bytes
//
// The address from is a multiple of 64. The addresses below [Data] are the module's own, but
// for the hash value. A message has less than 512 MiB. The functions trap outside the memory,
// and have no other errors.
package sha256wasm

import (
	"encoding/binary"
	"math/big"
)

// Addresses in the memory, in bytes.
const (
	Digest = 32   // the hash value: 32 bytes
	Data   = 1024 // the caller's, to the end of the memory

	state     = 0               // eight words
	constants = 64              // K: 64 words
	schedule  = constants + 256 // W: 64 words
)

// Module returns the module in the binary format (WebAssembly Core Specification, §5).
func Module() []byte {
	m := []byte("\x00asm\x01\x00\x00\x00")
	m = section(m, 1, 3, functype(0), functype(2), functype(3)) // types
	m = section(m, 3, 3, []byte{start, blocks, finish})         // functions: their types
	m = section(m, 5, 1, []byte{0x01, 1, 1})                    // memory: one page, at most one
	m = section(m, 7, 4, export("memory", 2, 0), export("start", 0, start), export("blocks", 0, blocks), export("finish", 0, finish))
	m = section(m, 10, 3, function(0, startBody()), function(locals-2, blocksBody()), function(0, finishBody()))
	return section(m, 11, 1, data(constants, words(primes(64), 3)))
}

// Functions, and their types.
const (
	start = iota
	blocks
	finish
)

// The locals of blocks: its parameters, the variables a to h of §6.2.2, an offset in bytes
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
	for i, word := range words(primes(8), 2) {
		body = body.add(num(0), num(word), store(state+4*i))
	}
	return body
}

// blocksBody has the names of §6.2.2 and the functions of §4.1.2.
func blocksBody() code {
	i := get(at)
	prepare := loop(64, // W for t from 0 to 15: the block, whose words are big-endian
		code{}.add(get(from), i, op(add), load(0), set(t), i, swapped(t), store(schedule)))
	extend := loop(192, // W for t from 16 to 63
		code{}.add(i, load(schedule+4*1), set(t), i, load(schedule+4*14), set(u)),
		code{}.add(i, i, load(schedule), sigma(t, 7, 18, 3), op(add), i, load(schedule+4*9), sigma(u, 17, 19, 10), op(add), op(add), store(schedule+4*16)))
	round := loop(256,
		code{}.add(get(h), rotations(e, 6, 11, 25), op(add)),                                                  // Σ1
		code{}.add(get(g), get(e), get(f), get(g), op(xor), op(and), op(xor), op(add)),                        // Ch
		code{}.add(i, load(constants), op(add), i, load(schedule), op(add), set(t)),                           // T1
		code{}.add(rotations(a, 2, 13, 22)),                                                                   // Σ0
		code{}.add(get(a), get(b), op(and), get(a), get(b), op(or), get(c), op(and), op(or), op(add), set(u)), // Maj, T2
		code{}.add(get(g), set(h), get(f), set(g), get(e), set(f), get(d), get(t), op(add), set(e)),
		code{}.add(get(c), set(d), get(b), set(c), get(a), set(b), get(t), get(u), op(add), set(a)))

	block := code{}.add(prepare, extend)
	for v := a; v <= h; v++ {
		block = block.add(num(0), load(state+4*(v-a)), set(v))
	}
	block = block.add(round)
	for v := a; v <= h; v++ {
		block = block.add(num(0), num(0), load(state+4*(v-a)), get(v), op(add), store(state+4*(v-a)))
	}
	block = block.add(get(from), num(64), op(add), set(from))
	return while(code{}.add(get(from), get(to), op(less)), block)
}

// finishBody pads the message with a bit, zeros, and its length in bits, and writes the
// state in big-endian order.
func finishBody() code {
	const length = 2 // a parameter, then a word
	more := code{}.add(get(to), num(63), op(and), num(56), op(unequal))
	body := code{}.add(get(to), num(0x80), store8(0), increment(to))
	body = body.add(while(more, code{}.add(get(to), num(0), store8(0), increment(to))))
	body = body.add(get(length), num(3), op(shiftLeft), set(length))
	body = body.add(get(to), num(0), store(0), get(to), swapped(length), store(4))
	body = body.add(get(from), get(to), num(8), op(add), call(blocks))
	for i := range 8 {
		body = body.add(num(0), load(state+4*i), set(length), num(0), swapped(length), store(Digest+4*i))
	}
	return body
}

func increment(local int) code { return code{}.add(get(local), num(1), op(add), set(local)) }

// rotations is the exclusive or of three rotations of a local.
func rotations(local, x, y, z int) code {
	return code{}.add(rotated(local, x), rotated(local, y), op(xor), rotated(local, z), op(xor))
}

// sigma is the exclusive or of two rotations of a local and a shift.
func sigma(local, x, y, shift int) code {
	return code{}.add(rotated(local, x), rotated(local, y), op(xor), get(local), num(uint32(shift)), op(shiftRight), op(xor))
}

// rotated is a local rotated to the right. It has no i32.rotr: the compiler with which V8
// begins calls a C function for that, and is five times slower.
func rotated(local, by int) code {
	return code{}.add(get(local), num(uint32(by)), op(shiftRight), get(local), num(uint32(32-by)), op(shiftLeft), op(or))
}

// swapped is a local with its bytes in the other order.
func swapped(local int) code {
	return code{}.add(rotated(local, 24), num(0x00ff00ff), op(and), rotated(local, 8), num(0xff00ff00), op(and), op(or))
}

// primes returns the first primes.
func primes(count int) []int64 {
	var list []int64
	for n := int64(2); len(list) < count; n++ {
		if big.NewInt(n).ProbablyPrime(0) {
			list = append(list, n)
		}
	}
	return list
}

// words returns the first 32 bits of the fractions of roots of the numbers (§4.2.2, §5.3.3):
// floor(root(n << 32·power)), of which only the low bits are kept.
func words(numbers []int64, power uint) []uint32 {
	var out []uint32
	for _, n := range numbers {
		wanted := new(big.Int).Lsh(big.NewInt(n), 32*power)
		root := new(big.Int)
		for bit := 35; bit >= 0; bit-- {
			larger := new(big.Int).SetBit(root, bit, 1)
			if new(big.Int).Exp(larger, big.NewInt(int64(power)), nil).Cmp(wanted) <= 0 {
				root = larger
			}
		}
		out = append(out, uint32(root.Uint64()))
	}
	return out
}

// data is a segment that begins at an address.
func data(address uint32, words []uint32) []byte {
	var b []byte
	for _, word := range words {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	segment := append(append([]byte{0}, num(address)...), end)
	return append(unsigned(segment, len(b)), b...)
}
