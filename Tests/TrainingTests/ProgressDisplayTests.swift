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
        var metrics = Metrics(classCount: 2)
        metrics.add(logits: Tensor(shape: [2, 2], scalars: [1, 0, 1, 0]), labels: [0, 1])
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
        display.showStep(epoch: 3, loss: 1.5, sampleCount: 64, seconds: 0.5)
        display.showStep(epoch: 3, loss: 1.25, sampleCount: 128, seconds: 0.55)
        display.showStep(epoch: 3, loss: 1, sampleCount: 192, seconds: 1.5)
        display.show(record(validation: validation))
        display.interrupt()
        return sink.written
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
                == clear + "epoch  3/12 [######..............] 1/3  loss 1.5000  128 samples/s  0:15 left"
                + clear + "epoch  3/12 [####################] 3/3  loss 1.0000  128 samples/s  0:14 left"
                + clear + "epoch  3/12  loss 0.7500  training accuracy 0.5000  320 samples/s\n")
    }

    @Test func keepsQuiet() { #expect(written(.quiet) == "") }

    /// What is written after an epoch that was broken off begins a line.
    @Test func endsAnUnfinishedBar() {
        let sink = Sink()
        var display = ProgressDisplay(.bar) { sink.write($0) }
        display.begin(epochCount: 1, stepCountPerEpoch: 2)
        display.showStep(epoch: 1, loss: 1, sampleCount: 1, seconds: 1)
        display.interrupt()
        #expect(sink.written.hasSuffix("left\n"))
        display.interrupt()
        #expect(sink.written.filter { $0 == "\n" }.count == 1)
    }
}
