#include "tensor_kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "dispatch.h"

#define PRECISION
#define LOOPS "tensor_loops.inc"
#include "for_each_instruction_set.inc"

const vk_tensor_loops *vk_tensor_loops_for(vk_instruction_set wanted) {
    switch (wanted) {
#if VK_HAS_X86
    case vk_avx512: return &loops_avx512;
    case vk_avx2: return &loops_avx2;
#endif
    default: return &loops_baseline;
    }
}

const vk_tensor_loops *vk_tensor_loops_table(void) {
    return vk_tensor_loops_for(vk_best_instruction_set());
}
