#include "instruction_set.h"

#include <stdatomic.h>

static _Atomic int limit = vk_avx512;

static vk_instruction_set widest_of_processor(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return vk_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return vk_avx2;
#endif
    return vk_baseline;
}

vk_instruction_set vk_best_instruction_set(void) {
    int widest = widest_of_processor();
    int allowed = atomic_load_explicit(&limit, memory_order_relaxed);
    return (vk_instruction_set)(widest < allowed ? widest : allowed);
}

void vk_limit_instruction_set(vk_instruction_set lower) {
    atomic_store_explicit(&limit, lower, memory_order_relaxed);
}
