// The loops of the tensor operations.
//
// Each works on plain arrays of `count` scalars without any alignment. An output may be one of the inputs (the same
// array from its first scalar), but may not overlap one otherwise.
#pragma once

#include <stddef.h>

#include "instruction_set.h"

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/// A function of one array.
typedef void (*vl_unary_loop)(float *out, const float *x, size_t count);
/// A function of two arrays; a pullback takes the argument or the result of its function, then the cotangent.
typedef void (*vl_binary_loop)(float *out, const float *x, const float *y, size_t count);
/// A function of an array and a scalar.
typedef void (*vl_scalar_loop)(float *out, const float *x, float scalar, size_t count);

/// The number of scalars that correlations may read or write behind their arrays.
enum { vl_correlation_slack = 128 };

/// The number of rows of a panel: see `pack_panels`. Six rows of sums by four vectors fill 32 registers, by two 16.
enum { vl_panel_height = 6 };

/// The number of rows whose running sums are made side by side, and of the samples of a row in a tile of them.
enum { vl_prefix_rows = 8, vl_prefix_tile = 64 };

/// A matrix as panels of `vl_panel_height` rows, `panel_step` apart; the scalars of a panel's column are contiguous,
/// and its columns are `column_step` apart. Packed panels are such, and so is the transpose of any row-major matrix.
typedef struct {
    const float *first;
    size_t column_step, panel_step;
} vl_panels;

/// At least one row of a matrix, `stride` apart.
typedef struct {
    const float *first;
    size_t stride, count;
} vl_row_group;

