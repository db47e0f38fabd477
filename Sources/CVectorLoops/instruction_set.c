#include "instruction_set.h"

#include <stdatomic.h>

static _Atomic int limit = vl_avx512;

static vl_instruction_set widest_of_processor(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return vl_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return vl_avx2;
#endif
    return vl_baseline;
}

vl_instruction_set vl_best_instruction_set(void) {
    int widest = widest_of_processor();
    int allowed = atomic_load_explicit(&limit, memory_order_relaxed);
    return (vl_instruction_set)(widest < allowed ? widest : allowed);
}

void vl_limit_instruction_set(vl_instruction_set lower) {
    atomic_store_explicit(&limit, lower, memory_order_relaxed);
}
