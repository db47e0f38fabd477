import CLongConvolution
import Convolution
import TestSupport
import Testing

@testable import LongConvolutionC

/// Streams through the C interface.
@Suite struct StreamTests {
    private static let (channels, length) = (3, 300)

    /// Any split into pushes, with any strides, in place or not: the causal convolution.
    @Test(arguments: [0, 1, 8, 64], [1, 2, 65, 130])
    func splits(block: Int, kernelLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0x57)
        let stream = try TestStream<Double>(block: block, kernelLength: kernelLength, using: &generator)
        let exact = stream.exact()
        var done = 0
        while done < Self.length {
            let count = min(Int.random(in: 1...90, using: &generator), Self.length - done)
            let isInPlace = Bool.random(using: &generator)
            let outputs = try stream.push(done..<done + count, isInPlace: isInPlace, gap: done % 3)
            for channel in 0..<Self.channels {
                for index in 0..<count {
                    let error = abs(
                        outputs[channel * count + index] - exact[channel * Self.length + done + index])
                    // Sums of at most K products of at most 1, by transforms.
                    #expect(error <= 16 * Double.ulpOfOne * Double(kernelLength + 1))
                }
            }
            done += count
            #expect(stream.position == done)
        }
        #expect(longconv_stream_reset(stream.handle) == LONGCONV_OK)
        #expect(stream.position == 0)
        let again = try stream.push(0..<Self.length)
        for (a, b) in zip(again, exact) {
            #expect(abs(a - b) <= 16 * Double.ulpOfOne * Double(kernelLength + 1))
        }
    }

    /// A beginning at once, of whole blocks or not, longer or shorter than what a stream remembers; then pushes.
    @Test(
        arguments: [0, 1, 16, 64], [(50, 200), (50, 192), (20, 299), (50, 7), (50, 16), (3, 128), (290, 100)])
    func prefill(block: Int, lengths: (kernel: Int, beginning: Int)) throws {
        var generator = SplitMix64.announced(seed: 0x58)
        let (kernelLength, count) = lengths
        let stream = try TestStream<Float>(block: block, kernelLength: kernelLength, using: &generator)
        let exact = stream.exact()
        for isWanted in [true, false] {
            #expect(longconv_stream_reset(stream.handle) == LONGCONV_OK)
            let first = try stream.push(0..<count, isPrefill: true, isWanted: isWanted)
            #expect(stream.position == count)
            let second = try stream.push(count..<300)
            for channel in 0..<Self.channels {
                for index in 0..<300 {
                    guard isWanted || index >= count else { continue }
                    let value =
                        index < count
                        ? first[channel * count + index] : second[channel * (300 - count) + index - count]
                    let error = abs(Double(value) - Double(exact[channel * 300 + index]))
                    #expect(error <= 16 * Double(Float.ulpOfOne) * Double(kernelLength + 1))
                }
            }
        }
    }

    /// A copy, and a stream that was restored, return the same bits, also from within a block.
    @Test(arguments: [0, 32], [0, 96, 101])
    func states(block: Int, position: Int) throws {
        var generator = SplitMix64.announced(seed: 0x59)
        let stream = try TestStream<Float>(block: block, kernelLength: 70, using: &generator)
        if position > 0 { _ = try stream.push(0..<position) }
        let state = try stream.save()
        let copy = try stream.copy()
        let expected = try stream.push(position..<300)
        #expect(copy.position == position)
        #expect(try copy.push(position..<300) == expected)
        let restored = try stream.again()
        #expect(
            state.withUnsafeBytes { longconv_stream_load(restored.handle, $0.baseAddress, Int64($0.count)) }
                == LONGCONV_OK)
        #expect(restored.position == position)
        #expect(try restored.push(position..<300) == expected)
    }

    /// States that are damaged, of other streams or of another precision are refused, and change nothing.
    @Test(arguments: [0, 32])
    func wrongStates(block: Int) throws {
        var generator = SplitMix64.announced(seed: 0x5A)
        let stream = try TestStream<Float>(block: block, kernelLength: 70, using: &generator)
        _ = try stream.push(0..<100)
        let state = try stream.save()
        let untouched = try stream.copy()
        func load(_ bytes: [UInt8], into stream: TestStream<some ConvolutionScalar>) -> longconv_status {
            bytes.withUnsafeBytes { longconv_stream_load(stream.handle, $0.baseAddress, Int64($0.count)) }
        }
        for index in state.indices where index < 120 || index % 97 == 0 || index >= state.count - 9 {
            var damaged = state
            damaged[index] ^= UInt8(1 << (index % 8))
            #expect(load(damaged, into: stream) == LONGCONV_INVALID_STATE, "byte \(index)")
        }
        for count in [0, 1, 8, 95, 104, state.count - 1] {
            #expect(load(Array(state[..<count]), into: stream) == LONGCONV_INVALID_STATE)
        }
        #expect(load(state + [0], into: stream) == LONGCONV_INVALID_STATE)
        // Numbers that are valid by their checksum, and not by their sizes.
        for (number, value) in [
            (6, UInt64.max), (6, UInt64(StreamingState<Float>.lastPosition) + 1), (7, 1 << 40), (9, 1 << 20),
            (9, .max), (10, 7),
            (11, 3),
            (11, .max), (3, 0), (4, 1), (5, 0), (2, 3), (2, block == 0 ? 2 : 1), (8, 0),
        ] {
            #expect(load(repaired(state, number, value), into: stream) == LONGCONV_INVALID_STATE, "\(number)")
        }
        let other = try TestStream<Float>(block: block, kernelLength: 70, using: &generator)
        #expect(load(state, into: other) == LONGCONV_INVALID_STATE)
        let otherForm = try TestStream<Float>(block: 32 - block, kernelLength: 70, using: &generator)
        #expect(load(state, into: otherForm) == LONGCONV_INVALID_STATE)
        let double = try TestStream<Double>(block: block, kernelLength: 70, using: &generator)
        #expect(load(state, into: double) == LONGCONV_INVALID_STATE)
        #expect(try stream.push(100..<300) == untouched.push(100..<300))
    }

    /// A state with another number in its head, and the checksum of that.
    private func repaired(_ state: [UInt8], _ number: Int, _ value: UInt64) -> [UInt8] {
        var body = Array(state.dropLast(8))
        withUnsafeBytes(of: value) { body.replaceSubrange(number * 8..<number * 8 + 8, with: $0) }
        let checksum = body.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        return body + withUnsafeBytes(of: checksum) { Array($0) }
    }

    @Test func wrongDescriptors() throws {
        let wrong: [(String, longconv_status, (inout longconv_stream_descriptor) -> Void)] = [
            ("got 0", LONGCONV_INVALID_ARGUMENT, { $0.size = 0 }),
            ("got 9", LONGCONV_INVALID_ARGUMENT, { $0.version = 9 }),
            ("precision", LONGCONV_INVALID_ARGUMENT, { $0.precision = 8 }),
            ("got -1", LONGCONV_INVALID_ARGUMENT, { $0.threads = -1 }),
            ("got 4097", LONGCONV_INVALID_ARGUMENT, { $0.threads = 4097 }),
            ("channels", LONGCONV_INVALID_ARGUMENT, { $0.channels = 0 }),
            ("channels", LONGCONV_INVALID_ARGUMENT, { $0.channels = .min }),
            ("kernel_length", LONGCONV_INVALID_ARGUMENT, { $0.kernel_length = 0 }),
            ("the kernel", LONGCONV_SIZE_OVERFLOW, { $0.kernel_length = .max }),
            ("the kernel", LONGCONV_SIZE_OVERFLOW, { $0.channels = .max }),
            ("bytes", LONGCONV_OUT_OF_MEMORY, { ($0.channels, $0.kernel_length) = (1 << 20, 1 << 30) }),
            ("the kernel", LONGCONV_SIZE_OVERFLOW, { $0.kernel_channel_stride = .min }),
            ("block", LONGCONV_INVALID_ARGUMENT, { $0.block = -1 }),
            ("block", LONGCONV_INVALID_ARGUMENT, { $0.block = .min }),
            ("power of two", LONGCONV_INVALID_ARGUMENT, { $0.block = 3 }),
            ("overflow", LONGCONV_SIZE_OVERFLOW, { $0.block = 1 << 62 }),
            ("bytes", LONGCONV_OUT_OF_MEMORY, { $0.block = 1 << 44 }),
        ]
        let taps = [Float](repeating: 1, count: 3 * 5)
        for (message, status, change) in wrong {
            var descriptor = TestStream<Float>.descriptor(block: 0, kernelLength: 5)
            change(&descriptor)
            var stream = OpaquePointer(bitPattern: 1)
            // The library must not look at taps before it knows that they fit.
            #expect(longconv_stream_create(&descriptor, taps, &stream) == status, "\(message): \(lastError)")
            #expect(stream == nil && lastError.contains(message), "\(lastError)")
        }
        var descriptor = TestStream<Float>.descriptor(block: 0, kernelLength: 5)
        var stream: OpaquePointer?
        #expect(longconv_stream_create(nil, taps, &stream) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_create(&descriptor, nil, &stream) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_create(&descriptor, taps, nil) == LONGCONV_INVALID_ARGUMENT)
    }

    @Test func wrongPushes() throws {
        var generator = SplitMix64.announced(seed: 0x5B)
        let stream = try TestStream<Float>(block: 0, kernelLength: 5, using: &generator)
        let handle = stream.handle
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 256)
        memory.initialize(repeating: 2, count: 256)
        defer { memory.deallocate() }
        let raw = UnsafeMutableRawPointer(memory)
        for call in [longconv_stream_push, longconv_stream_prefill] {
            #expect(call(handle, -1, memory, 8, memory + 64, 8) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, nil, 8, memory + 64, 8) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, raw + 1, 8, memory + 64, 8) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, memory, 8, raw + 66, 8) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, memory, 8, memory + 64, 7) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, memory, 8, memory + 4, 8) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, memory, 8, memory, 9) == LONGCONV_INVALID_ARGUMENT)
            #expect(call(handle, 8, memory, .max, memory + 64, 8) == LONGCONV_SIZE_OVERFLOW)
            #expect(call(handle, .max, memory, 0, memory + 64, 8) == LONGCONV_SIZE_OVERFLOW)
            // Elsewhere in the address space; that is found out before anything is read.
            let far = UnsafeRawPointer(bitPattern: 1 << 60)
            #expect(call(handle, 1 << 50, far, 0, memory, 1 << 50) == LONGCONV_OUT_OF_MEMORY)
            #expect(
                call(handle, 8, UnsafeRawPointer(bitPattern: UInt.max - 3), 8, memory, 8)
                    == LONGCONV_INVALID_ARGUMENT)
            #expect(call(nil, 8, memory, 8, memory + 64, 8) == LONGCONV_INVALID_HANDLE)
            #expect(call(handle, 0, nil, 0, nil, 0) == LONGCONV_OK)
        }
        #expect(longconv_stream_push(handle, 8, memory, 8, nil, 8) == LONGCONV_INVALID_ARGUMENT)
        #expect((0..<256).allSatisfy { memory[$0] == 2 })
        #expect(stream.position == 0)
        var size: Int64 = 0
        #expect(longconv_stream_save(handle, nil, 0, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_save(handle, nil, 0, &size) == LONGCONV_OK)
        for capacity in [.min, -1, 0, size - 1] {
            #expect(longconv_stream_save(handle, raw, capacity, &size) == LONGCONV_INVALID_ARGUMENT)
        }
        #expect(longconv_stream_load(handle, nil, 8) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_load(handle, raw, -1) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_load(handle, raw, 8) == LONGCONV_INVALID_STATE)
        #expect(longconv_stream_position(handle, nil) == LONGCONV_INVALID_ARGUMENT)
        #expect(longconv_stream_copy(handle, nil) == LONGCONV_INVALID_ARGUMENT)
        var none: OpaquePointer?
        var position: Int64 = 0
        for wrong in [nil, OpaquePointer(bitPattern: Int.max)] {
            #expect(longconv_stream_position(wrong, &position) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_stream_reset(wrong) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_stream_copy(wrong, &none) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_stream_save(wrong, nil, 0, &size) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_stream_load(wrong, raw, 8) == LONGCONV_INVALID_HANDLE)
            #expect(longconv_stream_destroy(wrong) == LONGCONV_INVALID_HANDLE)
        }
    }
}
