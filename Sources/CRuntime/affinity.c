#define _GNU_SOURCE
#include "affinity.h"

#if defined(__linux__)
#include <sched.h>
#include <stdlib.h>

int runtime_affinity_count(void) {
    // The kernel refuses a mask that is too short for its processors.
    for (int processors = 1024; processors <= 1 << 20; processors *= 4) {
        cpu_set_t *set = CPU_ALLOC(processors);
        if (!set) return 0;
        size_t size = CPU_ALLOC_SIZE(processors);
        CPU_ZERO_S(size, set);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
    }
    return 0;
}
#else
int runtime_affinity_count(void) { return 0; }
#endif
