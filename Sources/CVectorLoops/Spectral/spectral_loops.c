#include "spectral_loops.h"

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

const vl_spectral_loops *vl_spectral_loops_float(void) {
    switch (vl_best_instruction_set()) {
#if VL_HAS_X86
    case vl_avx512: return &spectral_loops_float_avx512;
    case vl_avx2: return &spectral_loops_float_avx2;
#endif
    default: return &spectral_loops_float_baseline;
    }
}

const vl_spectral_loops *vl_spectral_loops_double(void) {
    switch (vl_best_instruction_set()) {
#if VL_HAS_X86
    case vl_avx512: return &spectral_loops_double_avx512;
    case vl_avx2: return &spectral_loops_double_avx2;
#endif
    default: return &spectral_loops_double_baseline;
    }
}
