// Prefetching of contiguous memory.
#pragma once

#include <stddef.h>

enum { runtime_cache_line = 64 };

/// Prefetches the cache lines of `count` bytes from `memory` on for reading.
static inline void runtime_prefetch(const void *memory, size_t count) {
    const char *bytes = memory;
    for (size_t offset = 0; offset < count; offset += runtime_cache_line) __builtin_prefetch(bytes + offset, 0, 3);
}

/// Prefetches the cache lines of `count` bytes from `memory` on for writing.
///
/// Without it a core fetches a line only when the first store to it retires, and the stores behind it wait.
static inline void runtime_prefetch_for_writing(void *memory, size_t count) {
    char *bytes = memory;
    for (size_t offset = 0; offset < count; offset += runtime_cache_line) {
#if defined(__x86_64__)
        // The compiler emits prefetchw only where the target has it; older processors execute it as a no-op.
        __asm__ volatile("prefetchw %0" : : "m"(bytes[offset]));
#else
        __builtin_prefetch(bytes + offset, 1, 3);
#endif
    }
}
