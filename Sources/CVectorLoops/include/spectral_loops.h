// Loops around the Fourier transforms of the convolution engine.
//
// There is one table of loops for each precision; `void *` stands for arrays of `float` in one and of `double` in the
// other. Complex arrays are interleaved (real, imaginary); twiddle factors are split into an array of real parts and
// one of imaginary parts, which spares a shuffle. `count` counts complex numbers, except where it says reals.
#pragma once

#include <stddef.h>

#include "instruction_set.h"

/// The largest radix of `fold` and `unfold`.
#define VL_LARGEST_RADIX 8
/// The largest count of `causal_head`.
#define VL_LONGEST_HEAD 256

typedef struct {
    /// Folds a row of reals into `radix` residue rows of complex numbers:
    ///
    ///     out[k][s] = (sum over q of (x[re[q] + s] + i x[im[q] + s]) roots[k][q]) * fine[k][s] * coarse[k]
    ///
    /// for 0 <= s < count, 0 <= k, q < radix. An offset below 0 stands for zeros; `im` may be NULL, which stands for
    /// offsets that are all below 0. The rows of `out` are `stride` complex numbers apart, those of the fine twiddle
    /// factors `fine_stride` reals. `coarse` holds radix real parts, then as many imaginary parts; NULL stands for 1.
    /// `roots` holds radix * radix real parts, then as many imaginary parts; roots[k][0] is 1. `zeros` has at least
    /// `count` reals that are 0.
    void (*fold)(int radix, const void *x, const ptrdiff_t *re, const ptrdiff_t *im, const void *zeros,
                 const void *roots, const void *fine_re, const void *fine_im, size_t fine_stride, const void *coarse,
                 void *out, size_t stride, size_t count);
    /// The inverse of `fold`; roots and twiddle factors are conjugated here, so both directions share the tables of
    /// twiddle factors:
    ///
    ///     v[q][s] = scale * (sum over k of in[k][s] * conj(fine[k][s] * coarse[k]) * conj(roots[k][q]))
    ///     y[re[q] + s] = Re v[q][s],  y[im[q] + s] = Im v[q][s]
    ///
    /// Here roots[k][0] may be any number: the roots may carry a factor that undoes one of the twiddle factors.
    /// Rows with an offset below 0 are discarded: they are written to `dump`, which has room for `count` reals.
    void (*unfold)(int radix, const void *in, size_t stride, const void *roots, const void *fine_re,
                   const void *fine_im, size_t fine_stride, const void *coarse, double scale, void *y,
                   const ptrdiff_t *re, const ptrdiff_t *im, void *dump, size_t count);
    /// A radix-4 or radix-8 step of a Fourier transform (decimation in frequency) over `radix` rows of complex numbers,
    /// `stride` apart, in place:
    ///
    ///     data[k][s] <- (sum over q of data[q][s] exp(-2πi kq/radix)) * fine[k][s] * coarse[k]
    ///
    /// for 0 <= s < count, with twiddle factors as for `fold`; those of k = 0 are 1 and are not read.
    void (*split)(int radix, void *data, size_t stride, const void *fine_re, const void *fine_im, size_t fine_stride,
                  const void *coarse, size_t count);
    /// The inverse of `split`, times the radix:
    ///
    ///     data[q][s] <- sum over k of data[k][s] conj(fine[k][s] coarse[k]) exp(2πi kq/radix)
    void (*join)(int radix, void *data, size_t stride, const void *fine_re, const void *fine_im, size_t fine_stride,
                 const void *coarse, size_t count);
    /// out = a * b
    void (*multiply)(const void *a, const void *b, void *out, size_t count);
    /// out = a * conj(b)
    void (*multiply_conjugate)(const void *a, const void *b, void *out, size_t count);
    /// sum += a * b
    void (*accumulate)(const void *a, const void *b, void *sum, size_t count);
    /// sum += a * conj(b)
    void (*accumulate_conjugate)(const void *a, const void *b, void *sum, size_t count);
    /// sum += a * conj(b), then a = a * conj(c): both products of a backward pass over one spectrum a
    void (*pull_back)(void *a, const void *b, const void *c, void *sum, size_t count);
    /// out[c * out_stride + r] = in[r * in_stride + c] for 0 <= r < rows, 0 <= c < columns; strides in complex numbers
    void (*transpose)(const void *in, size_t in_stride, void *out, size_t out_stride, size_t rows, size_t columns);
    /// y[t] += sum over j < taps of weights[j] * x[t + j], for reals, 0 <= t < count
    void (*correlate)(const void *x, const void *weights, size_t taps, void *y, size_t count);
    /// sums[j] += sum over t < count of g[t] * x[t + j], for reals, 0 <= j < taps
    void (*correlate_sums)(const void *x, const void *g, size_t count, void *sums, size_t taps);
    /// sum += the sum over t < count of a[t] * b[t], for reals
    void (*dot)(const void *a, const void *b, size_t count, void *sum);
    /// y[t] = sum over s <= t, s < taps of k[s] * x[t - s], for reals, 0 <= t < count <= VL_LONGEST_HEAD, each sum
    /// compensated for its rounding; infinite or NaN where the plain sum is
    void (*causal_head)(const void *x, const void *k, size_t taps, void *y, size_t count);
    /// y = a * b, for reals
    void (*multiply_reals)(const void *a, const void *b, void *y, size_t count);
    /// y += factor * x, for reals
    void (*add_scaled)(const void *x, double factor, void *y, size_t count);
    /// y += a * b, for reals
    void (*accumulate_reals)(const void *a, const void *b, void *y, size_t count);
} vl_spectral_loops;

/// The loops for `vl_best_instruction_set()` at the time of the call.
const vl_spectral_loops *vl_spectral_loops_float(void);
const vl_spectral_loops *vl_spectral_loops_double(void);
