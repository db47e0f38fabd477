// The instruction sets for which every group of loops is compiled.
#pragma once

typedef enum {
    vk_baseline = 0,  // what the compiler assumes without being told: SSE2 on x86-64, NEON on arm64
    vk_avx2 = 1,      // x86-64-v3: AVX2 and FMA, 256 bits
    vk_avx512 = 2,    // AVX-512 F, VL, BW, DQ, 512 bits
} vk_instruction_set;

/// The widest instruction set that this processor has, unless `vk_limit_instruction_set` lowered it.
vk_instruction_set vk_best_instruction_set(void);

/// Lowers what `vk_best_instruction_set` answers (for tests); a limit above the processor's is without effect.
void vk_limit_instruction_set(vk_instruction_set limit);
