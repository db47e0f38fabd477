import ArgumentParser
import Convolution
import Foundation
import Measurement

/// Times the engine and the bare transforms that it executes.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times the convolution engine against the bare FFTW transforms that it executes.")

    @OptionGroup var options: MeasurementOptions

    @Flag(help: "Measure a few small shapes.")
    var quick = false

    @Flag(help: "Measure streams alone, with kernels of 2^8 to 2^20 taps.")
    var streaming = false

    @Option(help: "Measure this shape, BxCxL or BxCxHxW; may be given several times.")
    var shape: [String] = []

    @Option(help: "How often everything is timed; medians are kept.")
    var rounds = 7

    @Option(help: "The file that receives the results.")
    var output = ".build/bench.json"

    func validate() throws {
        guard 1...1_000_000 ~= rounds else {
            throw ValidationError("--rounds: expected 1 to 1000000 rounds, got \(rounds)")
        }
    }

    func run() throws {
        Threads.count = options.threads
        let standard = streaming ? [] : quick ? Workload.quickShapes : Workload.standardShapes
        let workloads = try Workload.workloads(shapes: shape.isEmpty ? standard : shape)
        let before = Calibration(threads: options.threads)
        print(before)
        if !workloads.isEmpty { print(Table.header) }
        var results: [Overhead] = []
        for workload in workloads {
            let overhead = try Overhead(workload, rounds: rounds, rigour: options.rigour)
            print(Table.row(overhead))
            fflush(nil)
            results.append(overhead)
        }
        let streams = try measureStreams()
        let after = Calibration(threads: options.threads)
        print(after)
        let report = Report(
            threads: options.threads, rigour: options.rigour, rounds: rounds,
            isIdle: before.isIdle && after.isIdle, conditions: [before, after], results: results,
            streaming: streams)
        try report.write(to: URL(filePath: output))
        print("The results are in \(output).")
    }

    /// The times of streams; none where shapes are asked for.
    private func measureStreams() throws -> [StreamingTime] {
        let streams =
            streaming
            ? StreamingTime.growth
            : quick ? StreamingTime.quick : shape.isEmpty ? StreamingTime.standard : []
        if !streams.isEmpty { print(StreamingTable.header) }
        return try streams.map { form, kernelLength in
            let time = try StreamingTime(form, kernelLength: kernelLength, rounds: rounds)
            print(StreamingTable.row(time))
            fflush(nil)
            return time
        }
    }
}

/// What is written to the file.
private struct Report: Encodable {
    let threads: Int
    let rigour: Rigour
    let rounds: Int
    /// Whether the machine was idle before and after.
    let isIdle: Bool
    let conditions: [Calibration]
    let results: [Overhead]
    let streaming: [StreamingTime]

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try encoder.encode(self).write(to: file, options: .atomic)
    }
}
