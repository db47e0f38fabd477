// longconv: long convolutions in one and two dimensions, for C and whatever calls C.
//
//     longconv_descriptor d = LONGCONV_DESCRIPTOR_INIT;
//     d.precision = LONGCONV_FLOAT32;
//     d.boundary = LONGCONV_CAUSAL;
//     d.dimensions = 1;
//     d.signal_extents[0] = 1024;
//     d.kernel_extents[0] = 1024;
//     d.batch = 16;
//     d.channels = 64;
//     longconv_plan *plan;
//     if (longconv_plan_create(&d, &plan) != LONGCONV_OK) puts(longconv_last_error());
//     longconv_operands o = LONGCONV_OPERANDS_INIT;
//     o.signal = signal, o.kernel = kernel, o.output = output;
//     longconv_apply(plan, &o);
//     longconv_plan_destroy(plan);
//
// Every function that can fail returns a longconv_status; longconv_last_error() then says what was expected and what was
// found. No argument ends the process: null pointers, unknown constants, sizes that overflow, misaligned or overlapping
// operands and handles that were destroyed are refused before anything is written. What cannot be checked is that a
// pointer leads to as much memory as its layout says.
//
// Every function may be called by any number of threads at once; a plan may be used by many threads. Nothing but handles
// is allocated for the caller. Kernels are as long as the signal or of any other length; results have the same bits for
// any number of threads.
#ifndef LONGCONV_H
#define LONGCONV_H

#include "longconv_streams.h"
#include "longconv_types.h"

// The version of the functions declared here, which grows with each that is added.
#define LONGCONV_INTERFACE_VERSION 4

#ifdef __cplusplus
extern "C" {
#endif

// The message of the last call on this thread that failed; valid until the next one that fails. Never null.
const char *longconv_last_error(void);

// MARK: Plans

// Makes a plan. Plans of one shape share their tables, so that a second one costs microseconds.
longconv_status longconv_plan_create(const longconv_descriptor *descriptor, longconv_plan **plan);

// Forgets a plan. Calls that use it on other threads end as if it were there.
longconv_status longconv_plan_destroy(longconv_plan *plan);

// The output's extents, [length, 1] or [height, width].
longconv_status longconv_plan_output_extents(longconv_plan *plan, int64_t extents[2]);

// Computes `output`, every element of it, from signal, kernel and what the plan's flags name.
longconv_status longconv_apply(longconv_plan *plan, const longconv_operands *operands);

// Computes those gradients whose pointers are not null, from the inputs of longconv_apply and `upstream`. A gradient has
// its operand's shape, and the layout of its own index. A gradient of what all samples share is summed over them.
longconv_status longconv_gradients(longconv_plan *plan, const longconv_operands *operands);

// MARK: Held kernel spectra

// Transforms kernels once for many calls, for inference: from `kernel`, and `reverse_kernel` if the plan has it.
longconv_status longconv_spectrum_create(
    longconv_plan *plan, const longconv_operands *operands, longconv_spectrum **spectrum);

longconv_status longconv_spectrum_destroy(longconv_spectrum *spectrum);

// The bytes of memory that the spectra take.
longconv_status longconv_spectrum_byte_count(longconv_spectrum *spectrum, int64_t *byte_count);

// longconv_apply with held spectra in place of `kernel` and `reverse_kernel`, which are null; the same bits. The plan may
// be another one of the same shape and number of kernels; batch and layouts may differ.
longconv_status longconv_apply_spectrum(
    longconv_plan *plan, longconv_spectrum *spectrum, const longconv_operands *operands);

// MARK: The process

// The number of threads of calls that do not choose their own; at first LONGCONV_NUM_THREADS, else the processors that
// this process may use. A number from 1 to 4096.
longconv_status longconv_set_num_threads(int32_t count);
int32_t longconv_get_num_threads(void);

// Calls function(argument) on the calling thread and on up to threads - 1 others at once, and returns when all calls have.
// GOMP_parallel of GCC's and LLVM's OpenMP libraries is such a function; flags is 0.
typedef void (*longconv_parallel)(
    void (*function)(void *argument), void *argument, unsigned int threads, unsigned int flags);

// Has loops run on the threads of the host program, in teams of 1 to 4096, and on no more than that, instead of on the
// library's own. Two pools whose idle threads spin take time from each other. With null, the library's own run them again,
// and `threads` does not matter. A forked child always uses its own. Since version 2.
longconv_status longconv_set_parallel(longconv_parallel parallel, int32_t threads);

// The most bytes that the library keeps for reuse, from 0, and those that it keeps at present.
longconv_status longconv_set_memory_limit(int64_t byte_count);
int64_t longconv_get_memory_limit(void);
int64_t longconv_get_kept_memory(void);
// Returns what is kept to the system.
void longconv_release_memory(void);

// Adds the wisdom of one precision, FFTW's measured plans, to a file, or takes it from one. Paths are UTF-8.
longconv_status longconv_wisdom_save(int32_t precision, const char *path);
longconv_status longconv_wisdom_load(int32_t precision, const char *path);
longconv_status longconv_wisdom_forget(int32_t precision);
// The folder in which wisdom is kept from one process to the next; null for none.
longconv_status longconv_set_wisdom_directory(const char *path);
// The longest time, in seconds above 0, that planning one transform may take.
longconv_status longconv_set_planning_time_limit(double seconds);

// The version of this interface that the library has: LONGCONV_INTERFACE_VERSION of its header.
int32_t longconv_interface_version(void);

// The name and version of the Fourier transform library; the instruction set of the vector loops. Valid for ever.
const char *longconv_transform_library(void);
const char *longconv_instruction_set(void);

#ifdef __cplusplus
}
#endif

#endif
