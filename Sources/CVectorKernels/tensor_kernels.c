#include "include/tensor_kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "dispatch.h"

// The loop's iterations are independent: an output is one of the inputs or overlaps none.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

#define NAME(function) function##_baseline
#define VECTOR_BYTES 16
#include "tensor_loops.inc"
#undef NAME
#undef VECTOR_BYTES

#if VK_HAS_X86
VK_BEGIN_AVX2
#define NAME(function) function##_avx2
#define VECTOR_BYTES 32
#include "tensor_loops.inc"
#undef NAME
#undef VECTOR_BYTES
VK_END

VK_BEGIN_AVX512
#define NAME(function) function##_avx512
#define VECTOR_BYTES 64
#include "tensor_loops.inc"
#undef NAME
#undef VECTOR_BYTES
VK_END
#endif

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
