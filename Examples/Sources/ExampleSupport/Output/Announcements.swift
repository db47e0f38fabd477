import ArgumentParser
import Foundation
import Training

/// How a program says what it has to say.
public struct OutputOptions: ParsableArguments {
    /// Whether progress is hidden.
    @Flag(help: "Show no progress.") public var quiet = false
    /// Whether results are JSON.
    @Flag(help: "Print one line of JSON for each event; show no progress.")
    public var json = false

    /// No options.
    public init() {}

    /// A display for the progress of a training.
    var progressDisplay: ProgressDisplay {
        .onStandardError(isQuiet: quiet || json || !StandardOutput.isHeard)
    }

    /// Says something that happened: a line of text, or a line of JSON with the event's name and fields.
    package func announce(_ event: String, _ fields: [String: JSONScalar], text: String) {
        guard json else { return say(text) }
        announceInJSON(event, fields)
    }

    /// Says something that only readers of JSON want to know.
    func announceInJSON(_ event: String, _ fields: [String: JSONScalar]) {
        guard json else { return }
        var fields = fields
        fields["event"] = .text(event)
        say(jsonLine(fields))
    }

    /// Says how a network does on test data.
    func announce(test metrics: Metrics) {
        guard let accuracy = metrics.accuracy else {
            return announce(
                "test", ["loss": .number(metrics.loss)],
                text: "test loss     \(decimal(metrics.loss, 6)), the mean squared error")
        }
        announce(
            "test", ["loss": .number(metrics.loss), "accuracy": .number(accuracy)],
            text: """
                test loss     \(decimal(metrics.loss, 4))
                test accuracy \(decimal(accuracy, 4))
                """)
    }

    /// Says how much memory the program took.
    func announcePeakMemory() {
        announce(
            "memory", ["peakBytes": .integer(peakMemory())],
            text: "peak memory   \(peakMemory() >> 20) MiB")
    }
}

/// A value as JSON in one line with sorted names. Its numbers must be finite.
package func jsonLine(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
        fatalError("expected finite numbers, got \(value): \(error)")
    }
}

/// A value in a line of JSON.
package enum JSONScalar: Encodable {
    case text(String)
    case integer(Int)
    case number(Double)
    case numbers([Double])

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .numbers(let numbers): try container.encode(numbers)
        }
    }
}
