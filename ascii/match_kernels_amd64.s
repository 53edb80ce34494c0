#include "textflag.h"

// An impression is 152 numbers, 19 registers of eight.
#define blocks 19
#define bytes 608

// Offsets of a local.
#define bends 608
#define pulls 1216

// Offsets of a lightnessTable.
#define rises 4128
#define slopes 8256

// The end of each sight in an impression, in bytes.
#define near 288
#define middle 480

DATA steps<>+0(SB)/4, $512.0
GLOBL steps<>(SB), RODATA|NOPTR, $4
DATA most<>+0(SB)/4, $1024.0
GLOBL most<>(SB), RODATA|NOPTR, $4

DATA eighths<>+0(SB)/4, $0.125
DATA eighths<>+4(SB)/4, $0.375
GLOBL eighths<>(SB), RODATA|NOPTR, $8

DATA masks<>+0(SB)/4, $-1
DATA masks<>+4(SB)/4, $-1
DATA masks<>+8(SB)/4, $-1
DATA masks<>+12(SB)/4, $-1
DATA masks<>+16(SB)/4, $-1
DATA masks<>+20(SB)/4, $-1
DATA masks<>+24(SB)/4, $-1
DATA masks<>+28(SB)/4, $-1
DATA masks<>+32(SB)/4, $0
DATA masks<>+36(SB)/4, $0
DATA masks<>+40(SB)/4, $0
DATA masks<>+44(SB)/4, $0
DATA masks<>+48(SB)/4, $0
DATA masks<>+52(SB)/4, $0
DATA masks<>+56(SB)/4, $0
DATA masks<>+60(SB)/4, $0
GLOBL masks<>(SB), RODATA|NOPTR, $64

// LANES adds the lanes of Y, whose low half is X, up into it.
#define LANES(Y, X) \
	VEXTRACTF128 $1, Y, X15 \
	VADDPS       X15, X, X  \
	VMOVHLPS     X, X, X15  \
	VADDPS       X15, X, X  \
	VMOVSHDUP    X, X15     \
	VADDSS       X15, X, X

// func rankAVX2(dst *float32, all *impression, n int, q *impression)
TEXT ·rankAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ all+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ q+24(FP), DX

four:
	CMPQ   CX, $4
	JLT    one
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	XORQ   AX, AX

block4:
	VMOVUPS (DX)(AX*1), Y4
	VMULPS  (SI)(AX*1), Y4, Y5
	VMULPS  bytes(SI)(AX*1), Y4, Y6
	VMULPS  (2*bytes)(SI)(AX*1), Y4, Y7
	VMULPS  (3*bytes)(SI)(AX*1), Y4, Y8
	VADDPS  Y5, Y0, Y0
	VADDPS  Y6, Y1, Y1
	VADDPS  Y7, Y2, Y2
	VADDPS  Y8, Y3, Y3
	ADDQ    $32, AX
	CMPQ    AX, $bytes
	JLT     block4
	LANES(Y0, X0)
	LANES(Y1, X1)
	LANES(Y2, X2)
	LANES(Y3, X3)
	VMOVSS  X0, (DI)
	VMOVSS  X1, 4(DI)
	VMOVSS  X2, 8(DI)
	VMOVSS  X3, 12(DI)
	ADDQ    $16, DI
	ADDQ    $(4*bytes), SI
	SUBQ    $4, CX
	JMP     four

one:
	TESTQ  CX, CX
	JLE    done
	VXORPS Y0, Y0, Y0
	XORQ   AX, AX

block1:
	VMOVUPS (DX)(AX*1), Y4
	VMULPS  (SI)(AX*1), Y4, Y5
	VADDPS  Y5, Y0, Y0
	ADDQ    $32, AX
	CMPQ    AX, $bytes
	JLT     block1
	LANES(Y0, X0)
	VMOVSS  X0, (DI)
	ADDQ    $4, DI
	ADDQ    $bytes, SI
	DECQ    CX
	JMP     one

done:
	VZEROUPPER
	RET

// LIGHTNESS looks up light in Y0: its place is left in Y1, L* in Y0. Y9 is zero, Y10 steps
// and Y11 most.
#define LIGHTNESS \
	VMAXPS     Y9, Y0, Y0            \
	VSQRTPS    Y0, Y0                \
	VMULPS     Y10, Y0, Y0           \
	VMINPS     Y11, Y0, Y0           \
	VCVTTPS2DQ Y0, Y1                \
	VCVTDQ2PS  Y1, Y2                \
	VSUBPS     Y2, Y0, Y0            \
	VPCMPEQD   Y3, Y3, Y3            \
	VGATHERDPS Y3, (R8)(Y1*4), Y4    \
	VPCMPEQD   Y3, Y3, Y3            \
	VGATHERDPS Y3, rises(R8)(Y1*4), Y5 \
	VMULPS     Y0, Y5, Y5            \
	VADDPS     Y5, Y4, Y0

