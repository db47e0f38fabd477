// What all loops share: macros for the compiler, and how a table of loops is compiled for each instruction set.
//
// A table is defined in a file, say x_loops.inc, written in plain C with each function named NAME(function). The table's
// own file compiles it for every instruction set and chooses one at run time:
//
//     #define LOOPS "x_loops.inc"
//     #define PRECISION _float              // between the function's name and the instruction set's; may be empty
//     #include "../for_each_instruction_set.inc"
//
// defines x_loops_float_baseline, x_loops_float_avx2 and x_loops_float_avx512.
#pragma once

#include "instruction_set.h"

#if defined(__x86_64__)
#define VL_HAS_X86 1
#else
#define VL_HAS_X86 0
#endif

#define VL_BEGIN_AVX2 _Pragma("clang attribute push(__attribute__((target(\"arch=x86-64-v3\"))), apply_to = function)")
// The list of features, not arch=x86-64-v4: that one prefers vectors of 256 bits.
#define VL_BEGIN_AVX512                                                                                               \
    _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi,bmi2\"))), apply_to = function)")
#define VL_END _Pragma("clang attribute pop")

// fold, _float, _avx2 -> fold_float_avx2, with macros expanded first.
#define VL_JOIN(function, precision, set) VL_JOIN_EXPANDED(function, precision, set)
#define VL_JOIN_EXPANDED(function, precision, set) function##precision##set

// A function that is a part of a loop: its constant arguments become constants of the loop.
#define VL_INLINE static inline __attribute__((always_inline))
// It is never called: vectors among its arguments concern no calling convention.
#pragma clang diagnostic ignored "-Wpsabi"
// The loop's iterations are independent: an output is one of the inputs or overlaps none.
#define VL_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
// Sums in any order, products contracted into fused multiply-adds: at the head of a compound statement.
#define VL_FAST_SUMS _Pragma("clang fp reassociate(on) contract(fast)")
// Arrays that only unrolled loops index live in registers.
#define VL_UNROLL _Pragma("clang loop unroll(full)")
