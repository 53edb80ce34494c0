#include "textflag.h"

// func paethSSE2(cur, up, raw *byte, pixels, bpp int)
//
// Four channels are in lanes of 16 bits, of which only the low byte is ever set in
// what is left, up and corner. The names are those of function paeth.
TEXT ·paethSSE2(SB), NOSPLIT, $0-40
	MOVQ cur+0(FP), DI
	MOVQ up+8(FP), DX
	MOVQ raw+16(FP), SI
	MOVQ pixels+24(FP), CX
	MOVQ bpp+32(FP), R8
	PXOR X0, X0 // left
	PXOR X2, X2 // corner
	PXOR X7, X7

loop:
	MOVL      (DX), X1 // up
	PUNPCKLBW X7, X1
	MOVL      (SI), X6 // raw
	PUNPCKLBW X7, X6
	MOVO      X2, X3   // third = 3·corner - up - left
	PADDW     X2, X3
	PADDW     X2, X3
	PSUBW     X1, X3
	PSUBW     X0, X3
	MOVO      X0, X4   // low
	PMINSW    X1, X4
	MOVO      X0, X5   // high
	PMAXSW    X1, X5
	MOVO      X5, X8   // high > third: corner, else low
	PCMPGTW   X3, X8
	MOVO      X3, X9   // third > low: that, else high
	PCMPGTW   X4, X9
	PAND      X8, X2
	PANDN     X4, X8
	POR       X8, X2
	PAND      X9, X2
	PANDN     X5, X9
	POR       X9, X2
	PADDB     X6, X2
	MOVO      X2, X0
	MOVO      X1, X2
	MOVO      X0, X10
	PACKUSWB  X10, X10
	MOVL      X10, (DI)
	ADDQ      R8, DX
	ADDQ      R8, SI
	ADDQ      R8, DI
	DECQ      CX
	JNZ       loop
	RET
