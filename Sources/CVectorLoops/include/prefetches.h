// Memory that is needed soon, prefetched by loops that work on other memory meanwhile.
//
// The rows that a convolution processes one after the other are short and lie apart, so hardware prefetchers do not
// foresee them. A core has room for some tens of misses; further prefetches wait, and what follows waits with them. So a
// row's loops prefetch a few cache lines at a time, from beginning to end.
#pragma once

#include <stddef.h>

enum {
    vl_cache_line = 64,
    /// A row of a backward pass has five ranges: both gradients, and the next upstream, signal and kernel. One with gates has
    /// nine: three gradients of rows and the kernel's, and the next signal, upstream, gates and ungated output.
    vl_most_prefetches = 9,
};

/// Contiguous memory: a number of whole cache lines' lengths.
typedef struct {
    char *first, *end;
    int is_written;
} vl_prefetched_range;

/// Ranges in the order in which they are needed.
typedef struct {
    /// What is left of the range that is being prefetched.
    vl_prefetched_range current;
    /// The bytes of each call, whole lines, and the calls so far.
    size_t share, calls;
    /// Whether all comes to the second-level cache alone: there is much of it, and it would evict from the first what the
    /// loops work on.
    int to_second_level;
    /// The ranges behind the current one: those from `next` to `count`.
    int next, count;
    vl_prefetched_range ranges[vl_most_prefetches];
} vl_prefetches;

/// Prefetches the lines from `line` to `end`.
static inline void vl_prefetch_lines(char *line, char *end, int is_written, int to_second_level) {
    if (to_second_level) {
        // Written lines too: prefetchw brings them to the first level, and a store to one that no other core has does not wait.
        for (; line != end; line += vl_cache_line) __builtin_prefetch(line, 0, 2);
    } else if (is_written) {
        // Without it a core fetches a line only when the first store to it retires, and the stores behind it wait.
        for (; line != end; line += vl_cache_line) {
#if defined(__x86_64__)
            // The compiler emits prefetchw only where the target has it; older processors execute it as a no-op.
            __asm__ volatile("prefetchw %0" : : "m"(*line));
#else
            __builtin_prefetch(line, 1, 3);
#endif
        }
    } else {
        for (; line != end; line += vl_cache_line) __builtin_prefetch(line, 0, 3);
    }
}

/// Prefetches the next share, at most to the end of a range; nothing if `prefetches` is null.
static inline void vl_prefetch(vl_prefetches *prefetches) {
    if (!prefetches) return;
    prefetches->calls++;
    if (prefetches->current.first == prefetches->current.end) {
        if (prefetches->next == prefetches->count) return;
        prefetches->current = prefetches->ranges[prefetches->next++];
    }
    char *line = prefetches->current.first;
    const size_t left = prefetches->current.end - line;
    char *const end = line + (left < prefetches->share ? left : prefetches->share);
    prefetches->current.first = end;
    vl_prefetch_lines(line, end, prefetches->current.is_written, prefetches->to_second_level);
}
