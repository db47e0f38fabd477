#define _GNU_SOURCE
#include "affinity.h"

#if defined(__linux__)
#include <dirent.h>
#include <sched.h>
#include <stdlib.h>

// The processors that any thread of this process may run on, and the size of the set; NULL where the system does not tell.
//
// One thread's are not enough: OpenMP with OMP_PROC_BIND binds the thread that loads it, usually the only one so far, to a
// single processor, and threads inherit that from the one that makes them.
static cpu_set_t *process_affinity(size_t *size) {
    // The kernel refuses a mask that is too short for its processors.
    for (int processors = 1024; processors <= 1 << 20; processors *= 4) {
        cpu_set_t *all = CPU_ALLOC(processors), *own = CPU_ALLOC(processors);
        *size = CPU_ALLOC_SIZE(processors);
        if (!all || !own || sched_getaffinity(0, *size, all) != 0) {
            CPU_FREE(all);
            CPU_FREE(own);
            continue;
        }
        DIR *threads = opendir("/proc/self/task");
        for (struct dirent *entry; threads && (entry = readdir(threads));) {
            // Names that are no numbers are 0, the calling thread. A thread that has ended has no affinity.
            if (sched_getaffinity(atoi(entry->d_name), *size, own) == 0) CPU_OR_S(*size, all, all, own);
        }
        if (threads) closedir(threads);
        CPU_FREE(own);
        return all;
    }
    return NULL;
}

int runtime_affinity_count(void) {
    size_t size;
    cpu_set_t *all = process_affinity(&size);
    if (!all) return 0;
    int count = CPU_COUNT_S(size, all);
    CPU_FREE(all);
    return count;
}

void runtime_take_process_affinity(void) {
    size_t size;
    cpu_set_t *all = process_affinity(&size);
    if (!all) return;
    sched_setaffinity(0, size, all);
    CPU_FREE(all);
}
#else
int runtime_affinity_count(void) { return 0; }
void runtime_take_process_affinity(void) {}
#endif
