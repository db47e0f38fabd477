#define _GNU_SOURCE
#include "short_writes.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// Every third call is interrupted before it writes; the others write from one byte to all of them. POSIX allows both for
// any file. The choice follows from the number of the call alone (SplitMix64's mixing), so that a run can be repeated.
static uint64_t choice(void) {
    static _Atomic uint64_t calls;
    uint64_t z = atomic_fetch_add(&calls, 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    uint64_t chosen = choice();
    if (chosen % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    if (count > 1) count = 1 + (chosen >> 8) % count;
    return syscall(SYS_write, descriptor, bytes, count);
}
