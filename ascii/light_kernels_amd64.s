#include "textflag.h"

// Offsets of widePrimaries.
#define wideGreen 4096
#define wideBlue 8192

// Offsets of primaries.
#define green 1024
#define blue 2048

// What chroma multiplies, and what is added: the overshoot, less 128 times that.
DATA chroma<>+0(SB)/4, $91881     // red of Cr
DATA chroma<>+4(SB)/4, $22554     // green of Cb
DATA chroma<>+8(SB)/4, $46802     // green of Cr
DATA chroma<>+12(SB)/4, $116130   // blue of Cb
DATA chroma<>+16(SB)/4, $5016448  // 256·65536 - 128·91881
DATA chroma<>+20(SB)/4, $25654784 // 256·65536 + 128·(22554 + 46802)
DATA chroma<>+24(SB)/4, $1912576  // 256·65536 - 128·116130
GLOBL chroma<>(SB), RODATA|NOPTR, $28

// Every byte three times in a number of four, that is times 0x10101: the first and the
// third four of sixteen, and the second and the fourth.
DATA odd<>+0(SB)/8, $0x8001010180000000
DATA odd<>+8(SB)/8, $0x8003030380020202
DATA odd<>+16(SB)/8, $0x8009090980080808
DATA odd<>+24(SB)/8, $0x800b0b0b800a0a0a
GLOBL odd<>(SB), RODATA|NOPTR, $32
DATA even<>+0(SB)/8, $0x8005050580040404
DATA even<>+8(SB)/8, $0x8007070780060606
DATA even<>+16(SB)/8, $0x800d0d0d800c0c0c
DATA even<>+24(SB)/8, $0x800f0f0f800e0e0e
GLOBL even<>(SB), RODATA|NOPTR, $32

DATA bytes<>+0(SB)/4, $0xff
DATA bytes<>+4(SB)/4, $0xff000000
GLOBL bytes<>(SB), RODATA|NOPTR, $8