#define CONSTANTS \
	VXORPS       Y9, Y9, Y9      \
	VBROADCASTSS steps<>(SB), Y10 \
	VBROADCASTSS most<>(SB), Y11

// func worthAVX2(c *local, t *lightnessTable, look *impression) float32
TEXT ·worthAVX2(SB), NOSPLIT, $0-28
	MOVQ c+0(FP), SI
	MOVQ t+8(FP), R8
	MOVQ look+16(FP), DX
	CONSTANTS
	VXORPS Y8, Y8, Y8
	XORQ   AX, AX

block:
	VMOVUPS (SI)(AX*1), Y0
	VADDPS  (DX)(AX*1), Y0, Y0
	LIGHTNESS
	VMULPS  bends(SI)(AX*1), Y0, Y6
	VADDPS  pulls(SI)(AX*1), Y6, Y6
	VMULPS  Y0, Y6, Y6
	VADDPS  Y6, Y8, Y8
	ADDQ    $32, AX
	CMPQ    AX, $bytes
	JLT     block
	LANES(Y8, X8)
	VMOVSS  X8, ret+24(FP)
	VZEROUPPER
	RET

// func lightnessAVX2(t *lightnessTable, dst, src *float32, n int)
// n is a multiple of eight, and not zero.
TEXT ·lightnessAVX2(SB), NOSPLIT, $0-32
	MOVQ t+0(FP), R8
	MOVQ dst+8(FP), DI
	MOVQ src+16(FP), SI
	MOVQ n+24(FP), CX
	CONSTANTS

eight:
	VMOVUPS (SI), Y0
	LIGHTNESS
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNZ     eight
	VZEROUPPER
	RET

// func halveAVX2(dst, src *float32, n int)
// n is a multiple of eight, and not zero. Of src two more than twice that are read.
TEXT ·halveAVX2(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS eighths<>+0(SB), Y6
	VBROADCASTSS eighths<>+4(SB), Y7

eight:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS 8(SI), Y2
	VMOVUPS 40(SI), Y3
	VSHUFPS $0x88, Y1, Y0, Y4 // the first of four
	VSHUFPS $0xdd, Y1, Y0, Y0 // the second
	VSHUFPS $0x88, Y3, Y2, Y1 // the third
	VSHUFPS $0xdd, Y3, Y2, Y2 // the fourth
	VADDPS  Y2, Y4, Y4
	VADDPS  Y1, Y0, Y0
	VMULPS  Y6, Y4, Y4
	VMULPS  Y7, Y0, Y0
	VADDPS  Y0, Y4, Y0
	VPERMQ  $0xd8, Y0, Y0     // as shuffles work on halves
	VMOVUPS Y0, (DI)
	ADDQ    $64, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNZ     eight
	VZEROUPPER
	RET

// func slopeAVX2(c *local, t *lightnessTable, look, first *impression, bent *[3][8]float32)
TEXT ·slopeAVX2(SB), NOSPLIT, $0-40
	MOVQ c+0(FP), SI
	MOVQ t+8(FP), R8
	MOVQ look+16(FP), BX
	MOVQ first+24(FP), DI
	MOVQ bent+32(FP), DX
	CONSTANTS
	XORQ AX, AX
	MOVQ $near, CX

sight:
	VXORPS Y8, Y8, Y8

block:
	VMOVUPS    (SI)(AX*1), Y12
	VMOVUPS    (BX)(AX*1), Y13
	VMOVAPS    Y12, Y0
	LIGHTNESS
	VPCMPEQD   Y3, Y3, Y3
	VGATHERDPS Y3, slopes(R8)(Y1*4), Y4
	VMULPS     bends(SI)(AX*1), Y4, Y5
	VMULPS     Y0, Y5, Y6
	VADDPS     Y6, Y6, Y6
	VMULPS     pulls(SI)(AX*1), Y4, Y7
	VADDPS     Y7, Y6, Y6
	VMULPS     Y4, Y5, Y5
	VADDPS     Y5, Y8, Y8
	VMULPS     Y13, Y5, Y5
	VADDPS     Y5, Y5, Y5
	VSUBPS     Y5, Y6, Y6
	VMOVUPS    Y6, (DI)(AX*1)
	VSUBPS     Y13, Y12, Y12
	VMOVUPS    Y12, (SI)(AX*1)
	ADDQ       $32, AX
	CMPQ       AX, CX
	JLT        block
	VMOVUPS    Y8, (DX)
	ADDQ       $32, DX
	CMPQ       AX, $bytes
	JGE        done
	MOVQ       $bytes, CX
	CMPQ       AX, $middle
	JGE        sight
	MOVQ       $middle, CX
	JMP        sight

done:
	VZEROUPPER
	RET

// MASK makes a mask of the first R8 of eight numbers in Y1.
#define MASK \
	LEAQ    masks<>+32(SB), BX \
	SHLQ    $2, R8      \
	SUBQ    R8, BX      \
	VMOVUPS (BX), Y1

// func gatherAVX2(dst, light, bend, pull *float32, n, rows, stride int)
// Only n numbers of a row are touched, at most eight.
TEXT ·gatherAVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ light+8(FP), SI
	MOVQ bend+16(FP), R9
	MOVQ pull+24(FP), R10
	MOVQ n+32(FP), R8
	MOVQ rows+40(FP), CX
	MOVQ stride+48(FP), DX
	MASK
	SHLQ $2, DX
	XORQ AX, AX

row:
	VMASKMOVPS (SI)(AX*1), Y1, Y2
	VMASKMOVPS (R9)(AX*1), Y1, Y3
	VMASKMOVPS (R10)(AX*1), Y1, Y4
	VMASKMOVPS Y2, Y1, (DI)
	VMASKMOVPS Y3, Y1, bends(DI)
	VMASKMOVPS Y4, Y1, pulls(DI)
	ADDQ       R8, DI
	ADDQ       DX, AX
	DECQ       CX
	JNZ        row
	VZEROUPPER
	RET

// func addAVX2(dst, src *float32, n, rows, stride int)
// Only n numbers of a row are touched, at most eight.
TEXT ·addAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), R8
	MOVQ rows+24(FP), CX
	MOVQ stride+32(FP), DX
	MASK
	SHLQ $2, DX

