import CLongConvolution
import Convolution
import Runtime

/// A stream behind a handle, of either precision.
protocol AnyStream: AnyObject, Sendable {
    var position: Int { get }
    func copy() -> any AnyStream
    func reset()
    func push(_ call: StreamCall) throws(Refusal)
    func prefill(_ call: StreamCall) throws(Refusal)
    /// The bytes of the state.
    func save() -> [UInt8]
    func load(_ bytes: UnsafeRawBufferPointer) throws(Refusal)
}

/// The arguments of a push.
struct StreamCall {
    let count: Int64
    let input: UnsafeRawPointer?
    let inputStride: Int64
    let output: UnsafeMutableRawPointer?
    let outputStride: Int64
}

/// The stream of a descriptor.
func makeStream(
    _ descriptor: UnsafePointer<longconv_stream_descriptor>?, kernel: UnsafeRawPointer?
) throws(Refusal) -> any AnyStream {
    let description = try StreamDescription(descriptor)
    return description.isSinglePrecision
        ? try StreamHandle<Float>(description, kernel) : try StreamHandle<Double>(description, kernel)
}

/// A stream that one thread at a time may push to.
final class StreamHandle<Scalar: ConvolutionScalar>: AnyStream {
    private let description: StreamDescription
    private let stream: LockedValue<Stream<Scalar>>

    private init(_ description: StreamDescription, _ stream: Stream<Scalar>) {
        self.description = description
        self.stream = LockedValue(stream)
    }

    convenience init(_ description: StreamDescription, _ kernel: UnsafeRawPointer?) throws(Refusal) {
        guard let kernel else { throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected a kernel, got null") }
        let layout = description.kernelLayout
        let placement = try Placement(
            kernel, layout, scalarSize: MemoryLayout<Scalar>.stride, "kernel")
        let rows = try ContiguousRows<Scalar>(count: layout.channels, rowCount: layout.rowCount)
        RowCopy(placement.pointer(Scalar.self), layout, .channels(layout.channels), rows: rows.start).gather()
        let stream = try engine { () throws(ConvolutionError) in
            try Stream<Scalar>(description, kernel: rows.input)
        }
        self.init(description, stream)
    }

    var position: Int { stream.withLock { $0.position } }

    func copy() -> any AnyStream { StreamHandle(description, stream.withLock { $0 }) }

    func reset() { stream.withLock { $0.reset() } }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func push(_ call: StreamCall) throws(Refusal) {
        guard let rows = try rows(call, outputIsOptional: false) else { return }
        try stream.withLock { (stream) throws(Refusal) in
            try expectRoom(for: rows.count, behind: stream.position)
            rows.gather()
            stream.push(rows.contiguous.input, into: rows.contiguous.output)
        }
        rows.scatter()
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func prefill(_ call: StreamCall) throws(Refusal) {
        guard let rows = try rows(call, outputIsOptional: true) else { return }
        // The engine writes the outputs of a whole beginning apart from its samples.
        let outputs =
            call.output == nil
            ? nil : try ContiguousRows<Scalar>(count: description.channels, rowCount: rows.count)
        try stream.withLock { (stream) throws(Refusal) in
            try expectRoom(for: rows.count, behind: stream.position)
            rows.gather()
            try engine { () throws(ConvolutionError) in
                try stream.prefill(rows.contiguous.input, into: outputs?.output)
            }
        }
        if let outputs { rows.scatter(from: outputs) }
    }

    /// Refuses samples behind which the position would overflow.
    private func expectRoom(for count: Int, behind position: Int) throws(Refusal) {
        try expect(
            count <= lastPosition - position, LONGCONV_SIZE_OVERFLOW,
            "expected at most \(lastPosition) samples in all, got \(count) behind \(position)")
    }

    /// The samples of a call, checked; `nil` if there are none.
    private func rows(_ call: StreamCall, outputIsOptional: Bool) throws(Refusal) -> StreamRows<Scalar>? {
        try expect(call.count >= 0, "expected n of at least 0, got \(call.count)")
        guard call.count > 0 else { return nil }
        return try StreamRows(call, description, outputIsOptional: outputIsOptional)
    }

    func save() -> [UInt8] { stream.withLock { $0.saved }.bytes }

    func load(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let saved = try SavedStream<Scalar>(bytes)
        try stream.withLock { (stream) throws(Refusal) in
            do throws(StreamingError) {
                try stream.restore(saved)
            } catch {
                if case .convolution(let error) = error { throw Refusal(error) }
                throw Refusal(LONGCONV_INVALID_STATE, error.description)
            }
        }
    }
}

/// The samples and outputs of a push: where they lie, and contiguous memory of the call's own.
private struct StreamRows<Scalar: ConvolutionScalar> {
    let count: Int
    let contiguous: ContiguousRows<Scalar>
    private let input: RowCopy<Scalar>
    private let output: (start: UnsafeMutablePointer<Scalar>, layout: OperandLayout)?

    init(
        _ call: StreamCall, _ description: StreamDescription, outputIsOptional: Bool
    ) throws(Refusal) {
        count = Int(call.count)
        let size = MemoryLayout<Scalar>.stride
        guard let samples = call.input else {
            throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected input, got null")
        }
        let inputLayout = try description.layout(
            count, channelStride: Int(call.inputStride), "the input")
        let inputPlacement = try Placement(samples, inputLayout, scalarSize: size, "input")
        if let outputs = call.output {
            let layout = try description.layout(count, channelStride: Int(call.outputStride), "the output")
            try expect(
                layout.isNested,
                "expected an output_channel_stride of at least \(count), or at most -\(count), got \(call.outputStride)"
            )
            let placement = try Placement(outputs, layout, scalarSize: size, "output")
            let isInPlace = UnsafeRawPointer(outputs) == samples && layout.strides == inputLayout.strides
            try expect(
                isInPlace || !placement.overlaps(inputPlacement),
                "expected output apart from input, or the same, got memory that overlaps otherwise")
            output = (placement.pointer(Scalar.self), layout)
        } else {
            try expect(outputIsOptional, "expected output, got null")
            output = nil
        }
        contiguous = try ContiguousRows(count: description.channels, rowCount: count)
        input = RowCopy(
            inputPlacement.pointer(Scalar.self), inputLayout, .channels(description.channels),
            rows: contiguous.start)
    }

    func gather() { input.gather() }

    /// Writes the outputs that the contiguous rows have.
    func scatter() { scatter(from: contiguous) }

    func scatter(from rows: ContiguousRows<Scalar>) {
        guard let output else { return }
        RowCopy(output.start, output.layout, .channels(rows.count), rows: rows.start).scatter()
    }
}