// func addScaledAVX2(dst *uint64, src *uint32, n int, factor uint32)
// n is a multiple of eight, and not zero.
TEXT ·addScaledAVX2(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+16(FP), CX
	MOVL         factor+24(FP), AX
	VMOVD        AX, X2
	VPBROADCASTD X2, Y2

eight:
	VPMOVZXDQ (SI), Y0
	VPMOVZXDQ 16(SI), Y1
	VPMULUDQ  Y2, Y0, Y0
	VPMULUDQ  Y2, Y1, Y1
	VPADDQ    (DI), Y0, Y0
	VPADDQ    32(DI), Y1, Y1
	VMOVDQU   Y0, (DI)
	VMOVDQU   Y1, 32(DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $8, CX
	JNZ       eight
	VZEROUPPER
	RET

// ADDLIGHT adds what TABLE has at Y6 + CHROMA, shifted down by 16, to SUM.
#define ADDLIGHT(CHROMA, TABLE, SUM) \
	VPADDD     CHROMA, Y6, Y7        \
	VPSRLD     $16, Y7, Y7           \
	VPCMPEQD   Y8, Y8, Y8            \
	VPGATHERDD Y8, TABLE(R8)(Y7*4), Y9 \
	VPADDD     Y9, SUM, SUM

// func pairsAVX2(w *widePrimaries, dst *uint32, luma, cb, cr *uint8, n int)
// n is a multiple of eight pairs, and not zero.
TEXT ·pairsAVX2(SB), NOSPLIT, $0-48
	MOVQ w+0(FP), R8
	MOVQ dst+8(FP), DI
	MOVQ luma+16(FP), SI
	MOVQ cb+24(FP), AX
	MOVQ cr+32(FP), BX
	MOVQ n+40(FP), CX
	VPBROADCASTD chroma<>+0(SB), Y11
	VPBROADCASTD chroma<>+4(SB), Y12
	VPBROADCASTD chroma<>+8(SB), Y13
	VPBROADCASTD chroma<>+12(SB), Y14
	VPBROADCASTD chroma<>+16(SB), Y15

eight:
	VPMOVZXBD    (AX), Y0
	VPMOVZXBD    (BX), Y1
	VPMULLD      Y11, Y1, Y2
	VPADDD       Y15, Y2, Y2              // red
	VPMULLD      Y12, Y0, Y3
	VPMULLD      Y13, Y1, Y4
	VPADDD       Y4, Y3, Y3
	VPBROADCASTD chroma<>+20(SB), Y4
	VPSUBD       Y3, Y4, Y3               // green
	VPMULLD      Y14, Y0, Y4
	VPBROADCASTD chroma<>+24(SB), Y0
	VPADDD       Y0, Y4, Y4               // blue

	VBROADCASTI128 (SI), Y5
	VPSHUFB        odd<>(SB), Y5, Y6
	VPXOR          Y10, Y10, Y10
	VPUNPCKLDQ     Y2, Y2, Y0
	ADDLIGHT(Y0, 0, Y10)
	VPUNPCKLDQ     Y3, Y3, Y0
	ADDLIGHT(Y0, wideGreen, Y10)
	VPUNPCKLDQ     Y4, Y4, Y0
	ADDLIGHT(Y0, wideBlue, Y10)
	VMOVDQU        X10, (DI)
	VEXTRACTI128   $1, Y10, 32(DI)

	VPSHUFB      even<>(SB), Y5, Y6
	VPXOR        Y10, Y10, Y10
	VPUNPCKHDQ   Y2, Y2, Y0
	ADDLIGHT(Y0, 0, Y10)
	VPUNPCKHDQ   Y3, Y3, Y0
	ADDLIGHT(Y0, wideGreen, Y10)
	VPUNPCKHDQ   Y4, Y4, Y0
	ADDLIGHT(Y0, wideBlue, Y10)
	VMOVDQU      X10, 16(DI)
	VEXTRACTI128 $1, Y10, 48(DI)

	ADDQ $8, AX
	ADDQ $8, BX
	ADDQ $16, SI
	ADDQ $64, DI
	SUBQ $8, CX
	JNZ  eight
	VZEROUPPER
	RET

// func opaqueAVX2(p *primaries, dst *uint32, pix *uint8, n int) int
// n is a multiple of eight.
TEXT ·opaqueAVX2(SB), NOSPLIT, $0-40
	MOVQ         p+0(FP), R8
	MOVQ         dst+8(FP), DI
	MOVQ         pix+16(FP), SI
	MOVQ         n+24(FP), CX
	VPBROADCASTD bytes<>+0(SB), Y11
	VPBROADCASTD bytes<>+4(SB), Y12
	XORQ         DX, DX

eight:
	CMPQ       DX, CX
	JGE        done
	VMOVDQU    (SI)(DX*4), Y0
	VPTEST     Y12, Y0         // carry: all bits of opacity are set
	JCC        done
	VPAND      Y11, Y0, Y1
	VPCMPEQD   Y8, Y8, Y8
	VPGATHERDD Y8, (R8)(Y1*4), Y2
	VPSRLD     $8, Y0, Y1
	VPAND      Y11, Y1, Y1
	VPCMPEQD   Y8, Y8, Y8
	VPGATHERDD Y8, green(R8)(Y1*4), Y3
	VPSRLD     $16, Y0, Y1
	VPAND      Y11, Y1, Y1
	VPCMPEQD   Y8, Y8, Y8
	VPGATHERDD Y8, blue(R8)(Y1*4), Y4
	VPADDD     Y3, Y2, Y2
	VPADDD     Y4, Y2, Y2
	VMOVDQU    Y2, (DI)(DX*4)
	ADDQ       $8, DX
	JMP        eight

done:
	MOVQ DX, ret+32(FP)
	VZEROUPPER
	RET
