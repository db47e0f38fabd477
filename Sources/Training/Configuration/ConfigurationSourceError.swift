import Terminator

/// Why a configuration from outside was refused: where it comes from, what was expected and what was found.
public struct ConfigurationSourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of the file, or the text of the setting.
    public let source: String
    /// What is wrong with it.
    public let reason: Reason

    /// What can be wrong with the source of a configuration.
    public enum Reason: Equatable, Sendable {
        /// The file cannot be read or written, for the reason the system gives.
        case inaccessible(String)
        /// The file is larger than any configuration.
        case tooLarge(maximumBytes: Int)
        /// The text is not of the format, in the words of the parser.
        case syntax(format: String, problem: String)
        /// The setting has no `=` or nothing before it.
        case notASetting
        /// Fields are unknown, missing, of another type or not valid.
        case fields(ConfigurationError)
    }

    /// One line: the source, what was expected, what was found.
    public var description: String {
        switch reason {
        case .inaccessible(let reason): "\(source): \(reason)"
        case .tooLarge(let maximum): "\(source): expected at most \(maximum) bytes, found more"
        case .syntax(let format, let problem): "\(source): expected \(format), found a mistake: \(problem)"
        case .notASetting: "\(source): expected a field and its value, as in blocks.2.dropout=0.1"
        case .fields(let error): "\(source): \(error)"
        }
    }
}
