#include "tensor_loops.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "dispatch.h"

#define PRECISION
#define LOOPS "tensor_loops.inc"
#include "for_each_instruction_set.inc"

const vl_tensor_loops *vl_tensor_loops_for(vl_instruction_set wanted) {
    switch (wanted) {
#if VL_HAS_X86
    case vl_avx512: return &loops_avx512;
    case vl_avx2: return &loops_avx2;
#endif
    default: return &loops_baseline;
    }
}

const vl_tensor_loops *vl_best_tensor_loops(void) {
    return vl_tensor_loops_for(vl_best_instruction_set());
}