row:
	VMASKMOVPS (DI), Y1, Y0
	VMASKMOVPS (SI), Y1, Y2
	VADDPS     Y2, Y0, Y0
	VMASKMOVPS Y0, Y1, (DI)
	ADDQ       R8, SI
	ADDQ       DX, DI
	DECQ       CX
	JNZ        row
	VZEROUPPER
	RET

// func leastAVX2(eights *eight, n int, q *[samples]float32, limit float32, best *lanes8)
TEXT ·leastAVX2(SB), NOSPLIT, $0-40
	MOVQ         eights+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVQ         q+16(FP), DX
	VBROADCASTSS limit+24(FP), Y0 // the least f
	MOVQ         best+32(FP), DI
	VPCMPEQD     Y1, Y1, Y1       // where it is
	VPXOR        Y2, Y2, Y2       // where the loop is
	VPSUBD       Y1, Y2, Y3       // one
	VBROADCASTSS (DX), Y8
	VBROADCASTSS 4(DX), Y9
	VBROADCASTSS 8(DX), Y10
	VBROADCASTSS 12(DX), Y11
	VBROADCASTSS 16(DX), Y12
	VBROADCASTSS 20(DX), Y13
	VBROADCASTSS 24(DX), Y14
	VBROADCASTSS 28(DX), Y15

eight:
	VMULPS    32(SI), Y8, Y4
	VMULPS    64(SI), Y9, Y5
	VADDPS    Y5, Y4, Y4
	VMULPS    96(SI), Y10, Y5
	VMULPS    128(SI), Y11, Y6
	VADDPS    Y6, Y5, Y5
	VADDPS    Y5, Y4, Y4
	VMULPS    160(SI), Y12, Y5
	VMULPS    192(SI), Y13, Y6
	VADDPS    Y6, Y5, Y5
	VMULPS    224(SI), Y14, Y6
	VMULPS    256(SI), Y15, Y7
	VADDPS    Y7, Y6, Y6
	VADDPS    Y6, Y5, Y5
	VADDPS    Y5, Y4, Y4
	VADDPS    (SI), Y4, Y4
	VCMPPS    $1, Y0, Y4, Y5 // less than
	VMINPS    Y0, Y4, Y0
	VBLENDVPS Y5, Y2, Y1, Y1
	VPADDD    Y3, Y2, Y2
	ADDQ      $288, SI
	DECQ      CX
	JNZ       eight
	VMOVUPS   Y0, (DI)
	VMOVDQU   Y1, 32(DI)
	VZEROUPPER
	RET

// func weighAVX2(dst *float32, n int, src *float32, at *int, weights *float32, taps int)
// n is eight at least. The last eight may overlap those before.
TEXT ·weighAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ n+8(FP), CX
	MOVQ src+16(FP), SI
	MOVQ at+24(FP), BX
	MOVQ weights+32(FP), DX
	MOVQ taps+40(FP), R8
	XORQ AX, AX         // the first of the eight
	SUBQ $8, CX         // the first of the last eight

eight:
	VXORPS Y0, Y0, Y0
	LEAQ   (SI)(AX*4), R9
	XORQ   R10, R10

tap:
	MOVQ         (BX)(R10*8), R11
	VBROADCASTSS (DX)(R10*4), Y1
	VMULPS       (R9)(R11*4), Y1, Y1
	VADDPS       Y1, Y0, Y0
	INCQ         R10
	CMPQ         R10, R8
	JLT          tap
	VMOVUPS      Y0, (DI)(AX*4)
	CMPQ         AX, CX
	JGE          done
	ADDQ         $8, AX
	CMPQ         AX, CX
	CMOVQGT      CX, AX
	JMP          eight

done:
	VZEROUPPER
	RET
