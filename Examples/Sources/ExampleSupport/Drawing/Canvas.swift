import Training

/// A color of 8 bits a channel.
public struct Color: Equatable, Sendable {
    /// Red, green and blue.
    let channels: [UInt8]

    /// Numbers below zero, and curves.
    public static let blue = Color(channels: [20, 90, 200])
    /// Numbers above zero, and errors.
    public static let red = Color(channels: [200, 40, 30])

    /// From black at 0 to white at 255.
    public static func gray(_ level: UInt8) -> Color { Color(channels: [level, level, level]) }

    /// Blue at -1 and below, over white at 0, to red at 1 and above.
    public static func diverging(_ unit: Float) -> Color {
        let end = (unit < 0 ? blue : red).channels
        return Color(
            channels: end.map { UInt8(255 + ((Float($0) - 255) * min(1, abs(unit))).rounded()) })
    }
}

/// Pixels to draw on, white at first.
public struct Canvas {
    private let width: Int
    private let height: Int
    private var bytes: [UInt8]

    /// A canvas of at least one pixel.
    public init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        bytes = Array(repeating: 255, count: width * height * 3)
    }

    /// Colors the pixel in column `x` and row `y`.
    public mutating func set(_ x: Int, _ y: Int, _ color: Color) {
        guard 0..<width ~= x, 0..<height ~= y else {
            fatalError("expected a pixel of \(width)x\(height), got (\(x), \(y))")
        }
        for channel in 0..<3 { bytes[(y * width + x) * 3 + channel] = color.channels[channel] }
    }

    /// What was drawn.
    public var image: RasterImage { RasterImage(width: width, height: height, channels: 3, bytes: bytes) }
}
