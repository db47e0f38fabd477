import CLongConvolution
import Convolution
import Foundation
import TestSupport
import Testing

@testable import LongConvolutionC

/// Calls that are refused before anything is written.
@Suite struct WrongCallTests {
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
