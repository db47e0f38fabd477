import ExampleSupport
import Training

/// Shows on a terminal how far a convolution is, in a line that is drawn over itself.
struct ConvolutionDisplay {
    private let name: String
    private let frameCount: Int?
    /// `nil` where nothing is drawn.
    private var line: TerminalLine?
    private let start = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant?

    /// A display on standard error, if that is a terminal.
    init(_ name: String, frameCount: Int?, isShown: Bool) {
        self.name = name
        self.frameCount = frameCount
        line = isShown ? .onStandardError() : nil
    }

    /// Draws how many frames are done, unless that was drawn less than a tenth of a second ago.
    mutating func show(_ frames: Int) {
        guard line != nil else { return }
        let now = ContinuousClock.now
        if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
        lastDrawn = now
        let share = frameCount.map { "  \(Int(100 * Double(frames) / Double(max(1, $0)))) %" } ?? ""
        let speed = Double(frames) / max((now - start) / .seconds(1), 1e-9) / 1e6
        let fields = [
            name + share, "\(decimal(Double(frames) / 1e6, 1)) million frames",
            "\(decimal(speed, 1)) million a second",
        ]
        line?.draw(fields: fields)
    }

    /// Takes the line away.
    mutating func end() { line?.erase() }
}
