import CLongConvolution
import Testing

@testable import LongConvolutionC

/// Descriptors that are refused, each with a status and a message that says what was found.
@Suite struct WrongDescriptorTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        var status = LONGCONV_INVALID_ARGUMENT
        /// A part of the message.
        let message: String
        let change: @Sendable (inout longconv_descriptor) -> Void

        init(
            _ name: String, _ message: String, _ status: longconv_status = LONGCONV_INVALID_ARGUMENT,
            _ change: @escaping @Sendable (inout longconv_descriptor) -> Void
        ) {
            (self.name, self.message, self.status, self.change) = (name, message, status, change)
        }

        var testDescription: String { name }
    }

    static let fields: [Wrong] = [
        Wrong("size 0", "got 0") { $0.size = 0 },
        Wrong("size too small", "got 8") { $0.size = 8 },
        Wrong("size too large", "bytes of a longconv_descriptor") { $0.size += 8 },
        Wrong("version 0", "expected version 1") { $0.version = 0 },
        Wrong("a later version", "got 2") { $0.version = 2 },
        Wrong("no precision", "precision 32, 64, got 0") { $0.precision = 0 },
        Wrong("half precision", "got 16") { $0.precision = 16 },
        Wrong("negative precision", "got -32") { $0.precision = -32 },
        Wrong("no dimensions", "got 0") { $0.dimensions = 0 },
        Wrong("three dimensions", "got 3") { $0.dimensions = 3 },
        Wrong("negative dimensions", "got -1") { $0.dimensions = -1 },
        Wrong("no boundary", "boundary 1, 2, 3, 4, 5, got 0") { $0.boundary = 0 },
        Wrong("unknown boundary", "got 6") { $0.boundary = 6 },
        Wrong("least boundary", "got -2147483648") { $0.boundary = .min },
        Wrong("unknown center", "center 0, 1, got 2") { $0.center = 2 },
        Wrong("unknown orientation", "orientation 0, 1, got -1") { $0.orientation = -1 },
        Wrong("unknown pairing", "pairing 0, 1, got 2") { $0.pairing = 2 },
        Wrong("unknown rigour", "rigour 0, 1, 2, got 3") { $0.rigour = 3 },
        Wrong("unknown flag", "got 16") { $0.flags = 16 },
        Wrong("negative flags", "got -1") { $0.flags = -1 },
        Wrong("lag without a direction", "got 1") { $0.lag = 1 },
        Wrong("negative lag", "got -1") {
            $0.flags = 8
            $0.lag = -1
        },
        Wrong("lag 2", "got 2") {
            $0.flags = 8
            $0.lag = 2
        },
        Wrong("negative head", "got -1") { $0.exact_head = -1 },
        Wrong("head too long", "0 to 256, got 257") { $0.exact_head = 257 },
        Wrong("negative batch", "got -1") { $0.batch = -1 },
        Wrong("least batch", "got -9223372036854775808") { $0.batch = .min },
        Wrong("batch too large", "batch of at most", LONGCONV_SIZE_OVERFLOW) { $0.batch = .max },
        Wrong("negative channels", "got -3") { $0.channels = -3 },
        Wrong("rows overflow", "rows", LONGCONV_SIZE_OVERFLOW) {
            $0.batch = 1 << 40
            $0.channels = 1 << 40
        },
        Wrong("no length", "signal_extents of at least 1, got 0") { $0.signal_extents.0 = 0 },
        Wrong("negative length", "got -5") { $0.signal_extents.0 = -5 },
        Wrong("length overflows", "overflow", LONGCONV_SIZE_OVERFLOW) { $0.signal_extents.0 = .max },
        Wrong("no taps", "kernel_extents of at least 1, got 0") { $0.kernel_extents.0 = 0 },
        Wrong("taps overflow", "overflow", LONGCONV_SIZE_OVERFLOW) { $0.kernel_extents.0 = .max },
        Wrong("taps of a pair overflow", "1152921504606846976", LONGCONV_SIZE_OVERFLOW) {
            $0.flags = 8
            $0.kernel_extents.0 = 1 << 60
        },
        Wrong("no memory has it", "bytes", LONGCONV_OUT_OF_MEMORY) {
            $0.signal_extents.0 = 1 << 50
            $0.kernel_extents.0 = 1 << 50
        },
        Wrong("no height", "got 0") {
            $0.dimensions = 2
            $0.boundary = 4
        },
        Wrong("a causal plane", "one dimension", LONGCONV_UNSUPPORTED) {
            $0.dimensions = 2
            $0.signal_extents.1 = 4
            $0.kernel_extents.1 = 4
        },
        Wrong("kernel longer than a period", "no longer than the signal") {
            $0.boundary = 3
            $0.kernel_extents.0 = 14
        },
        Wrong("kernel longer than its overlap", "no longer than the signal") {
            $0.boundary = 5
            $0.kernel_extents.0 = 14
        },
        Wrong("head of a correlation", "exact_head", LONGCONV_UNSUPPORTED) {
            $0.exact_head = 1
            $0.orientation = 1
        },
        Wrong("head that is not causal", "exact_head", LONGCONV_UNSUPPORTED) {
            $0.exact_head = 1
            $0.boundary = 2
        },
        Wrong("skip of all outputs", "SKIP", LONGCONV_UNSUPPORTED) {
            $0.flags = 4
            $0.boundary = 4
        },
        Wrong("skip of complete overlaps", "SKIP", LONGCONV_UNSUPPORTED) {
            $0.flags = 4
            $0.boundary = 5
        },
        Wrong("both directions in a circle", "BIDIRECTIONAL", LONGCONV_UNSUPPORTED) {
            $0.flags = 8
            $0.boundary = 3
        },
        Wrong("both directions correlated", "BIDIRECTIONAL", LONGCONV_UNSUPPORTED) {
            $0.flags = 8
            $0.orientation = 1
        },
        Wrong("is_strided 2", "is_strided 0 or 1 of the layout of signal, got 2") {
            $0.layouts.0.is_strided = 2
        },
        Wrong("stride overflows", "the signal within", LONGCONV_SIZE_OVERFLOW) {
            $0.layouts.0 = longconv_layout(is_strided: 1, sample: .max, channel: 13, axes: (1, 0))
        },
        Wrong("least stride", "the kernel within", LONGCONV_SIZE_OVERFLOW) {
            $0.layouts.1 = longconv_layout(is_strided: 1, sample: 0, channel: .min, axes: (1, 0))
        },
        Wrong("output repeats", "the output is written") {
            $0.layouts.6 = longconv_layout(is_strided: 1, sample: 0, channel: 13, axes: (1, 0))
        },
        Wrong("output's rows overlap", "steps over") {
            $0.layouts.6 = longconv_layout(is_strided: 1, sample: 39, channel: -12, axes: (1, 0))
        },
        Wrong("gradient repeats", "the skip_gradient is written") {
            $0.flags = 4
            $0.layouts.13 = longconv_layout(is_strided: 1, sample: 0, channel: 0, axes: (0, 0))
        },
    ]

    @Test(arguments: fields)
    func field(_ wrong: Wrong) {
        var descriptor = Case().descriptor
        wrong.change(&descriptor)
        var plan = OpaquePointer(bitPattern: 1)
        #expect(longconv_plan_create(&descriptor, &plan) == wrong.status, "\(lastError)")
        #expect(plan == nil)
        #expect(lastError.contains(wrong.message), "\(lastError)")
    }

    /// Strides along axes of one element count for nothing, whatever they are.
    @Test func stridesOfOneElement() throws {
        var descriptor = Case(batch: 1, channels: 1, signal: [1], kernel: [1]).descriptor
        for stride in [Int64.min, .max, 0] {
            let layout = longconv_layout(
                is_strided: 1, sample: stride, channel: stride, axes: (stride, stride))
            withUnsafeMutableBytes(of: &descriptor.layouts) { bytes in
                let layouts = bytes.bindMemory(to: longconv_layout.self)
                for index in layouts.indices { layouts[index] = layout }
            }
            var plan: OpaquePointer?
            try succeed(longconv_plan_create(&descriptor, &plan), "stride \(stride)")
            var operands = noOperands()
            var (signal, kernel, output) = (3.0, 2.0, 0.0)
            let status = withUnsafeMutablePointer(to: &signal) { signal in
                withUnsafeMutablePointer(to: &kernel) { kernel in
                    withUnsafeMutablePointer(to: &output) { output in
                        operands[.signal] = UnsafeMutableRawPointer(signal)
                        operands[.kernel] = UnsafeMutableRawPointer(kernel)
                        operands[.output] = UnsafeMutableRawPointer(output)
                        return longconv_apply(plan, &operands)
                    }
                }
            }
            try succeed(status, "stride \(stride)")
            #expect(output == 6)
            #expect(longconv_plan_destroy(plan) == LONGCONV_OK)
        }
    }

    @Test func pointers() {
        var descriptor = Case().descriptor
        var plan: OpaquePointer?
        #expect(longconv_plan_create(nil, &plan) == LONGCONV_INVALID_ARGUMENT)
        #expect(lastError == "expected a longconv_descriptor, got null")
        #expect(longconv_plan_create(&descriptor, nil) == LONGCONV_INVALID_ARGUMENT)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
        let misaligned = (memory + 1).assumingMemoryBound(to: longconv_descriptor.self)
        #expect(longconv_plan_create(misaligned, &plan) == LONGCONV_INVALID_ARGUMENT)
        #expect(lastError.contains("multiple of 8"))
        #expect(
            longconv_plan_create(&descriptor, (memory + 4).assumingMemoryBound(to: OpaquePointer?.self))
                == LONGCONV_INVALID_ARGUMENT)
    }
}

/// The message of this thread's last failure.
var lastError: String { String(cString: longconv_last_error()) }
