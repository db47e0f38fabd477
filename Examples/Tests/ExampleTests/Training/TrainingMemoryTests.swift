import ExampleTestSupport
import Foundation
import Testing

/// The memory that `info` expects of a training, and the memory that the training takes.
@Suite struct TrainingMemoryTests {
    /// Each sample's arrays are rounded up to 4, 5, 6 or 7 times a power of two bytes, which adds up to a quarter; the
    /// trials scale most of it with the batch, so the estimate is off by less than that quarter of all.
    private let tolerance = 0.25

    @Test(arguments: ["sequence", "image"], [8, 64, 200])
    func isThatOfATraining(form: String, batchSize: Int) throws {
        let estimate = try bytes(
            "trainingBytes", in: ["info", "--preset", "digits-\(form)", "--batch-size", "\(batchSize)"])
        let peak = try trainingPeak(form: form, batchSize: batchSize)
        #expect(
            abs(Double(estimate) / Double(peak) - 1) < tolerance,
            "\(estimate >> 20) MiB expected, \(peak >> 20) MiB taken")
    }

    /// A program that a large one starts: its peak is its own.
    @Test(.enabled(if: isLinux)) func isNotThatOfTheProgramThatStartsIt() throws {
        let byteCount = 1 << 29
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 1 << 12)
        memory.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
        let peak = try trainingPeak(form: "sequence", batchSize: 64)
        memory.deallocate()
        #expect(peak < byteCount)
    }

    /// The peak of a training of one epoch and the test after it.
    private func trainingPeak(form: String, batchSize: Int) throws -> Int {
        let folder = try TemporaryFolder()
        return try bytes(
            "peakBytes",
            in: [
                "train", "--preset", "digits-\(form)", "--epochs", "1", "--batch-size", "\(batchSize)",
                "--output", folder.path,
            ])
    }

    /// The number of the given name in the JSON that the digits program prints.
    private func bytes(_ name: String, in arguments: [String]) throws -> Int {
        let outcome = try Program("Digits").run(arguments + ["--json"])
        try #require(outcome.status == 0, "\(outcome)")
        let numbers = try outcome.outputLines.compactMap { line in
            (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?[name] as? Int
        }
        try #require(numbers.count == 1, "\(outcome)")
        return numbers[0]
    }
}

#if os(Linux)
private let isLinux = true
#else
private let isLinux = false
#endif
