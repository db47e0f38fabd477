#include "instruction_set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int limit = -1;

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

static int limit_of_environment(void) {
    const char *name = getenv("LONGCONV_INSTRUCTION_SET");
    if (name && strcmp(name, "baseline") == 0) return vl_baseline;
    if (name && strcmp(name, "avx2") == 0) return vl_avx2;
    return vl_avx512;
}

vl_instruction_set vl_best_instruction_set(void) {
    const int widest = widest_of_processor();
    int allowed = atomic_load_explicit(&limit, memory_order_relaxed);
    if (allowed < 0) {
        // Whoever comes first keeps it; all read the same.
        allowed = limit_of_environment();
        int unknown = -1;
        if (!atomic_compare_exchange_strong(&limit, &unknown, allowed)) allowed = unknown;
    }
    return (vl_instruction_set)(widest < allowed ? widest : allowed);
}

void vl_limit_instruction_set(vl_instruction_set lower) {
    atomic_store_explicit(&limit, lower, memory_order_relaxed);
}
