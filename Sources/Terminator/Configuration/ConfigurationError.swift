import Runtime

/// What is wrong with a configuration: all that was found at once.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One field, and what is wrong with it.
    public struct Violation: Equatable, Sendable, CustomStringConvertible {
        /// The path of the field, as in `blocks[2].dropout`; empty for the whole document.
        public let field: String
        /// What was expected and what was found.
        public let problem: String

        /// The field and its problem.
        public var description: String { field.isEmpty ? problem : "\(field): \(problem)" }
    }

    /// The violations, in the order of the fields; at least one.
    public let violations: [Violation]

    /// All violations in one line.
    public var description: String { violations.map(\.description).joined(separator: "; ") }

    init(_ violations: [Violation]) {
        require(!violations.isEmpty, "expected at least one violation, got none")
        self.violations = violations
    }

    /// One violation, at the place that a decoder stands at.
    init(at path: [any CodingKey], _ problem: String) {
        self.init([Violation(field: fieldPath(path), problem: problem)])
    }
}

/// Indices in brackets, names behind dots.
private func fieldPath(_ path: [any CodingKey]) -> String {
    path.reduce("") { text, key in
        if let index = key.intValue { return "\(text)[\(index)]" }
        return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
}
