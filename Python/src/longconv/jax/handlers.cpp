// The engine's C interface as handlers of XLA's foreign function interface; compiled by _handlers.py.
#include <array>
#include <cstdint>

#include "longconv.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

constexpr int kOperandCount = 6;  // u, k, reverse kernel, input gate, output gate, skip

// A plan that is forgotten at the end of its scope.
struct Plan {
    longconv_plan *handle = nullptr;
    ~Plan() { longconv_plan_destroy(handle); }
};

ffi::Error failure(longconv_status status) {
    auto code = status == LONGCONV_OUT_OF_MEMORY || status == LONGCONV_PLANNING_FAILED
                    ? ffi::ErrorCode::kResourceExhausted
                    : ffi::ErrorCode::kInvalidArgument;
    return ffi::Error(code, longconv_last_error());
}

// The plan for operands [B, C, extents], of which `present` has a bit each.
longconv_status make_plan(
    int64_t present, int64_t boundary, int64_t lag, const ffi::AnyBuffer &signal, const ffi::AnyBuffer &kernel,
    Plan &plan) {
    longconv_descriptor d = LONGCONV_DESCRIPTOR_INIT;
    auto extents = signal.dimensions(), taps = kernel.dimensions();
    d.precision = signal.element_type() == ffi::DataType::F32 ? LONGCONV_FLOAT32 : LONGCONV_FLOAT64;
    d.dimensions = static_cast<int32_t>(extents.size()) - 2;
    d.boundary = static_cast<int32_t>(boundary);
    d.pairing = taps.size() == extents.size() ? LONGCONV_PER_SAMPLE : LONGCONV_SHARED;
    const int32_t flags[kOperandCount] = {
        0, 0, LONGCONV_IS_BIDIRECTIONAL, LONGCONV_HAS_INPUT_GATE, LONGCONV_HAS_OUTPUT_GATE, LONGCONV_HAS_SKIP};
    for (int i = 0; i < kOperandCount; i++) d.flags |= present >> i & 1 ? flags[i] : 0;
    d.lag = d.flags & LONGCONV_IS_BIDIRECTIONAL ? static_cast<int32_t>(lag) : 0;
    d.batch = extents[0];
    d.channels = extents[1];
    for (int i = 0; i < d.dimensions; i++) {
        d.signal_extents[i] = extents[2 + i];
        d.kernel_extents[i] = taps[taps.size() - d.dimensions + i];
    }
    return longconv_plan_create(&d, &plan.handle);
}

// Sets the pointers of the operands that are present, which come first; returns how many there are.
size_t set_operands(int64_t present, ffi::RemainingArgs &arguments, longconv_operands &o) {
    std::array<const void **, kOperandCount> places = {&o.signal,     &o.kernel,      &o.reverse_kernel,
                                                       &o.input_gate, &o.output_gate, &o.skip};
    size_t next = 0;
    for (int i = 0; i < kOperandCount; i++)
        if (present >> i & 1) *places[i] = arguments.get<ffi::AnyBuffer>(next++)->untyped_data();
    return next;
}

ffi::Error apply(
    int64_t present, int64_t boundary, int64_t lag, ffi::RemainingArgs arguments, ffi::RemainingRets results) {
    Plan plan;
    auto status = make_plan(
        present, boundary, lag, *arguments.get<ffi::AnyBuffer>(0), *arguments.get<ffi::AnyBuffer>(1), plan);
    if (status != LONGCONV_OK) return failure(status);
    longconv_operands o = LONGCONV_OPERANDS_INIT;
    set_operands(present, arguments, o);
    o.output = (*results.get<ffi::AnyBuffer>(0))->untyped_data();
    status = longconv_apply(plan.handle, &o);
    return status == LONGCONV_OK ? ffi::Error::Success() : failure(status);
}

// The results are the gradients of the operands with a bit in `wanted`.
ffi::Error gradients(
    int64_t present, int64_t boundary, int64_t lag, int64_t wanted, ffi::RemainingArgs arguments,
    ffi::RemainingRets results) {
    Plan plan;
    auto status = make_plan(
        present, boundary, lag, *arguments.get<ffi::AnyBuffer>(0), *arguments.get<ffi::AnyBuffer>(1), plan);
    if (status != LONGCONV_OK) return failure(status);
    longconv_operands o = LONGCONV_OPERANDS_INIT;
    size_t upstream = set_operands(present, arguments, o);
    o.upstream = arguments.get<ffi::AnyBuffer>(upstream)->untyped_data();
    std::array<void **, kOperandCount> places = {&o.signal_gradient,         &o.kernel_gradient,
                                                 &o.reverse_kernel_gradient, &o.input_gate_gradient,
                                                 &o.output_gate_gradient,    &o.skip_gradient};
    size_t next = 0;
    for (int i = 0; i < kOperandCount; i++)
        if (wanted >> i & 1) *places[i] = (*results.get<ffi::AnyBuffer>(next++))->untyped_data();
    status = longconv_gradients(plan.handle, &o);
    return status == LONGCONV_OK ? ffi::Error::Success() : failure(status);
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    longconv_jax_apply, apply,
    ffi::Ffi::Bind()
        .Attr<int64_t>("present")
        .Attr<int64_t>("boundary")
        .Attr<int64_t>("lag")
        .RemainingArgs()
        .RemainingRets());

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    longconv_jax_gradients, gradients,
    ffi::Ffi::Bind()
        .Attr<int64_t>("present")
        .Attr<int64_t>("boundary")
        .Attr<int64_t>("lag")
        .Attr<int64_t>("wanted")
        .RemainingArgs()
        .RemainingRets());
