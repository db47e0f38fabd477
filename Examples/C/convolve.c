// Long convolutions from C: values, gradients, strides, held spectra, and what an error says.
//
//     make c-library
//     cd .build/c-library
//     cc -std=c99 -Iinclude ../../Examples/C/convolve.c -L. -llongconv -lm -Wl,-rpath,"$PWD" -o convolve
//     ./convolve

#include <longconv.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 4, CHANNELS = 2, LENGTH = 1000, TAPS = 1000 };

// Ends the program with the message of the call that failed.
static void check(longconv_status status) {
    if (status == LONGCONV_OK) return;
    fprintf(stderr, "error %d: %s\n", status, longconv_last_error());
    exit(1);
}

// A decaying oscillation for each channel.
static void fill(float *values, int rows, int count) {
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < count; i++)
            values[row * count + i] = expf(-0.01f * i) * cosf(0.1f * (row + 1) * i);
}

// y[t] of a causal convolution, as the sum that it is.
static double direct(const float *signal, int stride, const float *kernel, int t) {
    double sum = 0;
    for (int s = 0; s <= t && s < TAPS; s++) sum += (double)kernel[s] * signal[(t - s) * stride];
    return sum;
}

int main(void) {
    static float signal[BATCH * CHANNELS * LENGTH], kernel[CHANNELS * TAPS], output[BATCH * CHANNELS * LENGTH];
    static float signal_gradient[BATCH * CHANNELS * LENGTH], kernel_gradient[CHANNELS * TAPS];
    fill(signal, BATCH * CHANNELS, LENGTH);
    fill(kernel, CHANNELS, TAPS);

    // One kernel a channel, as long as the signal.
    longconv_descriptor descriptor = LONGCONV_DESCRIPTOR_INIT;
    descriptor.precision = LONGCONV_FLOAT32;
    descriptor.dimensions = 1;
    descriptor.boundary = LONGCONV_CAUSAL;
    descriptor.batch = BATCH;
    descriptor.channels = CHANNELS;
    descriptor.signal_extents[0] = LENGTH;
    descriptor.kernel_extents[0] = TAPS;
    longconv_plan *plan;
    check(longconv_plan_create(&descriptor, &plan));

    longconv_operands operands = LONGCONV_OPERANDS_INIT;
    operands.signal = signal;
    operands.kernel = kernel;
    operands.output = output;
    check(longconv_apply(plan, &operands));
    double error = 0;
    for (int row = 0; row < BATCH * CHANNELS; row++)
        for (int t = 0; t < LENGTH; t++)
            error = fmax(error, fabs(output[row * LENGTH + t]
                                     - direct(signal + row * LENGTH, 1, kernel + row % CHANNELS * TAPS, t)));
    printf("values: %s\n", error < 1e-3 ? "as the sums" : "wrong");

    // The gradients of the sum of all outputs: that of a kernel's first tap is the sum of the channel's signals.
    static float ones[BATCH * CHANNELS * LENGTH];
    for (int i = 0; i < BATCH * CHANNELS * LENGTH; i++) ones[i] = 1;
    longconv_operands backward = LONGCONV_OPERANDS_INIT;
    backward.signal = signal;
    backward.kernel = kernel;
    backward.upstream = ones;
    backward.signal_gradient = signal_gradient;
    backward.kernel_gradient = kernel_gradient;
    check(longconv_gradients(plan, &backward));
    double sum = 0;
    for (int sample = 0; sample < BATCH; sample++)
        for (int t = 0; t < LENGTH; t++) sum += signal[sample * CHANNELS * LENGTH + t];
    printf("gradients: %s\n", fabs(kernel_gradient[0] - sum) < 1e-3 ? "as the sums" : "wrong");

    // Kernels that do not change are transformed once.
    longconv_spectrum *spectrum;
    longconv_operands kernels = LONGCONV_OPERANDS_INIT;
    kernels.kernel = kernel;
    check(longconv_spectrum_create(plan, &kernels, &spectrum));
    float first = output[LENGTH - 1];
    operands.kernel = NULL;
    check(longconv_apply_spectrum(plan, spectrum, &operands));
    printf("held spectra: %s\n", output[LENGTH - 1] == first ? "the same bits" : "wrong");
    check(longconv_spectrum_destroy(spectrum));
    check(longconv_plan_destroy(plan));

    // A signal that arrives sample by sample: each output is there when its sample is.
    longconv_stream_descriptor live = LONGCONV_STREAM_DESCRIPTOR_INIT;
    live.precision = LONGCONV_FLOAT32;
    live.channels = CHANNELS;
    live.kernel_length = TAPS;
    live.kernel_channel_stride = TAPS;
    longconv_stream *stream;
    check(longconv_stream_create(&live, kernel, &stream));
    error = 0;
    for (int t = 0; t < LENGTH; t++) {
        float sample[CHANNELS] = {signal[t], signal[LENGTH + t]}, result[CHANNELS];
        check(longconv_stream_push(stream, 1, sample, 1, result, 1));
        error = fmax(error, fabs(result[1] - direct(signal + LENGTH, 1, kernel + TAPS, t)));
    }
    printf("stream: %s\n", error < 1e-3 ? "as the sums" : "wrong");
    check(longconv_stream_destroy(stream));

    // Interleaved channels, as audio has them: strides in scalars, in the descriptor.
    longconv_layout interleaved = {1, CHANNELS * LENGTH, 1, {CHANNELS, 0}};
    descriptor.layouts[LONGCONV_SIGNAL] = interleaved;
    descriptor.layouts[LONGCONV_OUTPUT] = interleaved;
    check(longconv_plan_create(&descriptor, &plan));
    operands.kernel = kernel;
    check(longconv_apply(plan, &operands));
    error = 0;
    for (int t = 0; t < LENGTH; t++)
        error = fmax(error, fabs(output[CHANNELS * t + 1] - direct(signal + 1, CHANNELS, kernel + TAPS, t)));
    printf("interleaved: %s\n", error < 1e-3 ? "as the sums" : "wrong");

    // What is wrong is said, and nothing ends.
    operands.output = signal;
    if (longconv_apply(plan, &operands) != LONGCONV_OK) printf("in place: %s\n", longconv_last_error());
    check(longconv_plan_destroy(plan));
    return 0;
}
