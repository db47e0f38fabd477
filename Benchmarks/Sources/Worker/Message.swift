import Measurement

/// What the driver asks: one JSON object on a line.
enum Request: Decodable {
    /// The workloads of a table and the given shapes; no shapes: the table's own, or its quick ones.
    case workloads(WorkloadTable, shapes: [String], isQuick: Bool)
    /// Whether the machine is idle.
    case calibrate
    /// Read a workload's inputs from one directory, compute it, write its results to another.
    case prepare(Workload, inputs: String, results: String)
    /// Time one form of the workload that was prepared.
    case measure(form: String)

    private enum Key: CodingKey { case command, table, shapes, quick, workload, inputs, results, form }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(String.self, forKey: .command) {
        case "workloads":
            self = .workloads(
                try fields.decode(WorkloadTable.self, forKey: .table),
                shapes: try fields.decode([String].self, forKey: .shapes),
                isQuick: try fields.decode(Bool.self, forKey: .quick))
        case "calibrate": self = .calibrate
        case "prepare":
            let workload = try fields.decode(Workload.self, forKey: .workload)
            // Decoding checks no sizes.
            _ = try Workload(
                shape: workload.shape, kernels: workload.kernels, kernelExtents: workload.kernelExtents)
            self = .prepare(
                workload, inputs: try fields.decode(String.self, forKey: .inputs),
                results: try fields.decode(String.self, forKey: .results))
        case "measure": self = .measure(form: try fields.decode(String.self, forKey: .form))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: fields,
                debugDescription: "expected workloads, calibrate, prepare or measure, got '\(other)'")
        }
    }
}

/// What is answered: one JSON object on a line, with the fields that the request calls for.
struct Answer: Encodable {
    var workloads: [Workload]?
    var slowdown: Double?
    var condition: String?
    var forms: [String]?
    var milliseconds: Double?
    var error: String?
}
