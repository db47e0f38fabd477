import Synchronization
import Tensors
import Testing

@testable import Training

@Suite struct ProgressDisplayTests {
    /// What was written.
    final class Sink: Sendable {
        private let text = Mutex("")
        var written: String { text.withLock { $0 } }
        func write(_ addition: String) { text.withLock { $0 += addition } }
    }

    func record(validation: Bool) -> EpochRecord {
        var metrics = Metrics(of: .classes(count: 2))
        metrics.add(logits: Tensor(shape: [2, 2], scalars: [1, 0, 1, 0]), targets: .labels([0, 1]))
        return EpochRecord(
            epoch: 3, sampleCount: 640, objective: 0.75, training: metrics,
            validation: validation ? metrics : nil,
            seconds: 2)
    }

    /// What a display of the given style writes in an epoch of three steps, the second soon after the first.
    func written(
        _ style: ProgressDisplay.Style, validation: Bool = false, columnCount: Int? = 120
    ) -> String {
        let sink = Sink()
        var display = ProgressDisplay(style, columnCount: { columnCount }) { sink.write($0) }
        display.begin(epochCount: 12, stepCountPerEpoch: 3)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        let logits = Tensor(shape: [64, 2], repeating: 0)
        // Of equal logits the first one counts: half of the labels are met.
        let labels = (0..<64).map { $0 % 2 }
        for (objective, seconds) in [(1.5, 0.5), (1, 0.55), (0.5, 1.5)] {
            state.add(
                objective: Float(objective), logits: logits, targets: .labels(labels), seconds: seconds)
            display.showStep(epoch: 3, state)
        }
        display.show(record(validation: validation))
        display.interrupt()
        return sink.written
    }

    /// Centuries are left, and more samples a second than any machine reads.
    @Test func largestNumbersAreShown() {
        let sink = Sink()
        var display = ProgressDisplay(.bar, columnCount: { 200 }) { sink.write($0) }
        display.begin(epochCount: .max, stepCountPerEpoch: 1 << 40)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        state.add(
            objective: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]), seconds: 1e9)
        display.showStep(epoch: 1, state)
        #expect(sink.written.contains("1/1099511627776") && sink.written.contains(" left"), "\(sink.written)")
    }

    @Test func writesALineForEachEpoch() {
        #expect(
            written(.lines) == "epoch  3/12  objective 0.7500  training accuracy 0.5000  320 samples/s\n")
        #expect(
            written(.lines, validation: true)
                == "epoch  3/12  objective 0.7500  training accuracy 0.5000  validation accuracy 0.5000  "
                + "320 samples/s\n")
    }

    /// The second step is not drawn. After the first, 29 more steps at half a second each are to come.
    @Test func drawsABar() {
        let bars = [
            "epoch  3/12 [######..............] 1/3  objective 1.5000  accuracy 0.500  0:15 left  128 samples/s",
            "epoch  3/12 [####################] 3/3  objective 1.0000  accuracy 0.500  0:14 left  128 samples/s",
        ]
        let line = "epoch  3/12  objective 0.7500  training accuracy 0.5000  320 samples/s"
        // Spaces cover what the bar has more.
        #expect(
            written(.bar)
                == "\r" + bars[0] + "\r" + bars[1] + "\r" + line
                + String(repeating: " ", count: bars[1].count - line.count) + "\n")
        #expect(!written(.bar).contains("\u{1B}"))
    }

    /// At 80 columns the bar is half as long and the speed is left out; a line that is too long takes two.
    @Test func fitsEightyColumns() {
        let bars = [
            "epoch  3/12 [###.......] 1/3  objective 1.5000  accuracy 0.500  0:15 left",
            "epoch  3/12 [##########] 3/3  objective 1.0000  accuracy 0.500  0:14 left",
        ]
        let lines = [
            "epoch  3/12  objective 0.7500  training accuracy 0.5000",
            "             validation accuracy 0.5000  320 samples/s",
        ]
        #expect(
            written(.bar, validation: true, columnCount: 80)
                == "\r" + bars[0] + "\r" + bars[1] + "\r" + lines[0]
                + String(repeating: " ", count: bars[1].count - lines[0].count) + "\n\r" + lines[1] + "\n")
    }

    /// A terminal that does not know its width gets lines.
    @Test func drawsNoBarWithoutAWidth() {
        #expect(written(.bar, columnCount: nil) == written(.lines))
        #expect(written(.bar, columnCount: 0) == written(.lines))
    }

    /// Whatever the numbers and the width: no line is wider, the epoch and its steps are in the bar, and a wider terminal
    /// shows no field less.
    @Test(arguments: [(9, 7, 3), (999, 12_345, 10_000), (1, 1, 1)])
    func fitsEveryWidth(epochCount: Int, stepCount: Int, step: Int) throws {
        var display = ProgressDisplay(.bar) { _ in }
        display.begin(epochCount: epochCount, stepCountPerEpoch: stepCount)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        for _ in 0..<step {
            state.add(
                objective: 123_456, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]),
                seconds: 9e5)
        }
        var fieldCount = 0
        for columnCount in 40...200 {
            let bar = display.bar(epoch: epochCount, state, room: columnCount - 1)
            #expect(bar.count < columnCount, "\(bar)")
            let match = try #require(
                bar.firstMatch(of: #/^epoch (\d+)/(\d+) \[#*\.*\] (\d+)/(\d+)(  |$)/#), "\(bar)")
            #expect(
                Int(match.1) == epochCount && Int(match.2) == epochCount && Int(match.3) == step
                    && Int(match.4) == stepCount)
            let fields = bar.split(separator: "  ").count
            #expect(fields >= fieldCount, "\(bar)")
            fieldCount = fields
        }
        #expect(fieldCount == 5)
        // Below 40 columns there may be no room for the bar; nothing is wider even then.
        for room in 1..<40 { #expect(display.bar(epoch: epochCount, state, room: room).count <= room) }
    }

    /// The first step of each minute; the last step of the epoch has the epoch's line.
    @Test func writesALineForEachMinute() {
        let sink = Sink()
        var display = ProgressDisplay(.lines) { sink.write($0) }
        display.begin(epochCount: 1, stepCountPerEpoch: 120)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        for step in 1...120 {
            state.add(
                objective: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]),
                seconds: Double(31 * step))
            display.showStep(epoch: 1, state)
        }
        let lines = sink.written.split(separator: "\n")
        // Every second step, at 62 s, 124 s, ... but for the last.
        #expect(lines.count == 59)
        #expect(lines[0] == "epoch 1/1  2/120  objective 1.0000  accuracy 1.000  1:00:58 left  0 samples/s")
        #expect(lines[58].hasPrefix("epoch 1/1  118/120  ") && lines[58].hasSuffix("1:02 left  0 samples/s"))
    }

    @Test func keepsQuiet() { #expect(written(.quiet) == "") }

    /// What is written after an epoch that was broken off begins a line.
    @Test func endsAnUnfinishedBar() {
        let sink = Sink()
        var display = ProgressDisplay(.bar) { sink.write($0) }
        display.begin(epochCount: 1, stepCountPerEpoch: 2)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        state.add(
            objective: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]), seconds: 1)
        display.showStep(epoch: 1, state)
        display.interrupt()
        #expect(sink.written.hasSuffix("left\n"))
        display.interrupt()
        #expect(sink.written.filter { $0 == "\n" }.count == 1)
    }
}
