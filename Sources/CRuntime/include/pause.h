// Spinning politely.
#pragma once

/// Tells the processor that this is a spin loop: its sibling hyperthread gets the core's resources meanwhile.
static inline void runtime_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
