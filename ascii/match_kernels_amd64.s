#include "textflag.h"

// An impression is 152 numbers, 19 registers of eight.
#define blocks 19
#define bytes 608

// Offsets of a local.
#define bend 608
#define pull 1216

// Offsets of a lightnessTable.
#define rise 4128
#define slopes 8256

DATA steps<>+0(SB)/4, $512.0
GLOBL steps<>(SB), RODATA|NOPTR, $4
DATA most<>+0(SB)/4, $1024.0
GLOBL most<>(SB), RODATA|NOPTR, $4

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
	VGATHERDPS Y3, rise(R8)(Y1*4), Y5 \
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
	VMULPS  bend(SI)(AX*1), Y0, Y6
	VADDPS  pull(SI)(AX*1), Y6, Y6
	VMULPS  Y0, Y6, Y6
	VADDPS  Y6, Y8, Y8
	ADDQ    $32, AX
	CMPQ    AX, $bytes
	JLT     block
	LANES(Y8, X8)
	VMOVSS  X8, ret+24(FP)
	VZEROUPPER
	RET

// func slopeAVX2(c *local, t *lightnessTable, look, first, second *impression)
TEXT ·slopeAVX2(SB), NOSPLIT, $0-40
	MOVQ c+0(FP), SI
	MOVQ t+8(FP), R8
	MOVQ look+16(FP), BX
	MOVQ first+24(FP), DI
	MOVQ second+32(FP), DX
	CONSTANTS
	XORQ AX, AX

block:
	VMOVUPS    (SI)(AX*1), Y0
	LIGHTNESS
	VPCMPEQD   Y3, Y3, Y3
	VGATHERDPS Y3, slopes(R8)(Y1*4), Y4
	VMULPS     bend(SI)(AX*1), Y4, Y5
	VMULPS     Y0, Y5, Y6
	VADDPS     Y6, Y6, Y6
	VMULPS     pull(SI)(AX*1), Y4, Y7
	VADDPS     Y7, Y6, Y6
	VMULPS     Y4, Y5, Y5
	VMOVUPS    Y5, (DX)(AX*1)
	VMULPS     (BX)(AX*1), Y5, Y5
	VADDPS     Y5, Y5, Y5
	VSUBPS     Y5, Y6, Y6
	VMOVUPS    Y6, (DI)(AX*1)
	ADDQ       $32, AX
	CMPQ       AX, $bytes
	JLT        block
	VZEROUPPER
	RET

// func copyAVX2(dst, src *float32, n, rows, stride int)
// Only n numbers of a row are touched, at most eight.
TEXT ·copyAVX2(SB), NOSPLIT, $0-40
	MOVQ    dst+0(FP), DI
	MOVQ    src+8(FP), SI
	MOVQ    n+16(FP), AX
	MOVQ    rows+24(FP), CX
	MOVQ    stride+32(FP), DX
	LEAQ    masks<>+32(SB), BX
	SHLQ    $2, AX
	SHLQ    $2, DX
	SUBQ    AX, BX
	VMOVUPS (BX), Y1

row:
	VMASKMOVPS (SI), Y1, Y0
	VMASKMOVPS Y0, Y1, (DI)
	ADDQ       AX, DI
	ADDQ       DX, SI
	DECQ       CX
	JNZ        row
	VZEROUPPER
	RET
