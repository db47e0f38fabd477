import CLongConvolution
import Convolution
import Foundation
import TestSupport
import Testing

@testable import LongConvolutionC

/// Calls that are refused before anything is written.
@Suite struct WrongCallTests {
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

    @Test(arguments: calls)
    func call(_ wrong: Wrong) throws {
        var generator = SplitMix64.announced(seed: 0xBAD)
        var shape = Case(flags: 15, lag: 1)
        shape.strides[Operand.inputGate.rawValue] = [39, -13, 1]
        let call = try Call<Double>(shape, using: &generator)
        var operands = call.operands(
            shape.inputs + (wrong.isBackward ? [.upstream] + shape.gradients : [.output]))
        wrong.change(&operands)
        let status =
            wrong.isBackward
            ? longconv_gradients(call.plan.handle, &operands) : longconv_apply(call.plan.handle, &operands)
        #expect(status == LONGCONV_INVALID_ARGUMENT)
        #expect(lastError.contains(wrong.message), "\(lastError)")
        // Nothing was written: NaN is still everywhere.
        for (operand, memory) in call.memory where operand.isWritten {
            #expect(memory.values.allSatisfy { $0.isNaN }, "\(operand)")
        }
    }

    /// Operands of the first version, which end before the ungated outputs.
    @Test func operandsOfTheFirstVersion() throws {
        var generator = SplitMix64.announced(seed: 0xBAF)
        let shape = Case(flags: 2)
        let call = try Call<Double>(shape, using: &generator)
        var operands = call.operands(shape.inputs + [.output])
        operands.version = 1
        operands.size = UInt32(MemoryLayout<longconv_operands>.offset(of: \.ungated_output)!)
        // What lies behind them is not read.
        operands.ungated_output = UnsafeMutableRawPointer(bitPattern: 1)
        #expect(longconv_apply(call.plan.handle, &operands) == LONGCONV_OK)
        #expect(call.memory[.output]!.values.allSatisfy { $0.isFinite })
    }

    /// What a plan without parts does not take is refused.
    @Test(arguments: [Operand.reverseKernel, .inputGate, .outputGate, .skip, .kernelGradient, .ungatedOutput])
    func notTaken(_ operand: Operand) throws {
        var generator = SplitMix64.announced(seed: 0xBAE)
        let call = try Call<Float>(Case(isSinglePrecision: true), using: &generator)
        var operands = call.operands([.signal, .kernel, .output])
        operands[operand] = UnsafeMutableRawPointer(call.memory[.upstream]!.pointer)
        #expect(longconv_apply(call.plan.handle, &operands) == LONGCONV_INVALID_ARGUMENT)
        #expect(lastError.contains("expected null for \(operand.name)"), "\(lastError)")
    }

    @Test func handles() throws {
        var generator = SplitMix64.announced(seed: 0xBAF)
        let call = try Call<Double>(Case(), using: &generator)
        var operands = call.operands([.signal, .kernel, .output])
        var kernels = call.operands([.kernel])
        var extents: (Int64, Int64) = (0, 0)
        var spectrum: OpaquePointer?
        try succeed(longconv_spectrum_create(call.plan.handle, &kernels, &spectrum), "spectrum")
        defer { longconv_spectrum_destroy(spectrum) }
        withUnsafeMutableBytes(of: &extents) { bytes in
            let extents = bytes.bindMemory(to: Int64.self).baseAddress!
            #expect(longconv_plan_output_extents(call.plan.handle, extents) == LONGCONV_OK)
            #expect(extents[0] == 13 && extents[1] == 1)
            for wrong in [nil, OpaquePointer(bitPattern: Int.max), spectrum] {
                #expect(longconv_apply(wrong, &operands) == LONGCONV_INVALID_HANDLE)
                #expect(longconv_gradients(wrong, &operands) == LONGCONV_INVALID_HANDLE)
                #expect(longconv_plan_output_extents(wrong, extents) == LONGCONV_INVALID_HANDLE)
                #expect(longconv_plan_destroy(wrong) == LONGCONV_INVALID_HANDLE)
                #expect(longconv_apply_spectrum(wrong, spectrum, &operands) == LONGCONV_INVALID_HANDLE)
                var none: OpaquePointer?
                #expect(longconv_spectrum_create(wrong, &kernels, &none) == LONGCONV_INVALID_HANDLE)
                #expect(none == nil)
            }
            #expect(longconv_plan_output_extents(call.plan.handle, nil) == LONGCONV_INVALID_ARGUMENT)
        }
        for wrong in [nil, OpaquePointer(bitPattern: Int.max), call.plan.handle] {
            #expect(longconv_apply_spectrum(call.plan.handle, wrong, &operands) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_spectrum_destroy(wrong) == LONGCONV_INVALID_HANDLE)
            var byteCount: Int64 = 0
            #expect(longconv_spectrum_byte_count(wrong, &byteCount) == LONGCONV_INVALID_HANDLE)
        }
        #expect(longconv_spectrum_byte_count(spectrum, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_spectrum_create(call.plan.handle, &kernels, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_spectrum_create(call.plan.handle, nil, &spectrum) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_apply(call.plan.handle, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_apply(call.plan.handle, &kernels) == LONGCONV_INVALID_ARGUMENT)
    }

