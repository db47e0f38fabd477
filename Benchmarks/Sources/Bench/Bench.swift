import ArgumentParser
import Convolution
import Foundation
import Measurement

/// Times the engine and the bare transforms that it executes, what gates cost, rows in blocks, and neighboring shapes.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times the convolution engine against the bare transforms that it executes.")

    /// What is measured.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        /// The engine and its bare transforms.
        case results
        /// The cost of a skip and of gates.
        case gates
        /// Kernels much shorter than their rows.
        case blocks
        /// Streams, sample by sample and in blocks.
        case streaming
    }

    @OptionGroup var options: MeasurementOptions

    @Flag(help: "Measure a few small shapes.")
    var quick = false

    @Flag(help: "Measure many neighboring shapes on one thread instead, and mark those that take longer.")
    var scan = false

    @Flag(help: "Measure streams alone, with kernels of 2^8 to 2^20 taps.")
    var streaming = false

    @Option(help: "Measure this stream alone, FORM:TAPS such as block:262144; may be given several times.")
    var stream: [StreamingTime.Choice] = []

    @Flag(
        help:
            "Measure both kinds of transforms on one thread, and mark shapes for which plans take the slower one."
    )
    var choices = false

    @Option(help: "Measure this part alone; may be given several times.")
    var only: [Part] = []

    @Option(help: "Measure this shape, BxCxL or BxCxHxW; may be given several times.")
    var shape: [String] = []

    @Option(help: "How often everything is timed; medians are kept.")
    var rounds = 7

    @Option(
        help:
            "The file that receives the results; default: .build/bench.json, with --scan and --choices files of these names."
    )
    var output: String?

    func validate() throws {
        guard 1...1_000_000 ~= rounds else {
            throw ValidationError("--rounds: expected 1 to 1000000 rounds, got \(rounds)")
        }
        guard !scan || (only.isEmpty && shape.isEmpty) else {
            throw ValidationError("--scan has shapes of its own: expected neither --only nor --shape")
        }
        guard !streaming || (only.isEmpty && shape.isEmpty && !scan) else {
            throw ValidationError("--streaming measures streams alone: expected no --only, --shape or --scan")
        }
        guard stream.isEmpty || (only.isEmpty && shape.isEmpty && !scan && !streaming) else {
            throw ValidationError(
                "--stream measures this alone: expected no --only, --shape, --scan or --streaming")
        }
        guard !choices || (only.isEmpty && shape.isEmpty && !scan && !streaming) else {
            throw ValidationError(
                "--choices has shapes of its own: expected no --only, --shape, --scan or --streaming")
        }
    }

    func run() throws {
        Threads.count = scan || choices ? 1 : options.threads
        let before = Calibration(threads: Threads.count)
        print(before)
        var report = Report(
            threads: Threads.count, rigour: options.rigour, rounds: rounds, conditions: [before])
        if scan {
            report.scan = try Scan.run(rounds: rounds, rigour: options.rigour, isQuick: quick)
        } else if !stream.isEmpty {
            report.streaming = try measureStreams(stream.map { ($0.form, $0.kernelLength) })
        } else if choices {
            report.choices = try measureChoices()
        } else if streaming {
            report.streaming = try measureStreams(StreamingTime.growth)
        } else {
            if measures(.results) { report.results = try measureResults() }
            if measures(.gates) { report.gates = try measureGates() }
            if measures(.blocks) { report.blocks = try Threads.withCount(1) { try measureBlocks() } }
            if measures(.streaming) {
                report.streaming = try measureStreams(quick ? StreamingTime.quick : StreamingTime.standard)
            }
        }
        let after = Calibration(threads: Threads.count)
        print(after)
        report.conditions.append(after)
        report.isIdle = before.isIdle && after.isIdle
        let file = output ?? ".build/\(scan ? "scan" : choices ? "choices" : "bench").json"
        try report.write(to: URL(filePath: file))
        print("The results are in \(file).")
    }

    /// Blocks and streams have shapes of their own, so they are not measured with `--shape` unless asked for.
    private func measures(_ part: Part) -> Bool {
        guard only.isEmpty else { return only.contains(part) }
        return shape.isEmpty || part == .results || part == .gates
    }

    private func measureResults() throws -> [Overhead] {
        let workloads = try WorkloadTable.long.workloads(shapes: shape, isQuick: quick)
        return try rows("The engine and its bare transforms", Overhead.table, workloads, \.cells) {
            try Overhead($0, rounds: rounds, rigour: options.rigour)
        }
    }

    private func measureGates() throws -> [GateCost] {
        let workloads = try WorkloadTable.gated.workloads(shapes: shape, isQuick: quick)
        return try rows("A skip and gates, forward and backward", GateCost.table, workloads, \.cells) {
            try GateCost($0, rounds: rounds, rigour: options.rigour)
        }
    }

    private func measureBlocks() throws -> [BlockCost] {
        let lengths = quick ? [BlockCost.lengths[0]] : BlockCost.lengths
        let shapes = lengths.flatMap { length in BlockCost.kernelLengths.map { (length, $0) } }
        return try rows("Short kernels on one thread, nanoseconds a sample", BlockCost.table, shapes, \.cells)
        {
            try BlockCost(length: $0.0, kernelLength: $0.1, rounds: rounds, rigour: options.rigour)
        }
    }

    private func measureChoices() throws -> [ChoiceCost] {
        let extents = quick ? ChoiceCost.quickExtents : ChoiceCost.extents
        let cases = extents.map { ($0, false) } + extents.map { ($0, true) }
        let results = try rows(
            "Both kinds of transforms on one thread, nanoseconds a point", ChoiceCost.table, cases, \.cells
        ) {
            $0.1
                ? try ChoiceCost($0.0, Double.self, rounds: rounds, rigour: options.rigour)
                : try ChoiceCost($0.0, Float.self, rounds: rounds, rigour: options.rigour)
        }
        print(ChoiceCost.summary(results))
        return results
    }

    private func measureStreams(_ streams: [(StreamingTime.Form, Int)]) throws -> [StreamingTime] {
        try rows("Streams of one channel on one thread", StreamingTime.table, streams, \.cells) {
            try StreamingTime($0.0, kernelLength: $0.1, rounds: rounds)
        }
    }

    /// Measures each of `cases` and prints it.
    private func rows<Case, Row>(
        _ title: String, _ table: Table, _ cases: [Case], _ cells: (Row) -> [String],
        _ measure: (Case) throws -> Row
    ) rethrows -> [Row] {
        print(title)
        table.printHeader()
        return try cases.map {
            let row = try measure($0)
            table.printRow(cells(row))
            return row
        }
    }
}
