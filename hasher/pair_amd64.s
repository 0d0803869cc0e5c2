//go:build !purego

#include "textflag.h"

// SHA-256 (FIPS 180-4 §6.2.2) of two inputs at once, with the instructions of
// Intel's "SHA Extensions" paper (2013).
//
// SHA256RNDS2 does two rounds in four cycles, and each pair of rounds depends on
// the pair before it. So one input leaves the unit idle half of the time. The
// rounds of a second, independent input use that time.
//
// Between blocks a state is in two registers, in the order of the instruction:
// words A B E F in one, C D G H in the other. The first word is the highest.

// K has the 64 constants (§4.2.2).
DATA K<>+0x00(SB)/8, $0x71374491428a2f98
DATA K<>+0x08(SB)/8, $0xe9b5dba5b5c0fbcf
DATA K<>+0x10(SB)/8, $0x59f111f13956c25b
DATA K<>+0x18(SB)/8, $0xab1c5ed5923f82a4
DATA K<>+0x20(SB)/8, $0x12835b01d807aa98
DATA K<>+0x28(SB)/8, $0x550c7dc3243185be
DATA K<>+0x30(SB)/8, $0x80deb1fe72be5d74
DATA K<>+0x38(SB)/8, $0xc19bf1749bdc06a7
DATA K<>+0x40(SB)/8, $0xefbe4786e49b69c1
DATA K<>+0x48(SB)/8, $0x240ca1cc0fc19dc6
DATA K<>+0x50(SB)/8, $0x4a7484aa2de92c6f
DATA K<>+0x58(SB)/8, $0x76f988da5cb0a9dc
DATA K<>+0x60(SB)/8, $0xa831c66d983e5152
DATA K<>+0x68(SB)/8, $0xbf597fc7b00327c8
DATA K<>+0x70(SB)/8, $0xd5a79147c6e00bf3
DATA K<>+0x78(SB)/8, $0x1429296706ca6351
DATA K<>+0x80(SB)/8, $0x2e1b213827b70a85
DATA K<>+0x88(SB)/8, $0x53380d134d2c6dfc
DATA K<>+0x90(SB)/8, $0x766a0abb650a7354
DATA K<>+0x98(SB)/8, $0x92722c8581c2c92e
DATA K<>+0xa0(SB)/8, $0xa81a664ba2bfe8a1
DATA K<>+0xa8(SB)/8, $0xc76c51a3c24b8b70
DATA K<>+0xb0(SB)/8, $0xd6990624d192e819
DATA K<>+0xb8(SB)/8, $0x106aa070f40e3585
DATA K<>+0xc0(SB)/8, $0x1e376c0819a4c116
DATA K<>+0xc8(SB)/8, $0x34b0bcb52748774c
DATA K<>+0xd0(SB)/8, $0x4ed8aa4a391c0cb3
DATA K<>+0xd8(SB)/8, $0x682e6ff35b9cca4f
DATA K<>+0xe0(SB)/8, $0x78a5636f748f82ee
DATA K<>+0xe8(SB)/8, $0x8cc7020884c87814
DATA K<>+0xf0(SB)/8, $0xa4506ceb90befffa
DATA K<>+0xf8(SB)/8, $0xc67178f2bef9a3f7
GLOBL K<>(SB), RODATA|NOPTR, $256

// bigEndian is the shuffle that reverses the bytes of each word.
DATA bigEndian<>+0(SB)/8, $0x0405060700010203
DATA bigEndian<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL bigEndian<>(SB), RODATA|NOPTR, $16

// UNPACK loads a state of eight words as abef and cdgh.
#define UNPACK(state, abef, cdgh) \
	MOVOU 0(state), abef   \ // D C B A: the last word is the highest
	MOVOU 16(state), cdgh  \ // H G F E
	PSHUFD $0xb1, abef, abef \ // C D A B
	PSHUFD $0x1b, cdgh, cdgh \ // E F G H
	MOVO  abef, X0         \
	PALIGNR $8, cdgh, abef \ // A B E F
	PBLENDW $0xf0, X0, cdgh  // C D G H

// PACK stores abef and cdgh as a state of eight words.
#define PACK(state, abef, cdgh) \
	PSHUFD $0x1b, abef, abef \ // F E B A
	PSHUFD $0xb1, cdgh, cdgh \ // D C H G
	MOVO  abef, X0         \
	PBLENDW $0xf0, cdgh, abef \ // D C B A
	PALIGNR $8, X0, cdgh   \ // H G F E
	MOVOU abef, 0(state)   \
	MOVOU cdgh, 16(state)

