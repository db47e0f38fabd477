/// A piece of an HTML page, or of a picture in it: text, an element with its children, or several of them.
///
/// Whatever goes in is escaped where the markup is written, so that names and messages cannot become markup.
public indirect enum Markup: Sendable, Equatable {
    /// Characters.
    case text(String)
    /// An element.
    case element(String, attributes: [Attribute], children: [Markup])
    /// Pieces one after the other.
    case group([Markup])
    /// A style sheet of the program's own, whose characters are not escaped; no `<` may be in it.
    case styleSheet(String)

    /// An attribute of an element.
    public struct Attribute: Sendable, Equatable {
        let name: String
        let value: String
    }

    /// An element with attributes in the given order.
    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: Markup...
    ) -> Markup {
        element(name, attributes, children)
    }

    /// An element with attributes in the given order and computed children.
    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup]
    ) -> Markup {
        .element(
            name, attributes: attributes.map { Attribute(name: $0.key, value: $0.value) }, children: children)
    }

    /// Elements that have no end tag (HTML, section 13.1.2).
    private static let voidElements: Set = ["meta", "img", "br", "hr", "link", "input"]

    /// The markup as a page has it.
    public var html: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .text(let text): output += Self.escaped(text)
        case .group(let children): for child in children { child.write(to: &output) }
        case .styleSheet(let text):
            guard !text.contains("<") else { fatalError("expected a style sheet, got markup") }
            output += "<style>\(text)</style>"
        case .element(let name, let attributes, let children):
            output += "<\(name)"
            for attribute in attributes {
                output += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
            }
            output += ">"
            if Self.voidElements.contains(name) { return }
            for child in children { child.write(to: &output) }
            output += "</\(name)>"
        }
    }

    /// `text` with references for the characters that mean something in markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension Markup: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Characters.
    public init(stringLiteral text: String) { self = .text(text) }
}