    /// Slices of one array that lie between each other are no overlap.
    @Test func interleavedSlices() throws {
        var shape = Case(channels: 2)
        let row = shape.signal[0]
        for operand in [Operand.signal, .output] { shape.strides[operand.rawValue] = [4 * row, 2 * row, 1] }
        let plan = try Plan(shape)
        var memory = [Double](repeating: 1, count: 2 * 4 * row)
        var kernel = [Double](repeating: 1, count: 2 * 5)
        let statuses = memory.withUnsafeMutableBytes { memory in
            kernel.withUnsafeMutableBytes { kernel in
                [row, row - 1, 0].map { distance in
                    var operands = noOperands()
                    operands[.signal] = memory.baseAddress
                    operands[.kernel] = kernel.baseAddress
                    operands[.output] = memory.baseAddress! + distance * 8
                    return longconv_apply(plan.handle, &operands)
                }
            }
        }
        #expect(statuses == [LONGCONV_OK, LONGCONV_INVALID_ARGUMENT, LONGCONV_INVALID_ARGUMENT])
        #expect(memory[..<row].allSatisfy { $0 == 1 })
        #expect(memory[row..<row + 5].elementsEqual([1, 2, 3, 4, 5]))
    }

    /// What holds for the process.
    @Test func process() throws {
        for count in [Int32.min, -1, 0, 4097, .max] {
            #expect(longconv_set_num_threads(count) == LONGCONV_INVALID_ARGUMENT)
        }
        let count = longconv_get_num_threads()
        #expect(longconv_set_num_threads(count) == LONGCONV_OK && count >= 1)
        let host: longconv_parallel = { function, argument, _, _ in function!(argument) }
        for team in [Int32.min, -1, 0, 4097, .max] {
            #expect(longconv_set_parallel(host, team) == LONGCONV_INVALID_ARGUMENT)
        }
        #expect(lastError.hasSuffix("got \(Int32.max)"))
        #expect(longconv_set_parallel(nil, -1) == LONGCONV_OK)
        #expect(longconv_set_memory_limit(-1) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_set_memory_limit(longconv_get_memory_limit()) == LONGCONV_OK)
        #expect(longconv_get_kept_memory() >= 0)
        for seconds in [0, -1, Double.nan, .infinity] {
            #expect(longconv_set_planning_time_limit(seconds) == LONGCONV_INVALID_ARGUMENT)
        }
        #expect(longconv_set_planning_time_limit(10) == LONGCONV_OK)
        #expect(longconv_interface_version() == LONGCONV_INTERFACE_VERSION)
        #expect(String(cString: longconv_transform_library()).contains("fftw"))
        #expect(!String(cString: longconv_instruction_set()).isEmpty)
    }

    @Test func wisdom() throws {
        #expect(longconv_wisdom_save(32, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_wisdom_load(32, "") == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_wisdom_load(32, [-1, 0]) == LONGCONV_INVALID_ARGUMENT)
        #expect(lastError.contains("UTF-8"))
        #expect(longconv_set_wisdom_directory("") == LONGCONV_INVALID_ARGUMENT)
        for precision: Int32 in [0, 16, -1] {
            #expect(longconv_wisdom_save(precision, "/tmp/wisdom") == LONGCONV_INVALID_ARGUMENT)
            #expect(longconv_wisdom_load(precision, "/tmp/wisdom") == LONGCONV_INVALID_ARGUMENT)
            #expect(longconv_wisdom_forget(precision) == LONGCONV_INVALID_ARGUMENT)
        }
        #expect(longconv_wisdom_load(64, "/dev/null/wisdom") == LONGCONV_FILE_ERROR)
        #expect(longconv_wisdom_save(64, "/dev/null/wisdom") == LONGCONV_FILE_ERROR)
        let folder = try TemporaryFolder()
        let path = folder.file("wisdom")
        #expect(longconv_wisdom_save(64, path) == LONGCONV_OK)
        #expect(longconv_wisdom_load(64, path) == LONGCONV_OK)
        #expect(longconv_wisdom_load(32, path) == LONGCONV_FILE_ERROR)
    }
}
