// Constants, descriptors, operands and handles of longconv.h.
#ifndef LONGCONV_TYPES_H
#define LONGCONV_TYPES_H

#include <stdint.h>

// Constants of the fields of a descriptor, which are int32_t so that an unknown value can be told.

typedef enum longconv_status {
    LONGCONV_OK = 0,
    LONGCONV_INVALID_ARGUMENT = 1,  // an argument, a field, a layout or a pointer is not what the function takes
    LONGCONV_INVALID_HANDLE = 2,    // a handle is null, was destroyed or is of another kind
    LONGCONV_UNSUPPORTED = 3,       // each field is valid, their combination is not offered
    LONGCONV_SIZE_OVERFLOW = 4,     // sizes computed from the extents overflow
    LONGCONV_OUT_OF_MEMORY = 5,     // more memory is needed than this process may use; nothing was written
    LONGCONV_PLANNING_FAILED = 6,   // FFTW could not make a plan
    LONGCONV_FILE_ERROR = 7,        // a file of wisdom could not be read or written
    LONGCONV_INVALID_STATE = 8      // a saved state of a stream is damaged or of another stream
} longconv_status;

typedef enum longconv_precision { LONGCONV_FLOAT32 = 32, LONGCONV_FLOAT64 = 64 } longconv_precision;

// Which outputs are kept of full[n] = sum over s of k[s] x[n - s], 0 <= n < L + K - 1, x being zero outside.
typedef enum longconv_boundary {
    LONGCONV_CAUSAL = 1,    // y[t] = full[t], 0 <= t < L; one dimension
    LONGCONV_CENTRED = 2,   // y[t] = full[t + c], 0 <= t < L, c the kernel's center
    LONGCONV_CIRCULAR = 3,  // y[t] = sum over s of k[s] x[(t - s) mod L], 0 <= t < L; K <= L
    LONGCONV_FULL = 4,      // all L + K - 1 outputs
    LONGCONV_VALID = 5      // y[t] = full[t + K - 1], 0 <= t <= L - K; K <= L
} longconv_boundary;

// The center c of a kernel of K taps, for LONGCONV_CENTRED; without effect on other boundaries.
typedef enum longconv_center {
    LONGCONV_CENTER_UPPER = 0,  // floor(K / 2)
    LONGCONV_CENTER_LOWER = 1   // floor((K - 1) / 2)
} longconv_center;

typedef enum longconv_orientation {
    LONGCONV_CONVOLUTION = 0,
    LONGCONV_CORRELATION = 1  // convolution with the reversed kernel: full[n] = sum over s of k[K - 1 - s] x[n - s]
} longconv_orientation;

typedef enum longconv_pairing {
    LONGCONV_SHARED = 0,     // kernels [C, K]: one a channel, for all samples
    LONGCONV_PER_SAMPLE = 1  // kernels [B, C, K]: one a row
} longconv_pairing;

// How long FFTW may look for a fast plan, where a shape takes FFTW's transforms.
typedef enum longconv_rigour {
    LONGCONV_ESTIMATE = 0,
    LONGCONV_MEASURE = 1,
    LONGCONV_PATIENT = 2
} longconv_rigour;

// What a convolution has besides: y = outputGate (k * v + skip v), v = inputGate x.
typedef enum longconv_flags {
    LONGCONV_HAS_INPUT_GATE = 1,   // input_gate, of the signal's shape
    LONGCONV_HAS_OUTPUT_GATE = 2,  // output_gate, of the output's shape
    LONGCONV_HAS_SKIP = 4,         // skip [C]; not for LONGCONV_FULL and LONGCONV_VALID
    // reverse_kernel, of the kernel's shape: y[t] = sum over s of k[s] v[t - s] + r[s] v[t + s + lag], zero beyond the
    // ends; one dimension, LONGCONV_CAUSAL, lag 0 or 1
    LONGCONV_IS_BIDIRECTIONAL = 8
} longconv_flags;

