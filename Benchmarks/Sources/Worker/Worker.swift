import ArgumentParser
import Convolution
import Foundation
import Measurement

/// Says that it is ready with an empty answer, then answers the driver's requests, one a line, until there are no more.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times convolutions on request: JSON on standard input, JSON on standard output.")

    @OptionGroup var options: MeasurementOptions

    func run() throws {
        Threads.count = options.threads
        try send(Answer())
        var candidate: Candidate?
        while let line = readLine() {
            var answer = Answer()
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                answer = try self.answer(request, &candidate)
            } catch {
                answer.error = "\(error)"
            }
            try send(answer)
        }
    }

    /// Unlike `print`, this keeps no lines back when the output is a pipe.
    private func send(_ answer: Answer) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(answer) + Data("\n".utf8))
    }

    private func answer(_ request: Request, _ candidate: inout Candidate?) throws -> Answer {
        switch request {
        case .workloads(let table, let shapes, let isQuick):
            return Answer(workloads: try table.workloads(shapes: shapes, isQuick: isQuick))
        case .calibrate:
            let calibration = Calibration(threads: options.threads)
            return Answer(slowdown: calibration.slowdown, condition: calibration.description)
        case .prepare(let workload, let inputs, let results):
            candidate = nil
            let prepared = try Candidate(
                workload, inputs: URL(filePath: inputs), rigour: options.rigour)
            try prepared.writeResults(to: URL(filePath: results))
            candidate = prepared
            return Answer(forms: Candidate.Form.allCases.map(\.rawValue))
        case .measure(let name):
            guard let candidate else { throw ValidationError("nothing is prepared") }
            guard let form = Candidate.Form(rawValue: name) else {
                throw ValidationError("expected one of \(Candidate.Form.allCases), got '\(name)'")
            }
            return Answer(milliseconds: try candidate.time(form))
        }
    }
}
