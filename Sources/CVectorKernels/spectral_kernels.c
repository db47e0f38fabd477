#include "spectral_kernels.h"

#include "dispatch.h"

#define REAL float
#define NAME(function) function##_float_baseline
#include "spectral_loops.inc"
#undef NAME
#if VK_HAS_X86
VK_BEGIN_AVX2
#define NAME(function) function##_float_avx2
#include "spectral_loops.inc"
#undef NAME
VK_END
VK_BEGIN_AVX512
#define NAME(function) function##_float_avx512
#include "spectral_loops.inc"
#undef NAME
VK_END
#endif
#undef REAL

#define REAL double
#define NAME(function) function##_double_baseline
#include "spectral_loops.inc"
#undef NAME
#if VK_HAS_X86
VK_BEGIN_AVX2
#define NAME(function) function##_double_avx2
#include "spectral_loops.inc"
#undef NAME
VK_END
VK_BEGIN_AVX512
#define NAME(function) function##_double_avx512
#include "spectral_loops.inc"
#undef NAME
VK_END
#endif

const vk_spectral_loops *vk_spectral_loops_float(void) {
#if VK_HAS_X86
    switch (vk_best_instruction_set()) {
    case vk_avx512: return &spectral_loops_float_avx512;
    case vk_avx2: return &spectral_loops_float_avx2;
    case vk_baseline: break;
    }
#endif
    return &spectral_loops_float_baseline;
}

const vk_spectral_loops *vk_spectral_loops_double(void) {
#if VK_HAS_X86
    switch (vk_best_instruction_set()) {
    case vk_avx512: return &spectral_loops_double_avx512;
    case vk_avx2: return &spectral_loops_double_avx2;
    case vk_baseline: break;
    }
#endif
    return &spectral_loops_double_baseline;
}
