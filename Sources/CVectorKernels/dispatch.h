// How a group of loops is compiled for each instruction set.
//
// The loops stand in one file, say `x_loops.inc`, written in plain C, each function named
// NAME(function). The group's own file includes it once per instruction set between
// VK_BEGIN_... and VK_END, and gathers the functions of each in a table:
//
//     #define NAME(function) function##_baseline
//     #include "x_loops.inc"
//     #undef NAME
//     #if VK_HAS_X86
//     VK_BEGIN_AVX2
//     #define NAME(function) function##_avx2
//     ...
#pragma once

#include "instruction_set.h"

#if defined(__x86_64__)
#define VK_HAS_X86 1
#else
#define VK_HAS_X86 0
#endif

#define VK_BEGIN_AVX2 _Pragma("clang attribute push(__attribute__((target(\"arch=x86-64-v3\"))), apply_to = function)")
// The list of features, not arch=x86-64-v4: that one prefers vectors of 256 bits.
#define VK_BEGIN_AVX512                                                                                     \
    _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi,bmi2\"))), apply_to = function)")
#define VK_END _Pragma("clang attribute pop")

// Sums in any order, products contracted into fused multiply-adds: at the head of a compound statement.
#define VK_FAST_SUMS _Pragma("clang fp reassociate(on) contract(fast)")
