#include "textflag.h"

// How often the bytes of a unit of 32 count: 32, 31, … 1.
DATA weights<>+0(SB)/8, $0x191a1b1c1d1e1f20
DATA weights<>+8(SB)/8, $0x1112131415161718
DATA weights<>+16(SB)/8, $0x090a0b0c0d0e0f10
DATA weights<>+24(SB)/8, $0x0102030405060708
GLOBL weights<>(SB), RODATA|NOPTR, $32

DATA ones<>+0(SB)/2, $1
GLOBL ones<>(SB), RODATA|NOPTR, $2

// LANES adds the eight lanes of Y, whose low half is X, into R.
#define LANES(Y, X, R) \
	VEXTRACTI128 $1, Y, X15  \
	VPADDD       X15, X, X   \
	VPSHUFD      $0x4e, X, X15 \
	VPADDD       X15, X, X   \
	VPSHUFD      $0xb1, X, X15 \
	VPADDD       X15, X, X   \
	VMOVD        X, R

// func adlerSumsAVX2(block *byte, n int) (sum, before, within uint32)
//
// sum is that of the bytes of n units; before the sum of what sum was before each
// unit; within the sum of bytes, weighted by their place in their unit.
TEXT ·adlerSumsAVX2(SB), NOSPLIT, $0-28
	MOVQ         block+0(FP), SI
	MOVQ         n+8(FP), CX
	VMOVDQU      weights<>(SB), Y4
	VPBROADCASTW ones<>(SB), Y5
	VPXOR        Y6, Y6, Y6
	VPXOR        Y0, Y0, Y0 // sum
	VPXOR        Y1, Y1, Y1 // before
	VPXOR        Y2, Y2, Y2 // within
	TESTQ        CX, CX
	JZ           done

loop:
	VMOVDQU    (SI), Y3
	VPADDD     Y0, Y1, Y1
	VPSADBW    Y6, Y3, Y7
	VPADDD     Y7, Y0, Y0
	VPMADDUBSW Y4, Y3, Y3
	VPMADDWD   Y5, Y3, Y3
	VPADDD     Y3, Y2, Y2
	ADDQ       $32, SI
	DECQ       CX
	JNZ        loop

done:
	LANES(Y0, X0, AX)
	MOVL AX, sum+16(FP)
	LANES(Y1, X1, AX)
	MOVL AX, before+20(FP)
	LANES(Y2, X2, AX)
	MOVL AX, within+24(FP)
	VZEROUPPER
	RET
