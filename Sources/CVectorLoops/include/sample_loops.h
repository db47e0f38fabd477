// Loops that encode and decode the samples of files.
//
// There is one table of loops for each precision; `void *` samples stand for arrays of `float` in one and of `double`
// in the other. Encoded samples are little-endian, `step` bytes apart, and need no alignment. Integers of n bits stand
// for multiples of 2^(1-n).
#pragma once

#include <stddef.h>

#include "instruction_set.h"

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/// What encoding found.
typedef struct {
    /// The largest magnitude, of floats as they are written; NaN is passed over.
    double peak;
    /// How many samples integers do not reach, NaN among them.
    size_t clipped_count;
    /// 1 unless a sample, of floats as it is written, is infinite or NaN.
    int are_finite;
} vl_sample_levels;

/// Encodes `count` samples. Integers are the nearest ones, of two the even one, clipped at the ends of their range;
/// NaN becomes the lowest one.
typedef vl_sample_levels (*vl_encode_samples)(const void *samples, size_t count, void *bytes, size_t step);
/// Decodes `count` samples; returns 0 if one of them is infinite or NaN, else 1.
typedef int (*vl_decode_samples)(const void *bytes, size_t step, void *samples, size_t count);

typedef struct {
    vl_encode_samples encode_int16, encode_int24, encode_int32, encode_float32, encode_float64;
    vl_decode_samples decode_int16, decode_int24, decode_int32, decode_float32, decode_float64;
} vl_sample_loops;

/// The loops for an instruction set, which the processor must have.
const vl_sample_loops *vl_sample_loops_float(vl_instruction_set set);
const vl_sample_loops *vl_sample_loops_double(vl_instruction_set set);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif
