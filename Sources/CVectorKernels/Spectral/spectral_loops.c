#include "spectral_kernels.h"

#include "../dispatch.h"
#include "twiddle.h"

#define REAL float
#define PRECISION _float
#define LOOPS "Spectral/spectral_loops.inc"
#include "../for_each_instruction_set.inc"
#undef REAL

#define REAL double
#define PRECISION _double
#define LOOPS "Spectral/spectral_loops.inc"
#include "../for_each_instruction_set.inc"
#undef REAL

const vk_spectral_loops *vk_spectral_loops_float(void) {
    switch (vk_best_instruction_set()) {
#if VK_HAS_X86
    case vk_avx512: return &spectral_loops_float_avx512;
    case vk_avx2: return &spectral_loops_float_avx2;
#endif
    default: return &spectral_loops_float_baseline;
    }
}

const vk_spectral_loops *vk_spectral_loops_double(void) {
    switch (vk_best_instruction_set()) {
#if VK_HAS_X86
    case vk_avx512: return &spectral_loops_double_avx512;
    case vk_avx2: return &spectral_loops_double_avx2;
#endif
    default: return &spectral_loops_double_baseline;
    }
}
