/// What can be observed at a step.
public enum ObservedValue: Sendable, Equatable {
    /// A number.
    case scalar(Double)
    /// How numbers are distributed.
    case distribution(Distribution)
    /// A picture: the contents of a PNG file, and what it announces. It has 1 channel or 3.
    case picture(png: [UInt8], width: Int, height: Int, channels: Int)

    /// Puts the value into a message.
    func set(_ message: inout Summary.Value) {
        switch self {
        case .scalar(let number): message.simpleValue = Float(number)
        case .distribution(let distribution): message.histo = distribution.message
        case .picture(let png, let width, let height, let channels):
            message.image.encodedImageString = .init(png)
            message.image.width = Int32(width)
            message.image.height = Int32(height)
            message.image.colorspace = Int32(channels)
        }
    }
}
