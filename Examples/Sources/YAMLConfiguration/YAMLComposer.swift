import Terminator

/// Makes a document of the events of a text in YAML.
///
/// Aliases repeat what their anchor names by reference; the values that they stand for are counted, so that a text whose
/// aliases multiply each other is refused before anything visits them all.
///
/// - Complexity: O(*n*) for a text of *n* bytes.
struct YAMLComposer {
    /// A document and the number of values in it.
    private typealias Counted = (document: ConfigurationDocument, valueCount: Int)

    private let events: YAMLEvents
    private var anchors: [String: Counted] = [:]
    /// The values so far, those that aliases repeat included.
    private var valueCount = 0

    /// The document that `text` writes; an empty one is an empty scalar.
    static func document(_ text: String) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        try refuseTagDirectives(text)
        var composer = YAMLComposer(events: YAMLEvents(text))
        return try composer.document()
    }

    /// libYAML compares each directive with all before it.
    private static func refuseTagDirectives(_ text: String) throws(ConfigurationSyntaxError) {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return }
        var line = 1
        for content in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard !content.starts(with: "%TAG".utf8) else {
                throw ConfigurationSyntaxError(
                    "expected a document without tags, found %TAG", at: (line, 1))
            }
            line += 1
        }
    }

    private init(events: YAMLEvents) { self.events = events }

    private mutating func document() throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        guard case .documentStart = try events.next().kind else { return ConfigurationDocument(.plain("")) }
        let root = try value(try events.next(), depth: 0)
        _ = try events.next()  // the document's end
        let event = try events.next()
        guard case .streamEnd = event.kind else {
            throw event.error("expected one document, found another")
        }
        return root.document
    }

    private mutating func value(
        _ event: YAMLEvent, depth: Int
    ) throws(ConfigurationSyntaxError) -> Counted {
        if case .alias(let name) = event.kind {
            guard let anchored = anchors[name] else {
                throw event.error("expected the name of an anchor, found '*\(name)'")
            }
            try count(anchored.valueCount, event)
            return anchored
        }
        guard event.tag == nil else {
            throw event.error("expected a value without a tag, found \(event.tag ?? "")")
        }
        let before = valueCount
        try count(1, event)
        let content: ConfigurationDocument.Content
        switch event.kind {
        case .scalar(let text, isPlain: true): content = .plain(text)
        case .scalar(let text, isPlain: false): content = .quoted(text)
        case .listStart: content = .list(try list(event, depth: depth + 1))
        case .recordStart: content = .record(try record(event, depth: depth + 1))
        default: throw event.error("expected a value, found something else")
        }
        let counted = (ConfigurationDocument(content), valueCount - before)
        if let anchor = event.anchor { anchors[anchor] = counted }
        return counted
    }

    private mutating func count(_ values: Int, _ event: YAMLEvent) throws(ConfigurationSyntaxError) {
        valueCount += values
        guard valueCount <= ConfigurationDocument.largestValueCount else {
            throw event.error(ConfigurationSyntaxError.tooManyValues)
        }
    }

    private func checkDepth(_ depth: Int, _ event: YAMLEvent) throws(ConfigurationSyntaxError) {
        guard depth <= ConfigurationDocument.largestDepth else {
            throw event.error(ConfigurationSyntaxError.tooDeep)
        }
    }

    private mutating func list(
        _ start: YAMLEvent, depth: Int
    ) throws(ConfigurationSyntaxError) -> [ConfigurationDocument] {
        try checkDepth(depth, start)
        var elements: [ConfigurationDocument] = []
        while true {
            let event = try events.next()
            if case .listEnd = event.kind { return elements }
            elements.append(try value(event, depth: depth).document)
        }
    }

    private mutating func record(
        _ start: YAMLEvent, depth: Int
    ) throws(ConfigurationSyntaxError) -> [(name: String, value: ConfigurationDocument)] {
        try checkDepth(depth, start)
        var fields: [(name: String, value: ConfigurationDocument)] = []
        var names: Set<String> = []
        while true {
            let event = try events.next()
            if case .recordEnd = event.kind { return fields }
            let name = try name(event)
            guard names.insert(name).inserted else {
                throw event.error("the name '\(name.prefix(40))' stands twice in a record")
            }
            fields.append((name, try value(try events.next(), depth: depth).document))
        }
    }

    /// The name of a field: a scalar.
    private func name(_ event: YAMLEvent) throws(ConfigurationSyntaxError) -> String {
        guard case .scalar(let name, let isPlain) = event.kind else {
            throw event.error("expected the name of a field, found a list, a record or an alias")
        }
        guard event.tag == nil, event.anchor == nil else {
            throw event.error("expected the name of a field without a tag or an anchor, found one")
        }
        guard name != "<<" || !isPlain else {
            throw event.error("expected the name of a field, found '<<': merge keys are not accepted")
        }
        return name
    }
}
