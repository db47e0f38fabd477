// Asking for memory before it is needed.
#pragma once

#include <stddef.h>

enum { vk_cache_line = 64 };

/// Asks for the lines of `count` bytes from `memory` on, which will be read soon.
static inline void vk_prefetch(const void *memory, size_t count) {
    const char *bytes = memory;
    for (size_t offset = 0; offset < count; offset += vk_cache_line) __builtin_prefetch(bytes + offset, 0, 3);
}

/// Asks for the lines of `count` bytes from `memory` on, which will be written soon.
///
/// Without being asked a core fetches a line when the first store to it retires, and stores behind it wait.
static inline void vk_prefetch_for_writing(void *memory, size_t count) {
    char *bytes = memory;
    for (size_t offset = 0; offset < count; offset += vk_cache_line) {
#if defined(__x86_64__)
        // The compiler knows of it only where it may assume it; processors without it take it for nothing.
        __asm__ volatile("prefetchw %0" : : "m"(bytes[offset]));
#else
        __builtin_prefetch(bytes + offset, 1, 3);
#endif
    }
}
