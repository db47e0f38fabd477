// Twiddle factors, and loops over a radix written out.
//
// Row k of a radix-R step is multiplied by the twiddle factor w + iv = fine[k][s] * coarse[k]: a table of two levels,
// whose coarse part is left out (1) for short transforms. Inside a loop over s these macros use its variables: fine,
// fine_im, fine_stride, coarse, has_coarse and radix.
#pragma once

// In a loop vectorized as independent, arrays must be promoted to registers before the vectorizer sees them: its lanes would
// share an array that is left in memory. `#pragma unroll` does not guarantee that (an address sanitizer prevents it), so
// loops over the radix are written out.
#define VL_EIGHT_TIMES(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define VL_EIGHT_TIMES_OF(DO, k) DO(k, 0) DO(k, 1) DO(k, 2) DO(k, 3) DO(k, 4) DO(k, 5) DO(k, 6) DO(k, 7)

// Declares w + iv = fine[k][s] * coarse[k], or fine[k][s] without coarse factors.
#define VL_TWIDDLE(w, v, k, s)                                                                                        \
    REAL w = fine[(k) * fine_stride + (s)], v = fine_im[(k) * fine_stride + (s)];                                     \
    if (has_coarse) {                                                                                                 \
        const REAL w_ = w * coarse[k] - v * coarse[radix + (k)];                                                      \
        v = w * coarse[radix + (k)] + v * coarse[k];                                                                  \
        w = w_;                                                                                                       \
    }