/// The loops, compiled for one instruction set.
typedef struct {
    // Arithmetic.
    vl_binary_loop add, subtract, multiply;
    vl_scalar_loop add_scalar, multiply_scalar;
    /// out = scalar - x
    vl_scalar_loop subtract_from_scalar;
    /// out += scalar * x
    vl_scalar_loop add_scaled;

    // Functions of one variable: polynomials without branches. Bounds of their errors, in units in the last place of
    // the result: exponential 1.5, sigmoid 2.5, silu 3, gelu 8, sine 0.6. Where silu and gelu are
    // smaller than 100 times the least normal number, the bound is that of 100 times that number.
    vl_unary_loop square, square_root, exponential, sine, sigmoid, gelu, silu, relu;
    // Their pullbacks: cotangent times derivative, from the argument x ...
    vl_binary_loop square_pullback, sine_pullback, gelu_pullback, silu_pullback, relu_pullback;
    // ... or from the result y.
    vl_binary_loop square_root_pullback, exponential_pullback, sigmoid_pullback;

    // Sums, accumulated in double precision.
    double (*sum)(const float *x, size_t count);
    double (*dot)(const float *x, const float *y, size_t count);
    /// The sum of (x - center)^2.
    double (*squared_deviations)(const float *x, double center, size_t count);
    /// sums += x
    void (*accumulate)(double *sums, const float *x, size_t count);
    /// sums += x * y
    void (*accumulate_products)(double *sums, const float *x, const float *y, size_t count);
    /// out = sums, rounded
    void (*round_sums)(float *out, const double *sums, size_t count);

    // Standardization: y = (x - mean) * scale.
    void (*standardize)(float *out, const float *x, double mean, float scale, size_t count);
    /// out = gelu(y)
    void (*standardize_gelu)(float *out, const float *x, double mean, float scale, size_t count);
    /// Adds the sum of the cotangent and that of its product with y to `sums`.
    void (*standardization_sums)(
        const float *x, const float *cotangent, double mean, float scale, size_t count, double *sums);
    /// out = cotangent * gelu'(y), with the sums of `standardization_sums` for `out`.
    void (*standardize_gelu_pullback)(
        float *out, const float *x, const float *cotangent, double mean, float scale, size_t count, double *sums);
    /// out = scale * (cotangent - mean_cotangent - y * mean_product)
    void (*standardization_pullback)(
        float *out, const float *x, const float *cotangent, double mean, float scale, float mean_cotangent,
        float mean_product, size_t count);

    // Means of, and standardization by, the samples so far, of 1 to vl_prefix_rows rows, `stride` apart. `shares` are one over
    // the number of samples up to each; `moments` of each row its first sample and the sums of d = x - first and of d² before
    // these `count` samples, and then with them.
    /// out = first + sum * share
    void (*prefix_means)(float *out, const float *x, size_t stride, size_t rows, double *moments, const double *shares,
                         size_t count);
    /// The pullback for whole rows.
    void (*prefix_means_pullback)(float *out, const float *cotangent, size_t stride, size_t rows, const double *shares,
                                  size_t count);
    /// out = (x - mean) / sqrt(variance + epsilon)
    void (*prefix_standardize)(float *out, const float *x, size_t stride, size_t rows, double *moments,
                               const double *shares, float epsilon, size_t count);
    /// The pullback for whole rows. `sums` is memory for 2 vl_prefix_rows numbers for each vl_prefix_tile samples or fewer.
    void (*prefix_standardization_pullback)(float *out, const float *x, const float *cotangent, size_t stride,
                                            size_t rows, const double *shares, double *sums, float epsilon,
                                            size_t count);

    // Sines of phases in double precision: phase = base + slope * coordinate.
    void (*sine_of_phases)(float *out, double base, double slope, const double *coordinates, size_t count);
    /// Adds the sums of cotangent * cos(phase) and of its product with the coordinate to `sums`.
    void (*sine_of_phases_sums)(
        const float *cotangent, double base, double slope, const double *coordinates, size_t count, double *sums);

    // Correlation with weights at given offsets. Up to vl_correlation_slack scalars behind all arrays are read or
    // written too, as if `count` were greater; behind `cotangent` they must be zero, behind `x` finite.
    /// out[i] = sum over k of weights[k] * x[i + offsets[k]]
    void (*correlate)(float *out, size_t count, const float *x, const float *weights, const size_t *offsets,
                      size_t taps);
    /// sums[k] += sum over i of cotangent[i] * x[i + offsets[k]]
    void (*correlate_weights)(double *sums, const float *cotangent, size_t count, const float *x,
                              const size_t *offsets, size_t taps);

    // Correlation of planes with kernels of 3, 5, 7 or 9 rows. x begins with the zero padding around the plane, half a
    // kernel wide.
    /// The number of scalars of a vector; planes must have at least as many columns.
    size_t plane_columns;
    /// out[r][c] = sum over i, k of weights[i][k] * x[r + i][c + k]
    void (*correlate_plane)(float *out, size_t stride, size_t rows, size_t columns, const float *x, size_t x_stride,
                            const float *weights, size_t kernel_rows, size_t kernel_columns);
    /// sums[i][k] += sum over r, c of cotangent[r][c] * x[r + i][c + k]
    ///
    /// The cotangent has `kernel_rows` - 1 rows of zeros above and below. Its rows are padded with zeros to `columns`
    /// scalars, a multiple of the vector's; x must be finite behind its rows as far as those and the kernel reach.
    void (*correlate_plane_weights)(double *sums, const float *cotangent, size_t rows, size_t columns, const float *x,
                                    size_t x_stride, size_t kernel_rows, size_t kernel_columns);
    /// out[r][c] = x[r][c], between arrays of different strides
    void (*copy_rows)(float *out, size_t out_stride, const float *x, size_t stride, size_t rows, size_t columns);

    // Products of matrices.
    /// Packs a matrix in contiguous panels of `vl_panel_height` rows, each stored column by column. The last panel is
    /// padded with zeros.
    void (*pack_panels)(float *panels, const float *matrix, size_t row_stride, size_t column_stride, size_t rows,
                       size_t columns);
    /// out[i][j] = offsets[i] + sum over k of weights[i][k] * rows[k][j], without offsets where they are null
    ///
    /// The weights have `height` rows and `depth` columns; the `depth` rows of `columns` scalars come in groups, one
    /// below the other. Each scalar is summed over k from front to back: its bits do not depend on its place.
    void (*multiply_rows)(float *out, size_t stride, vl_panels weights, size_t height, const vl_row_group *groups,
                          size_t depth, size_t columns, const float *_Nullable offsets);
    /// out[i][j] = sum over k of left[i][k] * right[j][k], or added to `out`: left times the transpose of right
    ///
    /// The bits of a scalar do not depend on its place.
    void (*multiply_by_rows)(float *out, size_t stride, const float *left, size_t left_stride, size_t rows,
                             const float *right, size_t right_stride, size_t columns, size_t depth, int is_adding);

    // Optimizers.
    /// first = b1 first + (1 - b1) g; second = b2 second + (1 - b2) g^2;
    /// parameter = (1 - shrinkage) parameter - step * first / (sqrt(second) * correction + epsilon)
    void (*adam)(float *parameter, float *first, float *second, const float *gradient, float b1, float b2,
                 float step, float correction, float epsilon, float shrinkage, size_t count);
    /// out += sign(x), where the sign of 0 is 0 and that of NaN is NaN
    void (*add_sign)(float *out, const float *x, size_t count);
    /// average = decay average + (1 - decay) x
    void (*average)(float *average, const float *x, float decay, size_t count);
} vl_tensor_loops;

/// The loops for `vl_best_instruction_set()`.
const vl_tensor_loops *vl_best_tensor_loops(void);

/// The loops for an instruction set, which the processor must have (for tests).
const vl_tensor_loops *vl_tensor_loops_for(vl_instruction_set wanted);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif
