import CLongConvolution

/// Values out of bytes, zero behind their end.
struct ByteReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    /// A value of trivial type.
    mutating func next<Value: BitwiseCopyable>(_: Value.Type) -> Value {
        let count = MemoryLayout<Value>.size
        var bytes = [UInt8](rest.prefix(count))
        rest = rest.dropFirst(count)
        bytes += [UInt8](repeating: 0, count: count - bytes.count)
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }
}

/// A call of the C interface whose operands lie in one arena: their extents and strides are computed here anew.
struct CInterfaceCall {
    let plan: OpaquePointer
    private let layouts: [(counts: [Int], strides: [Int])]
    /// From the arena's middle, in units of 4 bytes plus a remainder; `nil` for null.
    private let distances: [Int?]
    private let scalarSize: Int
    private let threads: Int32

    init(_ plan: OpaquePointer, _ descriptor: longconv_descriptor, _ bytes: ByteReader) {
        var bytes = bytes
        self.plan = plan
        scalarSize = descriptor.precision == 32 ? 4 : 8
        var output: (Int64, Int64) = (0, 0)
        let status = withUnsafeMutablePointer(to: &output) {
            $0.withMemoryRebound(to: Int64.self, capacity: 2) { longconv_plan_output_extents(plan, $0) }
        }
        precondition(status == LONGCONV_OK)
        let dimensions = Int(descriptor.dimensions)
        func extents(_ pair: (Int64, Int64)) -> [Int] {
            Array([Int(pair.0), Int(pair.1)].prefix(dimensions))
        }
        let (batch, channels) = (Int(descriptor.batch), Int(descriptor.channels))
        let signal = [batch, channels] + extents(descriptor.signal_extents)
        let kernel =
            [descriptor.pairing == 1 ? batch : 1, channels] + extents(descriptor.kernel_extents)
        let outputs = [batch, channels] + extents(output)
        let skip = [1, channels, 1]
        let counts = [
            signal, kernel, kernel, signal, outputs, skip, outputs, outputs, signal, kernel, kernel, signal,
            outputs, skip,
        ]
        let described = withUnsafeBytes(of: descriptor.layouts) {
            Array($0.bindMemory(to: longconv_layout.self))
        }
        // Ungated outputs are contiguous.
        layouts = zip(counts + [outputs, outputs], described + [longconv_layout(), longconv_layout()])
            .map { counts, layout in
                let given = [layout.sample, layout.channel, layout.axes.0, layout.axes.1].map { Int($0) }
                var contiguous = counts
                var stride = 1
                for axis in counts.indices.reversed() {
                    contiguous[axis] = stride
                    stride *= max(counts[axis], 1)
                }
                return (counts, layout.is_strided == 1 ? Array(given.prefix(counts.count)) : contiguous)
            }
        func distance(null: UInt16) -> Int? {
            let distance = bytes.next(UInt16.self)
            return distance == null ? nil : Int(distance) - 30_000
        }
        let ofDescribed = counts.map { _ in distance(null: .max) }
        threads = Int32(bytes.next(UInt8.self) % 4)
        // Not there where the bytes have ended.
        distances = ofDescribed + (0..<2).map { _ in distance(null: 0) }
    }

    var empty: longconv_operands {
        var operands = longconv_operands()
        operands.size = UInt32(MemoryLayout<longconv_operands>.size)
        operands.version = UInt32(LONGCONV_OPERANDS_VERSION)
        operands.threads = threads
        return operands
    }

    /// The bytes that operands reach below and above the pointer; `nil` if they are too many for an arena.
    private var reach: Int? {
        var reach = 0
        for (counts, strides) in layouts where !counts.contains(0) {
            var elements = 1
            for (count, stride) in zip(counts, strides) where count > 1 {
                let (product, overflows) = (count - 1).multipliedReportingOverflow(by: stride)
                guard !overflows, product.magnitude < 1 << 20 else { return nil }
                elements += abs(product)
            }
            reach = max(reach, elements)
        }
        return reach * scalarSize
    }

    private static let margin = 65_536 * 4 + 64

    /// Memory that holds every operand at every distance; `nil` if that is too much.
    var arena: UnsafeMutableRawBufferPointer? {
        guard let reach else { return nil }
        let arena = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * (reach + Self.margin), alignment: 64)
        arena.initializeMemory(as: UInt8.self, repeating: 0x3A)
        return arena
    }

    /// The operands of a call; with distances that are no multiples of 4 misaligned.
    func operands(in arena: UnsafeMutableRawBufferPointer, forward: Bool) -> longconv_operands {
        let middle = arena.baseAddress! + arena.count / 2 / 64 * 64
        func pointer(at index: Int) -> UnsafeMutableRawPointer? {
            distances[index].map { middle + $0 * 4 + ($0 % 61 == 60 ? 1 : 0) }
        }
        func pointer(_ operand: longconv_operand) -> UnsafeMutableRawPointer? {
            pointer(at: Int(operand.rawValue))
        }
        var operands = empty
        operands.signal = UnsafeRawPointer(pointer(LONGCONV_SIGNAL))
        operands.kernel = UnsafeRawPointer(pointer(LONGCONV_KERNEL))
        operands.reverse_kernel = UnsafeRawPointer(pointer(LONGCONV_REVERSE_KERNEL))
        operands.input_gate = UnsafeRawPointer(pointer(LONGCONV_INPUT_GATE))
        operands.output_gate = UnsafeRawPointer(pointer(LONGCONV_OUTPUT_GATE))
        operands.skip = UnsafeRawPointer(pointer(LONGCONV_SKIP))
        operands.output = pointer(LONGCONV_OUTPUT)
        operands.upstream = UnsafeRawPointer(pointer(LONGCONV_UPSTREAM))
        operands.signal_gradient = pointer(LONGCONV_SIGNAL_GRADIENT)
        operands.kernel_gradient = pointer(LONGCONV_KERNEL_GRADIENT)
        operands.reverse_kernel_gradient = pointer(LONGCONV_REVERSE_KERNEL_GRADIENT)
        operands.input_gate_gradient = pointer(LONGCONV_INPUT_GATE_GRADIENT)
        operands.output_gate_gradient = pointer(LONGCONV_OUTPUT_GATE_GRADIENT)
        operands.skip_gradient = pointer(LONGCONV_SKIP_GRADIENT)
        let described = Int(LONGCONV_OPERAND_COUNT)
        operands.ungated_output = pointer(at: described)
        operands.kept_ungated_output = UnsafeRawPointer(pointer(at: described + 1))
        return operands
    }

    /// The bytes of the first elements of signal, kernel and upstream; none of what has no elements.
    func inputs(_ operands: longconv_operands) -> [UInt8] {
        let pointers = [
            (LONGCONV_SIGNAL, operands.signal), (LONGCONV_KERNEL, operands.kernel),
            (LONGCONV_UPSTREAM, operands.upstream),
        ]
        return pointers.flatMap { operand, pointer -> [UInt8] in
            guard let pointer, !layouts[Int(operand.rawValue)].counts.contains(0) else { return [] }
            return Array(UnsafeRawBufferPointer(start: pointer, count: scalarSize))
        }
    }
}
