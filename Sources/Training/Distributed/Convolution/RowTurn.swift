import Convolution
import Runtime

/// The exchange that turns rows `[R, C, N]` of which each process has some elements into whole rows of some channels, and
/// back.
///
/// In memory whole rows lie channel by channel, `[own channels, R, N]`, so that the rows of one channel are a batch.
struct RowTurn<Scalar: ConvolutionScalar>: Sendable {
    private let rowCount: Int
    private let channelCount: Int
    private let length: Int
    private let processes: any Communicator

    /// - Parameter rows: The number R of rows of each channel.
    init(rows: Int, channels: Int, length: Int, _ processes: any Communicator) {
        rowCount = rows
        channelCount = channels
        self.length = length
        self.processes = processes
    }

    /// The part ⌊r n / P⌋ ..< ⌊(r + 1) n / P⌋ of n things that process r has.
    private func part(_ count: Int, of process: Int) -> Range<Int> {
        // ⌊r n / P⌋ without the product of r and n, which may overflow.
        let (quotient, rest) = count.quotientAndRemainder(dividingBy: processes.size)
        func start(_ process: Int) -> Int { process * quotient + process * rest / processes.size }
        return start(process)..<start(process + 1)
    }

    private func elements(of process: Int) -> Range<Int> { part(length, of: process) }
    private func channels(of process: Int) -> Range<Int> { part(channelCount, of: process) }

    /// The elements of every row that this process has.
    var ownElements: Range<Int> { elements(of: processes.rank) }
    /// The channels whose whole rows this process gets.
    var ownChannels: Range<Int> { channels(of: processes.rank) }

    /// The bytes that this process sends to others when rows become whole, and when they are turned back.
    var sentByteCount: Int {
        (channelCount - ownChannels.count) * rowCount * ownElements.count * MemoryLayout<Scalar>.stride
    }
    var returnedByteCount: Int {
        ownChannels.count * rowCount * (length - ownElements.count) * MemoryLayout<Scalar>.stride
    }

    // MARK: - Whole rows

    /// Memory for this process's whole rows.
    func emptyRows() -> PooledArray<Scalar> { PooledArray(count: ownChannels.count * rowCount * length) }

    /// The whole rows of a channel, counted from this process's first one.
    func rows(_ channel: Int, of whole: PooledArray<Scalar>) -> UnsafeBufferPointer<Scalar> {
        UnsafeBufferPointer(mutableRows(channel, of: whole))
    }

    func mutableRows(_ channel: Int, of whole: PooledArray<Scalar>) -> UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(
            start: whole.pointer + channel * rowCount * length, count: rowCount * length)
    }

    // MARK: - Exchanges

    /// The whole rows of this process's channels.
    ///
    /// - Parameter values: `[R, C, own elements]`
    func wholeRows(of values: UnsafeBufferPointer<Scalar>) -> PooledArray<Scalar> {
        check(values.count)
        let whole = emptyRows()
        let (packed, sent) = parcels { (channels(of: $0), ownElements) }
        let (received, places) = parcels { (ownChannels, elements(of: $0)) }
        for process in 0..<processes.size {
            forEachRow(channels(of: process), ownElements.count, of: sent[process]) { channel, row, parcel in
                let place = (row * channelCount + channel) * ownElements.count
                parcel.update(from: values.baseAddress! + place, count: ownElements.count)
            }
        }
        exchange(sent, places)
        for process in 0..<processes.size {
            let elements = elements(of: process)
            forEachRow(ownChannels, elements.count, of: places[process]) { channel, row, parcel in
                let place =
                    ((channel - ownChannels.lowerBound) * rowCount + row) * length + elements.lowerBound
                (whole.pointer + place).update(from: parcel, count: elements.count)
            }
        }
        withExtendedLifetime((packed, received)) {}
        return whole
    }

    /// Writes this process's elements of all rows, `[R, C, own elements]`, from whole rows.
    func turnBack(_ whole: PooledArray<Scalar>, into values: UnsafeMutableBufferPointer<Scalar>) {
        check(values.count)
        let (packed, sent) = parcels { (ownChannels, elements(of: $0)) }
        let (received, places) = parcels { (channels(of: $0), ownElements) }
        for process in 0..<processes.size {
            let elements = elements(of: process)
            forEachRow(ownChannels, elements.count, of: sent[process]) { channel, row, parcel in
                let place =
                    ((channel - ownChannels.lowerBound) * rowCount + row) * length + elements.lowerBound
                parcel.update(from: whole.pointer + place, count: elements.count)
            }
        }
        exchange(sent, places)
        for process in 0..<processes.size {
            forEachRow(channels(of: process), ownElements.count, of: places[process]) {
                channel, row, parcel in
                let place = (row * channelCount + channel) * ownElements.count
                (values.baseAddress! + place).update(from: parcel, count: ownElements.count)
            }
        }
        withExtendedLifetime((packed, received)) {}
    }

    private func check(_ count: Int) {
        require(
            count == rowCount * channelCount * ownElements.count,
            "expected \(rowCount) x \(channelCount) rows of which this process has \(ownElements.count) elements, got \(count) scalars"
        )
    }

    /// Memory for what goes to, or comes from, each process: some elements of some channels' rows.
    private func parcels(
        _ content: (_ process: Int) -> (channels: Range<Int>, elements: Range<Int>)
    ) -> (memory: PooledArray<Scalar>, parcels: [UnsafeMutableBufferPointer<Scalar>]) {
        let counts = (0..<processes.size).map { process in
            let content = content(process)
            return content.channels.count * rowCount * content.elements.count
        }
        let memory = PooledArray<Scalar>(count: counts.reduce(0, +))
        var start = memory.pointer
        let parcels = counts.map { count in
            defer { start += count }
            return UnsafeMutableBufferPointer(start: start, count: count)
        }
        return (memory, parcels)
    }

    /// Calls `body` for the rows of a parcel, several threads sharing them.
    private func forEachRow(
        _ channels: Range<Int>, _ count: Int, of parcel: UnsafeMutableBufferPointer<Scalar>,
        _ body: (_ channel: Int, _ row: Int, _ parcel: UnsafeMutablePointer<Scalar>) -> Void
    ) {
        guard count > 0 else { return }
        let first = parcel.baseAddress!
        parallelFor(channels.count * rowCount, nanoseconds: Double(parcel.count)) { number, _ in
            let (channel, row) = number.quotientAndRemainder(dividingBy: rowCount)
            body(channels.lowerBound + channel, row, first + number * count)
        }
    }

    private func exchange(
        _ sent: [UnsafeMutableBufferPointer<Scalar>], _ received: [UnsafeMutableBufferPointer<Scalar>]
    ) {
        processes.exchange(
            sent.map { UnsafeRawBufferPointer($0) }, into: received.map { UnsafeMutableRawBufferPointer($0) })
    }
}
