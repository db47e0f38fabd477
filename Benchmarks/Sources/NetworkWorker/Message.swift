import Terminator

/// What the driver asks: one JSON object on a line.
enum Request: Decodable {
    /// Whether the machine is idle.
    case calibrate
    /// Answer the memory alone.
    case memory
    /// Make a network, a batch and an optimizer.
    case begin(NetworkPreset, batch: Int, weightNormCoefficient: Float)
    /// Write the parameters, the batch and the gradient without dropout to a directory, and answer the loss.
    case check(directory: String)
    /// Take this number of training steps; return the median time of one.
    case step(count: Int)

    private enum Key: CodingKey { case command, preset, batch, weightNormCoefficient, directory, count }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(String.self, forKey: .command) {
        case "calibrate": self = .calibrate
        case "memory": self = .memory
        case "begin":
            let name = try fields.decode(String.self, forKey: .preset)
            guard let preset = NetworkPreset(rawValue: name) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .preset, in: fields, debugDescription: "expected a preset's name, got '\(name)'")
            }
            self = .begin(
                preset, batch: try fields.decode(Int.self, forKey: .batch),
                weightNormCoefficient: try fields.decode(Float.self, forKey: .weightNormCoefficient))
        case "check": self = .check(directory: try fields.decode(String.self, forKey: .directory))
        case "step": self = .step(count: try fields.decode(Int.self, forKey: .count))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: fields,
                debugDescription: "expected calibrate, memory, begin, check or step, got '\(other)'")
        }
    }
}

/// What is answered: one JSON object on a line, with the fields that the request calls for.
struct Answer: Encodable {
    var slowdown: Double?
    var condition: String?
    var configuration: NetworkConfiguration?
    var parameterCount: Int?
    var loss: Float?
    /// The median time of a step.
    var milliseconds: Double?
    /// The mean time that the process's threads were on a processor in a step.
    var processorMilliseconds: Double?
    var peakBytes: Int?
    var error: String?
}
