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
    var stream: (any AnyStream)?
    try description.threads.with { () throws(Refusal) in
        stream =
            description.isSinglePrecision
            ? try StreamHandle<Float>(description, kernel) : try StreamHandle<Double>(description, kernel)
    }
    return stream!
}

/// A stream that one thread at a time may push to.
final class StreamHandle<Scalar: ConvolutionScalar>: AnyStream {
    private let description: StreamDescription
    private let state: LockedValue<State>

    private struct State: Sendable {
        var stream: Stream<Scalar>
        /// Where the rows of a push are contiguous; kept, so that pushes of as many samples allocate nothing.
        private var staging = AlignedArray<Scalar>(zeros: 0)

        init(_ stream: Stream<Scalar>) { self.stream = stream }

        /// More scalars are staged in memory of the call's own.
        private static var largestStaging: Int { 1 << 18 }

        /// Calls `body` with memory for a number of scalars, and with this state.
        mutating func withStaging(
            of count: Int, _ body: (inout Stream<Scalar>, UnsafeMutableBufferPointer<Scalar>) -> Void
        ) throws(Refusal) {
            if count > Self.largestStaging {
                let rows = try ContiguousRows<Scalar>(count: 1, rowCount: count)
                return withExtendedLifetime(rows) { body(&stream, rows.output) }
            }
            if count > staging.count { staging = AlignedArray(zeros: count) }
            body(&stream, UnsafeMutableBufferPointer(start: staging.pointer, count: count))
        }
    }

    private init(_ description: StreamDescription, _ stream: Stream<Scalar>) {
        self.description = description
        state = LockedValue(State(stream))
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

    var position: Int { state.withLock { $0.stream.position } }

    func copy() -> any AnyStream { StreamHandle(description, state.withLock { $0.stream.copy() }) }

    func reset() { state.withLock { $0.stream.reset() } }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func push(_ call: StreamCall) throws(Refusal) {
        guard let rows = try rows(call, outputIsOptional: false), let output = rows.output else { return }
        try state.withLock { (state) throws(Refusal) in
            try expectRoom(for: rows.input.count, behind: state.stream.position)
            if rows.input.areContiguous, output.areContiguous {
                return state.stream.push(UnsafeBufferPointer(rows.input.scalars), into: output.scalars)
            }
            try state.withStaging(of: rows.input.total) { stream, staged in
                rows.input.gather(into: staged)
                stream.push(UnsafeBufferPointer(staged), into: staged)
                output.scatter(from: staged)
            }
        }
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func prefill(_ call: StreamCall) throws(Refusal) {
        guard let rows = try rows(call, outputIsOptional: true) else { return }
        let (channels, count) = (description.channels, rows.input.count)
        let input = try ContiguousRows<Scalar>(count: channels, rowCount: count)
        // The engine writes the outputs of a whole beginning apart from its samples.
        let outputs = call.output == nil ? nil : try ContiguousRows<Scalar>(count: channels, rowCount: count)
        try state.withLock { (state) throws(Refusal) in
            try expectRoom(for: count, behind: state.stream.position)
            rows.input.gather(into: input.output)
            try engine { () throws(ConvolutionError) in
                try state.stream.prefill(input.input, into: outputs?.output)
            }
        }
        if let outputs { rows.output?.scatter(from: outputs.output) }
    }

    /// Refuses samples behind which the position would overflow.
    private func expectRoom(for count: Int, behind position: Int) throws(Refusal) {
        let lastPosition = StreamingState<Scalar>.lastPosition
        try expect(
            count <= lastPosition - position, LONGCONV_SIZE_OVERFLOW,
            "expected at most \(lastPosition) samples in all, got \(count) behind \(position)")
    }

    /// The samples of a call, checked; `nil` if there are none.
    private func rows(
        _ call: StreamCall, outputIsOptional: Bool
    ) throws(Refusal) -> (input: ChannelRows<Scalar>, output: ChannelRows<Scalar>?)? {
        try expect(call.count >= 0, "expected n of at least 0, got \(call.count)")
        guard call.count > 0 else { return nil }
        guard let samples = call.input else {
            throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected input, got null")
        }
        let count = Int(call.count)
        let input = try ChannelRows<Scalar>(
            samples, description, count: count, stride: Int(call.inputStride), "input")
        guard let outputs = call.output else {
            try expect(outputIsOptional, "expected output, got null")
            return (input, nil)
        }
        let output = try ChannelRows<Scalar>(
            outputs, description, count: count, stride: Int(call.outputStride), "output")
        try expect(
            output.areApart,
            "expected an output_channel_stride of at least \(count), or at most -\(count), got \(call.outputStride)"
        )
        let overlapsOtherwise = output.isSame(as: input) ? false : try output.overlaps(input)
        try expect(
            !overlapsOtherwise,
            "expected output apart from input, or the same, got memory that overlaps otherwise")
        return (input, output)
    }

    func save() -> [UInt8] { state.withLock { $0.stream.saved }.bytes }

    func load(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let saved = try SavedStream<Scalar>(bytes)
        try state.withLock { (state) throws(Refusal) in
            do throws(StreamingError) {
                try state.stream.restore(saved)
            } catch {
                if case .convolution(let error) = error { throw Refusal(error) }
                throw Refusal(LONGCONV_INVALID_STATE, error.description)
            }
        }
    }
}
