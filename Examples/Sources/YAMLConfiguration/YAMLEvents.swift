// A target of Yams: its parser, which the package does not offer by itself, makes no nodes and so resolves no aliases.
internal import CYaml
import Terminator

/// An event of a text in YAML.
struct YAMLEvent {
    /// What the event is.
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case listStart, listEnd, recordStart, recordEnd
    }

    let kind: Kind
    var anchor: String?
    var tag: String?
    /// Where the event begins, counted from 1.
    let place: (line: Int, column: Int)

    /// An error at the event's place.
    func error(_ problem: String) -> ConfigurationSyntaxError {
        ConfigurationSyntaxError(problem, at: place)
    }
}

/// The events of a text in YAML, from libYAML's parser.
final class YAMLEvents {
    // Allocated, because the parser must not move: it points to its own parts.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        let bytes = Array(text.utf8)
        self.text = .allocate(capacity: max(bytes.count, 1))
        _ = self.text.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            fatalError("expected memory for a parser, got none")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event but the stream's start; after the stream's end there is none.
    func next() throws(ConfigurationSyntaxError) -> YAMLEvent {
        while true {
            let event = try parsed()
            if case .streamStart = event.kind { continue }
            return event
        }
    }

    private func parsed() throws(ConfigurationSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error }
        defer { yaml_event_delete(&event) }
        let place = (line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        func plain(_ kind: YAMLEvent.Kind) -> YAMLEvent { YAMLEvent(kind: kind, place: place) }
        switch event.type {
        case YAML_STREAM_START_EVENT: return plain(.streamStart)
        case YAML_DOCUMENT_START_EVENT: return plain(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return plain(.documentEnd)
        case YAML_SEQUENCE_END_EVENT: return plain(.listEnd)
        case YAML_MAPPING_END_EVENT: return plain(.recordEnd)
        case YAML_ALIAS_EVENT: return plain(.alias(string(event.data.alias.anchor) ?? ""))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return YAMLEvent(
                kind: .scalar(
                    String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                anchor: string(scalar.anchor), tag: string(scalar.tag), place: place)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return YAMLEvent(
                kind: .listStart, anchor: string(start.anchor), tag: string(start.tag), place: place)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return YAMLEvent(
                kind: .recordStart, anchor: string(start.anchor), tag: string(start.tag), place: place)
        default: return plain(.streamEnd)
        }
    }

    private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    /// The parser's complaint.
    private var error: ConfigurationSyntaxError {
        var said = parser.pointee.problem.map { String(cString: $0) } ?? "not enough memory"
        // The parser's own bound, of a thousand levels, comes first where it looks ahead.
        if said.hasPrefix("Maximum nesting level") {
            said = ConfigurationSyntaxError.tooDeep
        }
        // The reader knows the byte alone.
        guard parser.pointee.error != YAML_READER_ERROR else {
            return ConfigurationSyntaxError(
                said, atByte: Int(parser.pointee.problem_offset), of: text)
        }
        let mark = parser.pointee.problem_mark
        return ConfigurationSyntaxError(said, at: (Int(mark.line) + 1, Int(mark.column) + 1))
    }
}
