import Tensors
import Testing

@testable import Training

@Suite struct KernelPictureTests {
    func pixel(_ image: RasterImage, _ x: Int, _ y: Int) -> [UInt8] {
        Array(image.bytes[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3])
    }

    let blue: [UInt8] = [20, 90, 200]
    let white: [UInt8] = [255, 255, 255]
    let red: [UInt8] = [200, 40, 30]

    @Test func drawsSequencesInRows() {
        let picture = KernelPicture(of: Tensor(shape: [2, 4], scalars: [-2, 0, 2, 1, 0, 0, -1, 0]))
        let image = picture.image
        #expect(picture.scale == 2)
        #expect(image.width == 512 && image.height == 32)
        #expect(pixel(image, 0, 0) == blue && pixel(image, 128, 0) == white && pixel(image, 383, 15) == red)
        // Half of the way from white to the end, rounded.
        #expect(pixel(image, 511, 0) == [227, 147, 142])
        #expect(pixel(image, 256, 16) == [137, 172, 227])
    }

    /// More samples than columns: none that stands out is lost.
    @Test func showsTheLargestOfSeveralSamples() {
        var scalars = [Float](repeating: 0, count: 5000)
        scalars[4321] = -3
        let image = KernelPicture(of: Tensor(shape: [1, 5000], scalars: scalars)).image
        #expect(image.width == 1024)
        let columns = (0..<1024).filter { pixel(image, $0, 0) == blue }
        #expect(columns == [4321 * 1024 / 5000])
    }

    @Test func drawsImagesInTiles() {
        var scalars = [Float](repeating: 0, count: 3 * 4)
        scalars[2 * 4 + 3] = 0.5
        let image = KernelPicture(of: Tensor(shape: [3, 2, 2], scalars: scalars)).image
        // Two tiles in a row, of 2 x 24 pixels each, two pixels apart.
        #expect(image.width == 98 && image.height == 98)
        #expect(pixel(image, 0, 0) == white && pixel(image, 48, 0) == [215, 215, 215])
        #expect(pixel(image, 47, 97) == red && pixel(image, 23, 97) == white)
        #expect(pixel(image, 97, 97) == [215, 215, 215])
    }

    @Test func drawsNothingWhite() {
        let picture = KernelPicture(of: Tensor(shape: [1, 3], repeating: 0))
        #expect(picture.scale == 0 && picture.image.bytes.allSatisfy { $0 == 255 })
    }
}
