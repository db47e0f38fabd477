#include "sample_loops.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "../dispatch.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "encoded samples are little-endian, and copied as they are");

// Loops with any step are not vectorized for every processor.
#pragma clang diagnostic ignored "-Wpass-failed"

// ROUNDER: added to a magnitude below it, it leaves an integer, as its unit in the last place is 1.
#define REAL float
#define MAX_FINITE FLT_MAX
#define ROUNDER 0x1p23f
#define PRECISION _float
#define LOOPS "Samples/sample_loops.inc"
#include "../for_each_instruction_set.inc"
#undef REAL
#undef MAX_FINITE
#undef ROUNDER

#define REAL double
#define MAX_FINITE DBL_MAX
#define ROUNDER 0x1p52
#define PRECISION _double
#define LOOPS "Samples/sample_loops.inc"
#include "../for_each_instruction_set.inc"
#undef REAL
#undef MAX_FINITE
#undef ROUNDER

const vl_sample_loops *vl_sample_loops_float(vl_instruction_set set) {
    switch (set) {
#if VL_HAS_X86
    case vl_avx512: return &sample_loops_float_avx512;
    case vl_avx2: return &sample_loops_float_avx2;
#endif
    default: return &sample_loops_float_baseline;
    }
}

const vl_sample_loops *vl_sample_loops_double(vl_instruction_set set) {
    switch (set) {
#if VL_HAS_X86
    case vl_avx512: return &sample_loops_double_avx512;
    case vl_avx2: return &sample_loops_double_avx2;
#endif
    default: return &sample_loops_double_baseline;
    }
}
