import ArgumentParser
import Convolution
import Foundation
import Measurement
import Training

/// Says that it is ready with an empty answer, then answers the driver's requests, one a line, until there are no more.
@main
struct NetworkWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times training steps on request: JSON on standard input, JSON on standard output.")

    @Option(help: "The number of threads, from 1 to 1024.") var threads = 2

    func validate() throws {
        guard 1...1024 ~= threads else {
            throw ValidationError("--threads: expected 1 to 1024 threads, got \(threads)")
        }
    }

    func run() throws {
        Threads.count = threads
        try send(Answer())
        var training: TimedTraining?
        while let line = readLine() {
            var answer = Answer()
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                answer = try self.answer(request, &training)
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

    private func answer(_ request: Request, _ training: inout TimedTraining?) throws -> Answer {
        switch request {
        case .calibrate:
            let calibration = Calibration(threads: threads)
            return Answer(slowdown: calibration.slowdown, condition: calibration.description)
        case .memory: return Answer(peakBytes: peakMemory())
        case .begin(let preset, let batch, let penalty):
            guard 1...65_536 ~= batch, 0...Float.greatestFiniteMagnitude ~= penalty else {
                throw ValidationError(
                    "expected a batch of 1 to 65536 samples and a coefficient of at least 0, got \(batch) and "
                        + "\(penalty)")
            }
            let begun = TimedTraining(preset: preset, batchSize: batch, weightNormCoefficient: penalty)
            training = begun
            return Answer(configuration: begun.configuration, parameterCount: begun.parameterCount)
        case .check(let directory):
            return Answer(loss: try begun(training).writeGradient(to: directory))
        case .step(let count):
            guard training != nil else { throw ValidationError("no training has begun") }
            guard 1...1_000_000 ~= count else {
                throw ValidationError("expected 1 to 1000000 steps, got \(count)")
            }
            let times = try training!.times(ofSteps: count)
            return Answer(
                milliseconds: times.wall, processorMilliseconds: times.processor, peakBytes: peakMemory())
        }
    }

    private func begun(_ training: TimedTraining?) throws -> TimedTraining {
        guard let training else { throw ValidationError("no training has begun") }
        return training
    }
}
