package sha256wasm

import "slices"

// code is instructions (§5.4).
type code []byte

// Instructions (§5.4.1, §5.4.5, §5.4.7).
const (
	nop        = 0x01
	end        = 0x0b
	unequal    = 0x47 // i32.ne
	less       = 0x49 // i32.lt_u
	add        = 0x6a
	sub        = 0x6b
	and        = 0x71
	or         = 0x72
	xor        = 0x73
	shiftLeft  = 0x74
	shiftRight = 0x76 // i32.shr_u

	i32   = 0x7f // a type
	empty = 0x40 // that of a block without results
)

// seq returns one sequence of instructions after the other.
func seq(parts ...code) code { return slices.Concat(parts...) }

func op(b byte) code         { return code{b} }
func get(local int) code     { return unsigned(code{0x20}, local) }
func set(local int) code     { return unsigned(code{0x21}, local) }
func tee(local int) code     { return unsigned(code{0x22}, local) }
func call(f int) code        { return unsigned(code{0x10}, f) }
func getGlobal(v int) code   { return unsigned(code{0x23}, v) }
func setGlobal(v int) code   { return unsigned(code{0x24}, v) }
func num(n uint32) code      { return signed(code{0x41}, int64(int32(n))) }
func load(offset int) code   { return unsigned(code{0x28, 2}, offset) } // of a word
func store8(offset int) code { return unsigned(code{0x3a, 0}, offset) }
func store(offset int) code  { return unsigned(code{0x36, 2}, offset) }

// loop repeats instructions for the values 0, 4, … of the local at, as far as limit.
func loop(limit uint32, body ...code) code {
	return seq(num(0), set(at), code{0x03, empty}, seq(body...),
		get(at), num(4), op(add), tee(at), num(limit), op(less), code{0x0d, 0, end}) // br_if
}

// while repeats instructions as long as a condition holds.
func while(condition, body code) code {
	return seq(code{0x03, empty}, condition, code{0x04, empty}, body, code{0x0c, 1, end, end}) // if, br
}

// either runs one of two sequences of instructions.
func either(condition, yes, no code) code {
	return seq(condition, code{0x04, empty}, yes, code{0x05}, no, code{end}) // if, else
}

// section appends a section with a vector (§5.5.2).
func section(m []byte, id byte, count int, items ...[]byte) []byte {
	contents := unsigned(nil, count)
	for _, item := range items {
		contents = append(contents, item...)
	}
	return append(unsigned(append(m, id), len(contents)), contents...)
}

// functype is the type of a function without results (§5.3.6).
func functype(params int) []byte {
	t := unsigned([]byte{0x60}, params)
	for range params {
		t = append(t, i32)
	}
	return append(t, 0)
}

// export is an export (§5.5.10) of a function, kind 0, or a memory, kind 2.
func export(name string, kind byte, index int) []byte {
	return unsigned(append(append(unsigned(nil, len(name)), name...), kind), index)
}

// function is a function with locals besides its parameters (§5.5.13).
func function(locals int, body code) []byte {
	f := []byte{0}
	if locals > 0 {
		f = append(unsigned([]byte{1}, locals), i32)
	}
	f = append(append(f, body...), end)
	return append(unsigned(nil, len(f)), f...)
}

// unsigned appends a number in LEB128 (§5.2.2).
func unsigned(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// signed appends a number in signed LEB128.
func signed(b []byte, n int64) []byte {
	for ; n < -0x40 || n >= 0x40; n >>= 7 {
		b = append(b, byte(n)&0x7f|0x80)
	}
	return append(b, byte(n)&0x7f)
}