// The operands, as indices of longconv_descriptor.layouts and in the order of longconv_operands.
typedef enum longconv_operand {
    LONGCONV_SIGNAL = 0,          // [B, C, signal extents]
    LONGCONV_KERNEL = 1,          // [C, kernel extents] or [B, C, kernel extents], as the pairing says
    LONGCONV_REVERSE_KERNEL = 2,  // as the kernel
    LONGCONV_INPUT_GATE = 3,      // as the signal
    LONGCONV_OUTPUT_GATE = 4,     // as the output
    LONGCONV_SKIP = 5,            // [C]
    LONGCONV_OUTPUT = 6,          // [B, C, output extents]
    LONGCONV_UPSTREAM = 7,        // the gradient with respect to the output, as the output
    LONGCONV_SIGNAL_GRADIENT = 8,
    LONGCONV_KERNEL_GRADIENT = 9,
    LONGCONV_REVERSE_KERNEL_GRADIENT = 10,
    LONGCONV_INPUT_GATE_GRADIENT = 11,
    LONGCONV_OUTPUT_GATE_GRADIENT = 12,
    LONGCONV_SKIP_GRADIENT = 13
} longconv_operand;
#define LONGCONV_OPERAND_COUNT 14

// How an operand lies in memory. All zero, it is a contiguous batch in row-major order. With is_strided = 1, element
// (b, c, i) or (b, c, i, j) lies at data[b sample + c channel + i axes[0] + j axes[1]]: strides in scalars, of any sign;
// a stride along an axis of one element counts for nothing, and so does `sample` where all samples share an operand.
// What is only read may repeat elements, by strides of 0 for instance. In what is written each axis steps over
// everything that the axes with smaller strides reach.
// An operand whose rows (planes) are contiguous and whose strides are not negative is used where it lies; any other is
// copied in parts during the call.
typedef struct longconv_layout {
    int64_t is_strided;
    int64_t sample;
    int64_t channel;
    int64_t axes[2];
} longconv_layout;

#define LONGCONV_DESCRIPTOR_VERSION 1

// Which convolution, of what. Later versions append fields; a library takes the versions up to its own.
typedef struct longconv_descriptor {
    uint32_t size;              // sizeof(longconv_descriptor)
    uint32_t version;           // LONGCONV_DESCRIPTOR_VERSION
    int32_t precision;          // longconv_precision, of all operands
    int32_t dimensions;         // 1 or 2
    int32_t boundary;           // longconv_boundary, on all axes
    int32_t center;             // longconv_center
    int32_t orientation;        // longconv_orientation
    int32_t pairing;            // longconv_pairing
    int32_t rigour;             // longconv_rigour
    int32_t flags;              // longconv_flags, combined by |
    int32_t lag;                // 0 or 1 for LONGCONV_IS_BIDIRECTIONAL, else 0
    int32_t exact_head;         // 0 to 256: how many first outputs of causal rows are sums, each accurate by itself
    int64_t batch;              // B, from 0
    int64_t channels;           // C, from 0
    int64_t signal_extents[2];  // [length] or [height, width], from 1; the second counts in two dimensions only
    int64_t kernel_extents[2];
    longconv_layout layouts[LONGCONV_OPERAND_COUNT];  // by longconv_operand
} longconv_descriptor;

#define LONGCONV_DESCRIPTOR_INIT {sizeof(longconv_descriptor), LONGCONV_DESCRIPTOR_VERSION}

#define LONGCONV_OPERANDS_VERSION 2

// The memory of a call's operands; those that a call does not take are null. Pointers are multiples of the size of a
// scalar. What is written overlaps neither what is read nor anything else that is written; inputs may overlap. Operands of
// version 1, which is smaller, are taken too.
typedef struct longconv_operands {
    uint32_t size;     // sizeof(longconv_operands)
    uint32_t version;  // LONGCONV_OPERANDS_VERSION
    int32_t threads;   // for this call, from 1; 0 for the process's number
    int32_t reserved;  // 0
    const void *signal;
    const void *kernel;
    const void *reverse_kernel;
    const void *input_gate;
    const void *output_gate;
    const void *skip;
    void *output;
    const void *upstream;
    void *signal_gradient;
    void *kernel_gradient;
    void *reverse_kernel_gradient;
    void *input_gate_gradient;
    void *output_gate_gradient;
    void *skip_gradient;
    // Since version 2, with LONGCONV_HAS_OUTPUT_GATE, and contiguous: what the gate multiplies, k * v + skip v, of the output's
    // shape. Written by longconv_apply unless null, and read by longconv_gradients, which otherwise computes it again for the
    // gate's gradient.
    void *ungated_output;
    const void *kept_ungated_output;
} longconv_operands;

#define LONGCONV_OPERANDS_INIT {sizeof(longconv_operands), LONGCONV_OPERANDS_VERSION}

// Opaque handles. They are numbers that the library looks up, so one that was destroyed is refused.
typedef struct longconv_plan longconv_plan;
typedef struct longconv_spectrum longconv_spectrum;
typedef struct longconv_stream longconv_stream;

#endif
