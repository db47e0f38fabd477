import Foundation

/// A picture within the page: the contents of a PNG file.
public struct Picture: Sendable {
    private let png: [UInt8]
    private let width: Int
    private let height: Int
    private let description: String

    /// A picture that is shown with the given width and height, with what it shows in words.
    public init(png: [UInt8], width: Int, height: Int, description: String) {
        self.png = png
        self.width = width
        self.height = height
        self.description = description
    }

    /// The picture alone.
    public var markup: Markup {
        .element(
            "img",
            [
                "src": "data:image/png;base64,\(Data(png).base64EncodedString())", "alt": description,
                "width": "\(width)", "height": "\(height)",
            ])
    }

    /// The picture below a caption.
    public func markup(caption: String) -> Markup {
        .element("figure", [:], .element("figcaption", [:], .text(caption)), markup)
    }
}
