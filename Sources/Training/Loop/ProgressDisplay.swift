import Foundation

/// The progress of a training: a progress bar on a terminal, a line for each epoch elsewhere.
public struct ProgressDisplay: Sendable {
    /// The style of the display.
    public enum Style: Sendable {
        /// A bar for the current epoch and a line for each finished one.
        case bar
        /// A line for each finished epoch, and for each minute of the current one.
        case lines
        /// Nothing.
        case quiet
    }

    private let style: Style
    private let write: @Sendable (String) -> Void
    private var epochCount = 0
    private var stepCountPerEpoch = 0
    private var step = 0
    private var lastDrawn = -Double.infinity

    /// A display that writes its text with `write`.
    public init(_ style: Style, write: @escaping @Sendable (String) -> Void) {
        self.style = style
        self.write = write
    }

    /// A display on standard error: a bar if that is a terminal, else lines; nothing if `isQuiet`.
    public static func onStandardError(isQuiet: Bool = false) -> ProgressDisplay {
        ProgressDisplay(isQuiet ? .quiet : isatty(STDERR_FILENO) == 1 ? .bar : .lines) {
            FileHandle.standardError.write(Data($0.utf8))
        }
    }

    /// Sets the numbers of epochs and steps.
    mutating func begin(epochCount: Int, stepCountPerEpoch: Int) {
        self.epochCount = epochCount
        self.stepCountPerEpoch = stepCountPerEpoch
        step = 0
    }

    /// Draws the bar after a step, at most every tenth of a second, or writes the minute's line.
    mutating func showStep(epoch: Int, _ state: EpochState) {
        step = state.stepCount
        switch style {
        case .bar where state.seconds - lastDrawn >= 0.1 || step == stepCountPerEpoch:
            lastDrawn = state.seconds
            let width = 20
            let filled = width * step / stepCountPerEpoch
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            draw("\(epochName(epoch)) [\(bar)] \(described(state, epoch: epoch))")
        case .lines where state.seconds - max(lastDrawn, 0) >= 60 && step < stepCountPerEpoch:
            lastDrawn = state.seconds
            write("\(epochName(epoch))  \(described(state, epoch: epoch))\n")
        case .bar, .lines, .quiet: break
        }
    }

    /// The epoch's steps, loss, accuracy and speed, and the remaining time of the training.
    private func described(_ state: EpochState, epoch: Int) -> String {
        let stepsLeft = Double(stepCountPerEpoch) * Double(epochCount - epoch + 1) - Double(step)
        let timeLeft = wholeNumber((state.seconds / Double(step) * stepsLeft).rounded(.up))
        return "\(step)/\(stepCountPerEpoch)  loss \(fixed(state.meanLoss, 4))  "
            + "\(state.metrics.described(digits: 3))  "
            + "\(wholeNumber(Double(state.metrics.sampleCount) / max(state.seconds, 1e-9))) samples/s  "
            + "\(clockTime(timeLeft)) left"
    }

    /// Replaces an epoch's bar by its line.
    mutating func show(_ record: EpochRecord) {
        step = 0
        lastDrawn = -Double.infinity
        var line =
            "\(epochName(record.epoch))  loss \(fixed(record.objective, 4))  "
            + "training \(record.training.described(digits: 4))"
        if let validation = record.validation {
            line += "  validation \(validation.described(digits: 4))"
        }
        line += "  \(wholeNumber(Double(record.sampleCount) / max(record.seconds, 1e-9))) samples/s"
        switch style {
        case .bar:
            draw(line)
            write("\n")
        case .lines: write(line + "\n")
        case .quiet: break
        }
    }

    /// Ends an unfinished bar, so that further output begins on a new line.
    mutating func interrupt() {
        if style == .bar, step > 0 { write("\n") }
        step = 0
    }

    /// Draws `line` over the line that the cursor is in.
    private func draw(_ line: String) {
        // Carriage return, then "erase to the end of the line" (ECMA-48).
        write("\r\u{1B}[K" + line)
    }

    private func epochName(_ epoch: Int) -> String {
        let total = String(epochCount)
        let number = String(epoch)
        return "epoch \(String(repeating: " ", count: max(0, total.count - number.count)))\(number)/\(total)"
    }
}

/// The integer part of a number; at most 10^15, which stands for all that are larger.
private func wholeNumber(_ number: Double) -> Int { Int(min(max(number, 0), 1e15)) }

/// The time as hours (unless 0), minutes and seconds.
private func clockTime(_ seconds: Int) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
        ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
        : String(format: "%d:%02d", minutes, seconds % 60)
}

extension Metrics {
    /// The accuracy, or the squared error of numbers, with its name.
    fileprivate func described(digits: Int) -> String {
        accuracy.map { "accuracy \(fixed($0, digits))" } ?? "squared error \(fixed(loss, digits + 2))"
    }
}

/// `value` with `digits` decimals.
func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
