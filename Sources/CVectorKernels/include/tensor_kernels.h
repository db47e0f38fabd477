// Elementwise and reducing loops of the tensor operations.
//
// Each loop works on plain arrays of `count` scalars without any alignment. An output may be one
// of the inputs (the same array from its first scalar), but may not overlap one otherwise.
#pragma once

#include <stddef.h>

#include "instruction_set.h"

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/// A function of one array.
typedef void (*vk_unary)(float *out, const float *x, size_t count);
/// A function of two arrays; for pullbacks of a function of one: of its argument or result, and of the cotangent.
typedef void (*vk_binary)(float *out, const float *x, const float *y, size_t count);
/// A function of an array and a scalar.
typedef void (*vk_with_scalar)(float *out, const float *x, float scalar, size_t count);

enum { vk_correlation_slack = 128 };

/// How many rows of a matrix stand together in a strip: see `pack_panels`.
enum { vk_panel_height = 6 };

/// A matrix by strips of `vk_panel_height` rows, which are `panel_step` apart; the scalars of a strip's column lie
/// together, and its columns are `column_step` apart. Such are cut strips, and the transpose of any matrix.
typedef struct {
    const float *first;
    size_t column_step, panel_step;
} vk_panels;

/// Rows of a matrix, `stride` apart; `count` is at least 1.
typedef struct {
    const float *first;
    size_t stride, count;
} vk_row_group;

/// The loops, compiled for one instruction set.
typedef struct {
    // Arithmetic.
    vk_binary add, subtract, multiply;
    vk_with_scalar add_scalar, multiply_scalar;
    /// out = scalar - x
    vk_with_scalar subtract_from_scalar;
    /// out += scalar * x
    vk_with_scalar add_scaled;

    // Functions of one variable. The elementary functions are polynomials without branches; their errors, in
    // units of the last place of the result, are below: exponential 1.5, sigmoid 2.5, sigmoid_gated 3, gelu 8,
    // sine 0.6. Where sigmoid_gated and gelu are smaller than the least normal number times 100, it is that
    // number's unit that counts, times 100.
    vk_unary square, square_root, exponential, sine, sigmoid, gelu, sigmoid_gated, rectify;
    // Their pullbacks: cotangent times derivative, from the argument x ...
    vk_binary square_pullback, sine_pullback, gelu_pullback, sigmoid_gated_pullback, rectify_pullback;
    // ... or from the result y.
    vk_binary square_root_pullback, exponential_pullback, sigmoid_pullback;

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

    // Sines of phases in double precision: phase = base + slope * coordinate.
    void (*sine_of_phases)(float *out, double base, double slope, const double *coordinates, size_t count);
    /// Adds the sums of cotangent * cos(phase) and of its product with the coordinate to `sums`.
    void (*sine_of_phases_sums)(
        const float *cotangent, double base, double slope, const double *coordinates, size_t count, double *sums);

    // Correlation with a few weights at given offsets. Up to vk_correlation_slack scalars behind all arrays are read
    // or written too, as if `count` were greater; behind `cotangent` they must be zero, behind `x` finite.
    /// out[i] = sum over k of weights[k] * x[i + offsets[k]]
    void (*correlate)(float *out, size_t count, const float *x, const float *weights, const size_t *offsets,
                      size_t taps);
    /// sums[k] += sum over i of cotangent[i] * x[i + offsets[k]]
    void (*correlate_weights)(double *sums, const float *cotangent, size_t count, const float *x,
                              const size_t *offsets, size_t taps);

    // The same of planes, with kernels of 3, 5, 7 or 9 rows. x is zero around the plane as far as the kernel reaches,
    // and begins there.
    /// How many scalars a vector has: planes have at least as many columns.
    size_t plane_columns;
    void (*correlate_plane)(float *out, size_t stride, size_t rows, size_t columns, const float *x, size_t x_stride,
                            const float *weights, size_t kernel_rows, size_t kernel_columns);
    /// The cotangent has `kernel_rows` - 1 rows of zeros above and below; its rows, of `columns` scalars, are whole
    /// vectors, zero behind the plane. There x is finite as far as the kernel reaches.
    void (*correlate_plane_weights)(double *sums, const float *cotangent, size_t rows, size_t columns, const float *x,
                                    size_t x_stride, size_t kernel_rows, size_t kernel_columns);
    /// Copies rows from one distance to another.
    void (*copy_rows)(float *out, size_t out_stride, const float *x, size_t stride, size_t rows, size_t columns);

    // Products of matrices.
    /// Cuts a matrix in strips of `vk_panel_height` rows, which stand one behind the other, each column by column. What
    /// the last strip lacks is zero.
    void (*pack_panels)(float *strips, const float *matrix, size_t row_stride, size_t column_stride, size_t rows,
                       size_t columns);
    /// out = weights * rows: the product of a matrix of `height` rows and `depth` columns and of the `depth` rows that
    /// several groups have together, with an offset for each row added, if there are any. Rows of the product are
    /// `stride` apart and have `columns` scalars. Each is one sum from front to back, wherever it stands.
    void (*multiply_rows)(float *out, size_t stride, vk_panels weights, size_t height, const vk_row_group *groups,
                          size_t depth, size_t columns, const float *_Nullable offsets);
    /// out = left * transpose of right, or added to `out`: the products of rows with rows. A scalar has the same bits
    /// wherever it stands.
    void (*multiply_by_rows)(float *out, size_t stride, const float *left, size_t left_stride, size_t rows,
                             const float *right, size_t right_stride, size_t columns, size_t depth, int is_adding);

    // Optimizers.
    /// first = b1 first + (1 - b1) g; second = b2 second + (1 - b2) g^2;
    /// parameter = (1 - shrinkage) parameter - step * first / (sqrt(second) * correction + epsilon)
    void (*adam)(float *parameter, float *first, float *second, const float *gradient, float b1, float b2,
                 float step, float correction, float epsilon, float shrinkage, size_t count);
    /// out += sign(x), where the sign of 0 is 0 and that of NaN is NaN.
    void (*add_sign)(float *out, const float *x, size_t count);
    /// average = decay average + (1 - decay) x
    void (*average)(float *average, const float *x, float decay, size_t count);
} vk_tensor_loops;

/// The loops for `vk_best_instruction_set()`.
const vk_tensor_loops *vk_tensor_loops_table(void);

/// The loops for an instruction set, which the processor must have (for tests).
const vk_tensor_loops *vk_tensor_loops_for(vk_instruction_set wanted);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif
