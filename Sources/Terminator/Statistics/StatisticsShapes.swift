/// The names and shapes of the statistics that a pass takes over its batch, as each module declares them beside the
/// code that takes them.
struct StatisticsShapes {
    /// The shapes by name.
    private(set) var shapes: [String: [Int]] = [:]
    private var path = StatisticsPath()

    /// Calls `body` with the part's name, and the index of a part of a list, before every name.
    mutating func within<Part: RawRepresentable<String>>(
        _ part: Part, _ index: Int? = nil, _ body: (inout StatisticsShapes) -> Void
    ) {
        let outer = path
        path.append(part, index)
        body(&self)
        path = outer
    }

    /// Declares one statistic.
    mutating func add(named name: String, shape: [Int]) { shapes[path.name(name)] = shape }

    /// Declares a mean for each channel.
    mutating func addMean(named name: String, channels: Int, axes: Int) {
        add(named: name, shape: Self.channelShape(channels, axes: axes))
    }

    /// Declares a mean and a variance for each channel, as ``ForwardPass`` takes them.
    mutating func addMoments(named name: String, channels: Int, axes: Int) {
        let shape = Self.channelShape(channels, axes: axes)
        add(named: ForwardPass.meanName(name), shape: shape)
        add(named: ForwardPass.varianceName(name), shape: shape)
    }

    private static func channelShape(_ channels: Int, axes: Int) -> [Int] {
        [1, channels] + Array(repeating: 1, count: axes)
    }
}

/// The names of the modules from the network to where a statistic is taken.
struct StatisticsPath {
    private var prefix = ""

    /// Enters a module, with its index in a list.
    mutating func append<Part: RawRepresentable<String>>(_ part: Part, _ index: Int?) {
        prefix += index.map { "\(part.rawValue).\($0)." } ?? "\(part.rawValue)."
    }

    /// The whole name of a statistic.
    func name(_ name: String) -> String { prefix + name }
}
