import Foundation
import Reports
import Training

/// In which form people look at samples.
enum SampleGrid {
    /// Rows and columns: those of an image; for a sequence those of the square it may have been, else one row.
    static func extents(of extents: [Int]) -> [Int] {
        guard extents.count == 1 else { return extents }
        let side = Int(Double(extents[0]).squareRoot().rounded())
        return side * side == extents[0] ? [side, side] : [1, extents[0]]
    }
}

extension DataSet {
    /// A sample as an image: red, green and blue of three channels, otherwise the first channel in gray.
    func image(at index: Int) -> RasterImage {
        let extents = SampleGrid.extents(of: Array(sampleShape.dropFirst()))
        let size = extents.reduce(1, *)
        let sample = Array(bytes[index * sampleShape[0] * size..<(index + 1) * sampleShape[0] * size])
        let channels = sampleShape[0] == 3 ? 3 : 1
        return RasterImage(
            width: extents[1], height: extents[0], channels: channels,
            bytes: (0..<size).flatMap { pixel in (0..<channels).map { sample[$0 * size + pixel] } })
    }
}

extension Picture {
    /// An image, its longer side shown with the given length.
    init(_ image: RasterImage, side: Int, description: String) {
        let longer = max(image.width, image.height)
        self.init(
            png: image.png, width: max(1, image.width * side / longer),
            height: max(1, image.height * side / longer), description: description)
    }
}
