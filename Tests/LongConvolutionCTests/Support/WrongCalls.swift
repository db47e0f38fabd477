import CLongConvolution
import Testing

extension WrongCallTests {
    /// A change of a call's operands for which it is refused, and what the message says.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        var isBackward = false
        let change: @Sendable (inout longconv_operands) -> Void

        init(
            _ name: String, _ message: String, isBackward: Bool = false,
            _ change: @escaping @Sendable (inout longconv_operands) -> Void
        ) {
            (self.name, self.message, self.isBackward, self.change) = (name, message, isBackward, change)
        }

        var testDescription: String { name }
    }

    /// Of calls with gates, a skip and a kernel in each direction.
    static let calls: [Wrong] = [
        Wrong("size 0", "got 0") { $0.size = 0 },
        Wrong("wrong size", "bytes of a longconv_operands") { $0.size -= 8 },
        Wrong("version 0", "expected version 1 to 2") { $0.version = 0 },
        Wrong("version 7", "got 7") { $0.version = 7 },
        Wrong("negative threads", "got -1") { $0.threads = -1 },
        Wrong("too many threads", "got 4097") { $0.threads = 4097 },
        Wrong("reserved", "reserved 0, got 1") { $0.reserved = 1 },
        Wrong("no signal", "expected signal, got null") { $0.signal = nil },
        Wrong("no kernel", "expected kernel, got null") { $0.kernel = nil },
        Wrong("no reverse kernel", "expected reverse_kernel, got null") { $0.reverse_kernel = nil },
        Wrong("no input gate", "expected input_gate, got null") { $0.input_gate = nil },
        Wrong("no output gate", "expected output_gate, got null") { $0.output_gate = nil },
        Wrong("no skip", "expected skip, got null") { $0.skip = nil },
        Wrong("no output", "expected output, got null") { $0.output = nil },
        Wrong("an upstream forward", "expected null for upstream") { $0.upstream = $0.signal },
        Wrong("a gradient forward", "expected null for skip_gradient") { $0.skip_gradient = $0.output },
        Wrong("misaligned signal", "expected the signal at a multiple of 8") { $0.signal += 1 },
        Wrong("misaligned output", "expected the output at a multiple of 8") { $0.output += 4 },
        Wrong("signal at the end of memory", "within the address space") {
            $0.signal = UnsafeRawPointer(bitPattern: UInt.max - 7)
        },
        Wrong("output at the end of memory", "within the address space") {
            $0.output = UnsafeMutableRawPointer(bitPattern: UInt.max - 63)
        },
        Wrong("backward layout at the start of memory", "within the address space") {
            // Its channels lie below its pointer.
            $0.input_gate = UnsafeRawPointer(bitPattern: 8)
        },
        Wrong("in place", "expected output apart from signal") {
            $0.output = UnsafeMutableRawPointer(mutating: $0.signal)
        },
        Wrong("output over the kernel", "overlaps") {
            $0.output = UnsafeMutableRawPointer(mutating: $0.kernel)
        },
        Wrong("output over the skip", "overlaps") {
            $0.output = UnsafeMutableRawPointer(mutating: $0.skip - 8)
        },
        Wrong("output from the signal's end", "overlaps") {
            $0.output = UnsafeMutableRawPointer(mutating: $0.signal + (2 * 3 * 13 - 1) * 8)
        },
        Wrong("the first version's number with the second's size", "of version 1, got") { $0.version = 1 },
        Wrong("ungated output over the output", "expected output apart from ungated_output") {
            $0.ungated_output = $0.output
        },
        Wrong("ungated output over the gate", "overlaps") {
            $0.ungated_output = UnsafeMutableRawPointer(mutating: $0.output_gate)
        },
        Wrong("a kept ungated output forward", "expected null for kept_ungated_output") {
            $0.kept_ungated_output = $0.signal
        },
        Wrong("an ungated output backward", "expected null for ungated_output", isBackward: true) {
            $0.ungated_output = $0.signal_gradient
        },
        Wrong("gradient over the kept ungated output", "apart from kept_ungated_output", isBackward: true) {
            $0.kept_ungated_output = UnsafeRawPointer($0.signal_gradient)
        },
        Wrong("misaligned kept ungated output", "kept_ungated_output at a multiple of 8", isBackward: true) {
            $0.kept_ungated_output = $0.upstream + 4
        },
        Wrong("no upstream", "expected upstream, got null", isBackward: true) { $0.upstream = nil },
        Wrong("an output backward", "expected null for output", isBackward: true) {
            $0.output = UnsafeMutableRawPointer(mutating: $0.signal)
        },
        Wrong("gradient over the signal", "apart from", isBackward: true) {
            $0.signal_gradient = UnsafeMutableRawPointer(mutating: $0.signal)
        },
        Wrong("gradients over each other", "apart from", isBackward: true) {
            $0.input_gate_gradient = $0.signal_gradient
        },
        Wrong("gradient over the upstream", "apart from upstream", isBackward: true) {
            $0.output_gate_gradient = UnsafeMutableRawPointer(mutating: $0.upstream)
        },
        Wrong("skips' gradient within a kernel's", "apart from", isBackward: true) {
            $0.skip_gradient = $0.kernel_gradient + 16
        },
        Wrong("misaligned gradient", "kernel_gradient at a multiple of 8", isBackward: true) {
            $0.kernel_gradient += 2
        },
    ]
}
