// The instruction sets for which every table of loops is compiled.
#pragma once

typedef enum {
    vl_baseline = 0,  // what the compiler assumes without being told: SSE2 on x86-64, NEON on arm64
    vl_avx2 = 1,      // x86-64-v3: AVX2 and FMA, 256 bits
    vl_avx512 = 2,    // AVX-512 F, VL, BW, DQ, 512 bits
} vl_instruction_set;

/// The widest instruction set that this processor has, unless `vl_limit_instruction_set` lowered it or, before the
/// first call, the environment variable LONGCONV_INSTRUCTION_SET (`baseline` or `avx2`).
vl_instruction_set vl_best_instruction_set(void);

/// Lowers what `vl_best_instruction_set` returns (for tests); a limit above the processor's has no effect.
void vl_limit_instruction_set(vl_instruction_set limit);