// LOAD reads four words of a block as m.
#define LOAD(i, block, m) \
	MOVOU  (16*i)(block), m \
	PSHUFB X15, m

// ROUNDS does rounds 4i to 4i+3 with the four words m of the schedule.
// SHA256RNDS2 reads its words from X0.
#define ROUNDS(i, m, abef, cdgh) \
	MOVO  m, X0               \
	PADDD (16*i)(AX), X0      \
	SHA256RNDS2 X0, abef, cdgh \
	PSHUFD $0x0e, X0, X0      \
	SHA256RNDS2 X0, cdgh, abef

// NEXT completes the four words after m in next, which has the sum that SHA256MSG1
// began. The four words before m are in before.
#define NEXT(before, m, next, tmp) \
	MOVO m, tmp              \
	PALIGNR $4, before, tmp  \
	PADDD tmp, next          \
	SHA256MSG2 m, next

// BOTH does four rounds on both inputs, with words of the schedule a and b.
#define BOTH(i, a, b) \
	ROUNDS(i, a, X1, X2) \
	ROUNDS(i, b, X7, X8)

// FOUR does the four rounds of BOTH with a1 and b1, and computes words of the
// schedule. It completes a2 and b2, and begins the words 16 after a0 and b0 in
// their place. Another FOUR or NEXT completes these three steps later.
#define FOUR(i, a0, a1, a2, b0, b1, b2) \
	ROUNDS(i, a1, X1, X2)  \
	NEXT(a0, a1, a2, X13)  \
	SHA256MSG1 a1, a0      \
	ROUNDS(i, b1, X7, X8)  \
	NEXT(b0, b1, b2, X14)  \
	SHA256MSG1 b1, b0

// func blocks2(a, b *[8]uint32, p, q *byte, n int)
TEXT ·blocks2(SB), NOSPLIT, $64-40
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ p+16(FP), R8
	MOVQ q+24(FP), R9
	MOVQ n+32(FP), CX
	LEAQ K<>(SB), AX
	MOVOU bigEndian<>(SB), X15
	UNPACK(DI, X1, X2)
	UNPACK(SI, X7, X8)
	TESTQ CX, CX
	JEQ  done

loop:
	MOVOU X1, save-64(SP)
	MOVOU X2, save-48(SP)
	MOVOU X7, save-32(SP)
	MOVOU X8, save-16(SP)

	LOAD(0, R8, X3)
	LOAD(0, R9, X9)
	BOTH(0, X3, X9)
	LOAD(1, R8, X4)
	LOAD(1, R9, X10)
	BOTH(1, X4, X10)
	SHA256MSG1 X4, X3
	SHA256MSG1 X10, X9
	LOAD(2, R8, X5)
	LOAD(2, R9, X11)
	BOTH(2, X5, X11)
	SHA256MSG1 X5, X4
	SHA256MSG1 X11, X10
	LOAD(3, R8, X6)
	LOAD(3, R9, X12)
	FOUR(3, X5, X6, X3, X11, X12, X9)
	FOUR(4, X6, X3, X4, X12, X9, X10)
	FOUR(5, X3, X4, X5, X9, X10, X11)
	FOUR(6, X4, X5, X6, X10, X11, X12)
	FOUR(7, X5, X6, X3, X11, X12, X9)
	FOUR(8, X6, X3, X4, X12, X9, X10)
	FOUR(9, X3, X4, X5, X9, X10, X11)
	FOUR(10, X4, X5, X6, X10, X11, X12)
	FOUR(11, X5, X6, X3, X11, X12, X9)
	FOUR(12, X6, X3, X4, X12, X9, X10)
	NEXT(X3, X4, X5, X13)
	NEXT(X9, X10, X11, X14)
	BOTH(13, X4, X10)
	NEXT(X4, X5, X6, X13)
	NEXT(X10, X11, X12, X14)
	BOTH(14, X5, X11)
	BOTH(15, X6, X12)

	MOVOU save-64(SP), X3
	MOVOU save-48(SP), X4
	MOVOU save-32(SP), X9
	MOVOU save-16(SP), X10
	PADDD X3, X1
	PADDD X4, X2
	PADDD X9, X7
	PADDD X10, X8

	ADDQ $64, R8
	ADDQ $64, R9
	DECQ CX
	JNE  loop

done:
	PACK(DI, X1, X2)
	PACK(SI, X7, X8)
	RET
