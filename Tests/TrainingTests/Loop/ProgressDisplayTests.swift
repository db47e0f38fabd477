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
    func written(_ style: ProgressDisplay.Style, validation: Bool = false) -> String {
        let sink = Sink()
        var display = ProgressDisplay(style) { sink.write($0) }
        display.begin(epochCount: 12, stepCountPerEpoch: 3)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        let logits = Tensor(shape: [64, 2], repeating: 0)
        // Of equal logits the first one counts: half of the labels are met.
        let labels = (0..<64).map { $0 % 2 }
        for (loss, seconds) in [(1.5, 0.5), (1, 0.55), (0.5, 1.5)] {
            state.add(loss: Float(loss), logits: logits, targets: .labels(labels), seconds: seconds)
            display.showStep(epoch: 3, state)
        }
        display.show(record(validation: validation))
        display.interrupt()
        return sink.written
    }

    /// Centuries are left, and more samples a second than any machine reads.
    @Test func largestNumbersAreShown() {
        let sink = Sink()
        var display = ProgressDisplay(.bar) { sink.write($0) }
        display.begin(epochCount: .max, stepCountPerEpoch: 1 << 40)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        state.add(
            loss: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]), seconds: 1e9)
        display.showStep(epoch: 1, state)
        #expect(sink.written.contains("1/1099511627776") && sink.written.contains(" left"), "\(sink.written)")
    }

    @Test func writesALineForEachEpoch() {
        #expect(written(.lines) == "epoch  3/12  loss 0.7500  training accuracy 0.5000  320 samples/s\n")
        #expect(
            written(.lines, validation: true)
                == "epoch  3/12  loss 0.7500  training accuracy 0.5000  validation accuracy 0.5000  320 samples/s\n"
        )
    }

    /// The second step is not drawn. After the first, 29 more steps at half a second each are to come.
    @Test func drawsABar() {
        let clear = "\r\u{1B}[K"
        #expect(
            written(.bar)
                == clear
                + "epoch  3/12 [######..............] 1/3  loss 1.5000  accuracy 0.500  128 samples/s  0:15 left"
                + clear
                + "epoch  3/12 [####################] 3/3  loss 1.0000  accuracy 0.500  128 samples/s  0:14 left"
                + clear + "epoch  3/12  loss 0.7500  training accuracy 0.5000  320 samples/s\n")
    }

    /// The first step of each minute; the last step of the epoch has the epoch's line.
    @Test func writesALineForEachMinute() {
        let sink = Sink()
        var display = ProgressDisplay(.lines) { sink.write($0) }
        display.begin(epochCount: 1, stepCountPerEpoch: 120)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        for step in 1...120 {
            state.add(
                loss: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]),
                seconds: Double(31 * step))
            display.showStep(epoch: 1, state)
        }
        let lines = sink.written.split(separator: "\n")
        // Every second step, at 62 s, 124 s, ... but for the last.
        #expect(lines.count == 59)
        #expect(lines[0] == "epoch 1/1  2/120  loss 1.0000  accuracy 1.000  0 samples/s  1:00:58 left")
        #expect(lines[58].hasPrefix("epoch 1/1  118/120  ") && lines[58].hasSuffix("1:02 left"))
    }

    @Test func keepsQuiet() { #expect(written(.quiet) == "") }

    /// What is written after an epoch that was broken off begins a line.
    @Test func endsAnUnfinishedBar() {
        let sink = Sink()
        var display = ProgressDisplay(.bar) { sink.write($0) }
        display.begin(epochCount: 1, stepCountPerEpoch: 2)
        var state = EpochState(shuffling: RandomNumbers(seed: 1), task: .classes(count: 2))
        state.add(loss: 1, logits: Tensor(shape: [1, 2], repeating: 0), targets: .labels([0]), seconds: 1)
        display.showStep(epoch: 1, state)
        display.interrupt()
        #expect(sink.written.hasSuffix("left\n"))
        display.interrupt()
        #expect(sink.written.filter { $0 == "\n" }.count == 1)
    }
}
