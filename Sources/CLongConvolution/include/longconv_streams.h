// Streams of longconv.h: causal convolutions whose signals arrive in pieces.
#ifndef LONGCONV_STREAMS_H
#define LONGCONV_STREAMS_H

#include "longconv_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LONGCONV_STREAM_DESCRIPTOR_VERSION 1

// A causal convolution whose signal arrives in pieces of any length; each channel has its own kernel.
typedef struct longconv_stream_descriptor {
    uint32_t size;     // sizeof(longconv_stream_descriptor)
    uint32_t version;  // LONGCONV_STREAM_DESCRIPTOR_VERSION
    int32_t precision;      // longconv_precision
    int32_t threads;        // of pushes, from 1; 0 for the process's number when it is made. Since version 4
    int64_t channels;       // C, from 1
    int64_t kernel_length;  // K, from 1
    int64_t block;          // 0: sample by sample; else the block length, a power of two, for bounded work per block
    int64_t kernel_channel_stride;  // in scalars; the taps of a kernel are contiguous
} longconv_stream_descriptor;

#define LONGCONV_STREAM_DESCRIPTOR_INIT {sizeof(longconv_stream_descriptor), LONGCONV_STREAM_DESCRIPTOR_VERSION}

// Makes a stream at its beginning from kernels [C, K], which are copied.
longconv_status longconv_stream_create(
    const longconv_stream_descriptor *descriptor, const void *kernel, longconv_stream **stream);

longconv_status longconv_stream_destroy(longconv_stream *stream);

// Takes the next n samples of each channel, [C, n], and writes their outputs, [C, n]. Channel strides are in scalars;
// samples are contiguous. Output and input are the same memory with the same stride, or do not overlap. Calls for one stream
// wait for each other. A stream in blocks takes any n too, but the work is bounded for whole blocks only: a push that ends
// within a block copies the state and computes the block, of which a part is known. Outputs have the same bits however samples
// are split into pushes, in a stream in blocks of more than 128 samples if pushes end with a block.
//
// Behind the first one of a process, a push into a stream of one thread allocates nothing where channels are n scalars apart or
// n is no larger than before, in a stream in blocks for whole blocks. Samples whose channels are otherwise apart are copied to
// memory that the stream keeps, from 262,144 scalars on to memory of the call's own. A push takes two locks: that of the
// handles, which calls that make or destroy handles hold for a moment, and the stream's. Where a stream has more threads, long
// pushes wake the others.
longconv_status longconv_stream_push(
    longconv_stream *stream, int64_t n, const void *input, int64_t input_channel_stride, void *output,
    int64_t output_channel_stride);

// longconv_stream_push, at the beginning of a stream at the speed of whole rows; `output` may be null, and apart from `input`
// otherwise or the same memory.
longconv_status longconv_stream_prefill(
    longconv_stream *stream, int64_t n, const void *input, int64_t input_channel_stride, void *output,
    int64_t output_channel_stride);

// The number of samples that a stream has taken.
longconv_status longconv_stream_position(longconv_stream *stream, int64_t *position);

// Returns a stream to its beginning.
longconv_status longconv_stream_reset(longconv_stream *stream);

// Makes a second stream with the same kernels and state, and memory of its own.
longconv_status longconv_stream_copy(longconv_stream *stream, longconv_stream **copy);

// Writes a stream's state, without its kernels, to `state`, which holds `capacity` bytes, unless it is null; `byte_count`
// receives the size of the state in any case. States are for the same kind of machine.
longconv_status longconv_stream_save(
    longconv_stream *stream, void *state, int64_t capacity, int64_t *byte_count);

// Sets the state of a stream with the same kernels; a state that is damaged or of another stream is refused, and then
// the stream is as it was.
longconv_status longconv_stream_load(longconv_stream *stream, const void *state, int64_t byte_count);

#ifdef __cplusplus
}
#endif

#endif
