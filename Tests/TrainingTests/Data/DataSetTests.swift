import TestSupport
import Testing

@testable import Training

@Suite struct DataSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes the two files and answers why the data set is refused, `nil` if it is not.
    func refusal(images: [UInt8], labels: [UInt8], classCount: Int = 3) throws -> (
        String, DataFileError.Reason
    )? {
        let imageFile = try folder.write(images, to: "images")
        let labelFile = try folder.write(labels, to: "labels")
        do {
            _ = try DataSet(imageFile: imageFile, labelFile: labelFile, classCount: classCount)
            return nil
        } catch {
            return (String(error.file.split(separator: "/").last!), error.reason)
        }
    }

    @Test func readsImagesAndLabels() throws {
        let data = try DataSet(
            imageFile: folder.write(idx([2, 1, 2], [1, 2, 3, 4]), to: "images"),
            labelFile: folder.write(idx([2], [2, 0]), to: "labels"), classCount: 3)
        #expect(
            data == DataSet(sampleShape: [1, 1, 2], bytes: [1, 2, 3, 4], labels: [2, 0], classCount: 3))
    }

    @Test func refusesCountsThatDiffer() throws {
        let refusal = try refusal(images: idx([2, 1, 2], [1, 2, 3, 4]), labels: idx([3], [0, 1, 2]))
        #expect(refusal?.0 == "labels")
        #expect(refusal?.1 == .labelCount(expected: 2, found: 3))
    }

    @Test func refusesLabelsOutOfRange() throws {
        let refusal = try refusal(images: idx([2, 1, 2], [1, 2, 3, 4]), labels: idx([2], [0, 3]))
        #expect(refusal?.0 == "labels")
        #expect(refusal?.1 == .label(3, classCount: 3, index: 1))
    }

    @Test func refusesLabelsInPlaceOfImages() throws {
        let refusal = try refusal(images: idx([2], [0, 1]), labels: idx([2], [0, 1]))
        #expect(refusal?.0 == "images")
        #expect(refusal?.1 == .rank(expected: 3, found: 1))
    }

    /// A plain file goes before a compressed one; where there is neither, the plain one is named.
    @Test func findsFilesInAFolder() throws {
        let images = idx([1, 1, 2], [1, 2])
        _ = try folder.write(images, to: "train-images-idx3-ubyte")
        _ = try folder.write([1, 2, 3], to: "train-images-idx3-ubyte.gz")
        _ = try folder.writeCompressed([idx([1], [1])], to: "train-labels-idx1-ubyte.gz")
        let data = try DataSet(.training, folder: folder.path, classCount: 2)
        #expect(data == DataSet(sampleShape: [1, 1, 2], bytes: [1, 2], labels: [1], classCount: 2))
        #expect(
            throws: DataFileError(
                file: folder.path + "/t10k-images-idx3-ubyte",
                reason: .unreadable("No such file or directory"))
        ) {
            try DataSet(.test, folder: folder.path, classCount: 2)
        }
    }

    @Test func becomesSequences() {
        let data = DataSet(sampleShape: [3, 2, 4], bytes: Array(0..<48), labels: [0, 1], classCount: 2)
        #expect(data.asSequences.sampleShape == [3, 8])
        #expect(data.asSequences.bytes == data.bytes)
    }

    @Test func selectsSamples() {
        let data = DataSet(
            sampleShape: [1, 2], bytes: [1, 2, 3, 4, 5, 6], labels: [0, 1, 2], classCount: 3)
        #expect(
            data.subset([2, 0])
                == DataSet(sampleShape: [1, 2], bytes: [5, 6, 1, 2], labels: [2, 0], classCount: 3))
    }
}
