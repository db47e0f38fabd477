import Foundation

/// The progress of a training: a progress bar on a terminal, a line for each epoch elsewhere.
///
/// `objective` is the mean of what is minimized, `loss` the mean cross entropy or, for numbers, squared error.
public struct ProgressDisplay: Sendable {
    /// The style of the display.
    public enum Style: Sendable {
        /// A bar for the current epoch and a line for each finished one. No line is wider than the terminal: the bar leaves
        /// out fields from the right, down to the epoch and its steps. Where the width is not known, as ``lines``.
        case bar
        /// A line for each finished epoch, and for each minute of the current one.
        case lines
        /// Nothing.
        case quiet
    }

    private let style: Style
    private let write: @Sendable (String) -> Void
    /// The line of the bar.
    private var line: TerminalLine
    private var epochCount = 0
    private var stepCountPerEpoch = 0
    private var lastDrawn = -Double.infinity

    /// A display that writes its text with `write`.
    ///
    /// - Parameters:
    ///   - style: the style.
    ///   - columnCount: the width of the terminal for ``Style/bar``, asked for at each draw; `nil` if it is not known.
    ///   - write: writes text: a bar after a carriage return, everything else in whole lines.
    public init(
        _ style: Style, columnCount: @escaping @Sendable () -> Int? = { 80 },
        write: @escaping @Sendable (String) -> Void
    ) {
        self.style = style
        self.write = write
        line = TerminalLine(columnCount: columnCount, write: write)
    }

    /// A display on standard error: a bar if that is a terminal that can show one, else lines; nothing if `isQuiet`.
    ///
    /// A bar needs a terminal that knows its width and whose `TERM` is not `dumb`. What cannot be written is lost.
    public static func onStandardError(isQuiet: Bool = false) -> ProgressDisplay {
        let style = isQuiet ? Style.quiet : TerminalLine.onStandardError() == nil ? .lines : .bar
        return ProgressDisplay(
            style, columnCount: { widthOfTerminal(StandardStream.error.rawValue) }
        ) {
            StandardStream.error.write($0)
        }
    }

    /// Sets the numbers of epochs and steps.
    mutating func begin(epochCount: Int, stepCountPerEpoch: Int) {
        self.epochCount = epochCount
        self.stepCountPerEpoch = stepCountPerEpoch
    }

    /// Draws the bar after a step, at most every tenth of a second, or writes the minute's line.
    mutating func showStep(epoch: Int, _ state: EpochState) {
        let step = state.stepCount
        let sinceLast = state.seconds - lastDrawn
        if let room = room {
            guard sinceLast >= 0.1 || step == stepCountPerEpoch else { return }
            line.draw(bar(epoch: epoch, state, room: room))
        } else {
            guard style != .quiet, min(sinceLast, state.seconds) >= 60, step < stepCountPerEpoch else {
                return
            }
            line.end()
            let fields = ["\(epochName(epoch))  \(step)/\(stepCountPerEpoch)"] + fields(epoch: epoch, state)
            write(fields.joined(separator: "  ") + "\n")
        }
        lastDrawn = state.seconds
    }

    /// The number of characters that a line may have; `nil` without a bar.
    private var room: Int? { style == .bar ? line.room : nil }

    /// The widest bar, and the one where there is no room for that and all fields.
    private static let (barWidth, narrowBarWidth) = (20, 10)

    /// The epoch with its bar and steps, and as many further fields as fit into `room` characters.
    func bar(epoch: Int, _ state: EpochState, room: Int) -> String {
        let (name, steps) = (epochName(epoch), "\(state.stepCount)/\(stepCountPerEpoch)")
        let fields = fields(epoch: epoch, state)
        func described(width: Int) -> [String] {
            let filled = width * state.stepCount / stepCountPerEpoch
            let cells = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            return ["\(name) [\(cells)] \(steps)"] + fields
        }
        let whole = described(width: Self.barWidth).joined(separator: "  ")
        if whole.count <= room { return whole }
        // What " [] " leaves.
        let width = min(Self.narrowBarWidth, room - name.count - steps.count - 4)
        if width > 0 { return TerminalLine.joined(described(width: width), room: room) }
        return TerminalLine.joined(["\(name) \(steps)"], room: room)
    }

    /// Objective, accuracy or loss, the remaining time of the training, and the speed; the most wanted first.
    private func fields(epoch: Int, _ state: EpochState) -> [String] {
        let stepsLeft =
            Double(stepCountPerEpoch) * Double(epochCount - epoch + 1) - Double(state.stepCount)
        let timeLeft = wholeNumber((state.seconds / Double(state.stepCount) * stepsLeft).rounded(.up))
        return [
            "objective \(fixed(state.meanObjective, 4))", state.metrics.described(digits: 3),
            "\(clockTime(timeLeft)) left", speed(state.metrics.sampleCount, in: state.seconds),
        ]
    }

    /// Replaces an epoch's bar by its line, which on a terminal continues below its first field where it is too long.
    mutating func show(_ record: EpochRecord) {
        lastDrawn = -Double.infinity
        guard style != .quiet else { return }
        let name = epochName(record.epoch)
        var fields = [
            "objective \(fixed(record.objective, 4))", "training \(record.training.described(digits: 4))",
        ]
        if let validation = record.validation {
            fields.append("validation \(validation.described(digits: 4))")
        }
        fields.append(speed(record.sampleCount, in: record.seconds))
        guard let room = room else {
            line.end()
            return write(([name] + fields).joined(separator: "  ") + "\n")
        }
        var start = name
        while !fields.isEmpty {
            var count = fields.count
            while count > 1, ([start] + fields[..<count]).joined(separator: "  ").count > room { count -= 1 }
            line.draw(([start] + fields[..<count]).joined(separator: "  "))
            line.end()
            fields.removeFirst(count)
            // Below the first field, if what is left fits there.
            let indentation = min(name.count, room - 2 - (fields.map(\.count).max() ?? 0))
            start = String(repeating: " ", count: max(0, indentation))
        }
    }

    /// Ends an unfinished bar, so that further output begins on a new line.
    mutating func interrupt() { line.end() }

    private func epochName(_ epoch: Int) -> String {
        let total = String(epochCount)
        let number = String(epoch)
        return "epoch \(String(repeating: " ", count: max(0, total.count - number.count)))\(number)/\(total)"
    }
}

/// Samples a second.
private func speed(_ sampleCount: Int, in seconds: Double) -> String {
    "\(wholeNumber(Double(sampleCount) / max(seconds, 1e-9))) samples/s"
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
    /// The accuracy, or the loss of numbers, which have none.
    fileprivate func described(digits: Int) -> String {
        accuracy.map { "accuracy \(fixed($0, digits))" } ?? "loss \(fixed(loss, digits + 2))"
    }
}

/// `value` with `digits` decimals.
func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
