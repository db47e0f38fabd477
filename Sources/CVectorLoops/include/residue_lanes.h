// The right-angle transform whose vector lanes hold residue rows.
//
// A row of M = lanes * N complex numbers is cut into `lanes` residue rows of N numbers, which `fold` makes and
// transposes into the lanes: element s of all residue rows is one pair of vectors, [s][re * lanes][im * lanes]. The
// transform of N points is then plain arithmetic of vectors, in place, and so are products of spectra; their order is
// permuted. No row meets another one.
//
// There is one table of loops for each precision; `void *` stands for arrays of `float` in one and of `double` in the
// other. `count` counts elements s, `lanes` complex numbers each, except where it says otherwise.
#pragma once

#include <stddef.h>

#include "instruction_set.h"
#include "prefetches.h"

/// The most lanes of any table.
#define VL_MOST_LANES 16
/// The most steps of a transform: 2^30 points in steps of radix 2 are more than memory holds.
#define VL_MOST_STEPS 32

/// A transform of `length` = radices[0] * radices[1] * ... points; radices are 2, 3, 4, 5, 7, 8 and 16.
typedef struct {
    size_t length;
    int step_count;
    int radices[VL_MOST_STEPS];
    /// For each step but the last: with m the product of its radix r and of those behind it, for 0 <= j < m / r and
    /// 0 < k < r the real and the imaginary part of exp(-2πi jk/m).
    const void *twiddles;
    /// Longer parts are transformed one after the other, so that each stays in the cache.
    size_t cached_length;
} vl_lane_steps;

/// The elements of a row that one vector of `lanes` reals holds, if not all of them are there.
typedef struct {
    /// The first one in the row.
    ptrdiff_t element;
    /// Its place in the vector.
    size_t place;
    /// `lanes` also where fewer are meant, if the row has as many: pieces are written in their order, and runs in
    /// theirs, so that what is written too much is written again.
    size_t count;
} vl_lane_piece;

/// A range of elements s for which the same residue rows come from a row of reals: as whole vectors, or as pieces of a
/// single vector.
typedef struct {
    size_t first, count;
    /// For each q, the element of the row that is the real part at q * N + first, or below 0 for none.
    const ptrdiff_t *re;
    /// The same for imaginary parts; NULL if there are none.
    const ptrdiff_t *im;
    /// For single vectors: a piece for each real part and, if there are any, for each imaginary part; else NULL.
    const vl_lane_piece *pieces;
    /// Whether any part comes from the row.
    int is_wanted;
} vl_lane_run;

/// A right-angle transform of rows of M = lanes * N reals or 2 M, M = steps.length * lanes.
typedef struct {
    vl_lane_steps steps;
    /// exp(πi q/(2 lanes)) for each q, real parts, then imaginary parts; for `unfold` times any power of two.
    const void *twist, *unfolding_twist;
    /// With ω = exp(πi/(2 M)): ω^(s (1 - 4k)) for s below `tile_width`, a row for each k, `fine_stride` reals apart,
    /// all times a power of two; and for each tile of tile_width elements ω^(tile * tile_width * (1 - 4k)), for each k the
    /// real parts, then the imaginary parts, or NULL where there is one tile. Tiles are whole vectors.
    const void *fine_re, *fine_im, *coarse;
    size_t fine_stride, tile_width;
    /// The factor of `unfold`.
    double scale;
    /// At least `tile_width` zeros.
    const void *zeros;
    /// Where the vectors of the staging area begin: 2 * lanes multiples of `lanes`.
    const ptrdiff_t *staged;
    /// The number of elements s behind the last whole vector, if they are few; else 0, and they are a vector like the others.
    size_t rest;
    /// For them, the transform over q with its twist as a matrix, for each q a complex vector over k: twist[q] exp(-2πi kq/lanes);
    /// that of the inverse, for each k a vector over q, with the power of two of `unfolding_twist`; and w for each s, a vector
    /// over k.
    const void *rest_matrix, *unfolding_rest_matrix, *rest_factors;
} vl_lane_plan;

typedef struct {
    int lanes;
    /// Folds a row of reals, twists it, and transposes the residue rows into the lanes:
    ///
    ///     work[s][k] = (sum over q of (x[re[q] + s] + i x[im[q] + s]) twist[q] exp(-2πi kq/lanes)) * w[k][s]
    ///
    /// for 0 <= s < N, 0 <= k, q < lanes, with w = fine * coarse. `staging` is memory for 2 * lanes * lanes reals. Here and
    /// below, `prefetches` is what the loop prefetches besides, or null.
    void (*fold)(const vl_lane_plan *plan, const vl_lane_run *runs, size_t run_count, const void *x, void *work,
                 void *staging, vl_prefetches *prefetches);
    /// The inverse of `fold`, with conjugated factors:
    ///
    ///     v[q][s] = scale * (sum over k of work[s][k] * conj(w[k][s]) * exp(2πi kq/lanes)) * conj(twist[q])
    ///     y[re[q] + s] = Re v[q][s],  y[im[q] + s] = Im v[q][s]
    ///
    /// `dump` is memory for `tile_width` reals.
    void (*unfold)(const vl_lane_plan *plan, const vl_lane_run *runs, size_t run_count, const void *work, void *y,
                   void *staging, void *dump, vl_prefetches *prefetches);
    /// The first step of the transform for the elements first ..< first + count of each of its radices[0] parts, in place;
    /// the parts are transformed by the steps that follow.
    void (*split)(const vl_lane_plan *plan, void *data, size_t first, size_t count);
    /// The inverse of `split`, times the radix.
    void (*join)(const vl_lane_plan *plan, void *data, size_t first, size_t count);
    /// The transform; `data` is destroyed.
    void (*transform)(const vl_lane_plan *plan, void *data, void *spectrum, vl_prefetches *prefetches);
    /// The inverse transform times the length; `spectrum` is destroyed.
    void (*inverse)(const vl_lane_plan *plan, void *spectrum, void *data, vl_prefetches *prefetches);
    /// data = inverse transform of (transform of data) * kernel, or * conj(kernel), times the length
    void (*convolve)(const vl_lane_plan *plan, void *data, const void *kernel, int is_conjugated,
                     vl_prefetches *prefetches);
    /// With G and U the transforms of g and u: sum += G * conj(U), and g = inverse transform of G * conj(kernel), times
    /// the length; `u` is destroyed.
    void (*pull_back)(const vl_lane_plan *plan, void *g, void *u, const void *kernel, void *sum,
                      vl_prefetches *prefetches);
    /// Copies `count` numbers, pairs of vectors; strides in reals.
    void (*copy)(const void *in, size_t in_stride, void *out, size_t out_stride, size_t count);
    /// out = a * b
    void (*multiply)(const void *a, const void *b, void *out, size_t count);
    /// sum += a * b
    void (*accumulate)(const void *a, const void *b, void *sum, size_t count);
    /// sum += a * conj(b)
    void (*accumulate_conjugate)(const void *a, const void *b, void *sum, size_t count);
} vl_lane_loops;

/// The loops for an instruction set, which the processor must have.
const vl_lane_loops *vl_lane_loops_float(vl_instruction_set set);
const vl_lane_loops *vl_lane_loops_double(vl_instruction_set set);
