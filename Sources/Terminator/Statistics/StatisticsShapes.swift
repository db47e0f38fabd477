/// The names and shapes of the statistics that a pass takes over its batch, as each module declares them beside the
/// code that takes them.
struct StatisticsShapes {
    /// The shapes by name.
    private(set) var shapes: [String: [Int]] = [:]
    private var path = StatisticsPath()

    /// Calls `body` with the part's name and the index before every name.
    mutating func within<Part: RawRepresentable<String>>(
        _ part: Part, _ index: Int, _ body: (inout StatisticsShapes) -> Void
    ) {
        let outer = path
        path.append(part, index)
        body(&self)
        path = outer
    }

    /// Declares one statistic.
    mutating func add(named name: String, shape: [Int]) { shapes[path.name(name)] = shape }

    /// Declares a mean and a variance for each channel, as ``BatchStatistics`` takes them.
    mutating func addMoments(named name: String, channels: Int, axes: Int) {
        let shape = [1, channels] + Array(repeating: 1, count: axes)
        add(named: BatchStatistics.meanName(name), shape: shape)
        add(named: BatchStatistics.varianceName(name), shape: shape)
    }
}

/// The names of the modules from the network to where a statistic is taken.
struct StatisticsPath {
    private var prefix = ""

    /// Enters the module with the given index in a list.
    mutating func append<Part: RawRepresentable<String>>(_ part: Part, _ index: Int) {
        prefix += "\(part.rawValue).\(index)."
    }

    /// The whole name of a statistic.
    func name(_ name: String) -> String { prefix + name }
}
