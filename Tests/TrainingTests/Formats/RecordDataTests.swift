import Foundation
import TestSupport
import Testing

@testable import Training

/// Files in the official binary formats of CIFAR-10, CIFAR-100 and STL-10, written here.
@Suite struct RecordDataTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// An image whose bytes tell where they stand.
    static func image(_ size: Int, _ number: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 251 + number) }
    }

    static func cifar(labels: [[UInt8]], from first: Int = 0) -> [UInt8] {
        labels.enumerated().flatMap { $1 + image(3072, first + $0) }
    }

    func refusal(_ read: () throws -> DataSet) -> DataFileError? {
        do {
            _ = try read()
            return nil
        } catch { return error as? DataFileError }
    }

    // MARK: - CIFAR

    @Test func readsTheBatchesOfCIFAR10() throws {
        _ = try folder.write(Self.cifar(labels: [[3], [9]]), to: "data_batch_1.bin")
        _ = try folder.writeCompressed([Self.cifar(labels: [[0]], from: 2)], to: "data_batch_2.bin.gz")
        _ = try folder.write(Self.cifar(labels: [[7]], from: 5), to: "test_batch.bin")
        let training = try DataSet(cifar10: .training, folder: folder.path)
        #expect(training.sampleShape == [3, 32, 32] && training.classCount == 10)
        #expect(training.labels == [3, 9, 0])
        #expect(training.bytes == (0..<3).flatMap { Self.image(3072, $0) })
        let test = try DataSet(cifar10: .test, folder: folder.path)
        #expect(test.labels == [7] && test.bytes == Self.image(3072, 5))
    }

    /// A batch that is missing between others would go unnoticed.
    @Test func refusesAGapBetweenBatches() throws {
        for number in [1, 3] {
            _ = try folder.write(Self.cifar(labels: [[1]]), to: "data_batch_\(number).bin")
        }
        let error = refusal { try DataSet(cifar10: .training, folder: folder.path) }
        #expect(
            error
                == DataFileError(
                    file: folder.file("data_batch_2.bin"), reason: .unreadable("No such file or directory")))
    }

    @Test func readsTheFineLabelsOfCIFAR100() throws {
        _ = try folder.write(Self.cifar(labels: [[19, 99], [200, 0]]), to: "train.bin")
        let data = try DataSet(cifar100: .training, folder: folder.path)
        #expect(data.labels == [99, 0] && data.classCount == 100)
        #expect(data.bytes == (0..<2).flatMap { Self.image(3072, $0) })
    }

    @Test(arguments: [0, 1, 3072, 3074, 2 * 3073 - 1]) func refusesPartsOfRecords(byteCount: Int) throws {
        let bytes = Array(Self.cifar(labels: [[1], [2]]).prefix(byteCount))
        let file = try folder.write(bytes, to: "test_batch.bin")
        let error = refusal { try DataSet(cifar10: .test, folder: folder.path) }
        #expect(
            error
                == DataFileError(
                    file: file, reason: .notWholeRecords(recordBytes: 3073, foundBytes: byteCount)))
    }

    @Test func refusesLabelsOutOfRange() throws {
        let file = try folder.write(Self.cifar(labels: [[9], [10]]), to: "test_batch.bin")
        #expect(
            refusal { try DataSet(cifar10: .test, folder: folder.path) }
                == DataFileError(file: file, reason: .label(10, classCount: 10, index: 1)))
        let fine = try folder.write(Self.cifar(labels: [[0, 100]]), to: "test.bin")
        #expect(
            refusal { try DataSet(cifar100: .test, folder: folder.path) }
                == DataFileError(file: fine, reason: .label(100, classCount: 100, index: 0)))
    }

    @Test func refusesDamagedCompression() throws {
        let file = try folder.writeCompressed([Self.cifar(labels: [[1]])], to: "test_batch.bin.gz")
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try whole.dropLast(9).write(to: URL(fileURLWithPath: file))
        guard
            case .damagedCompression? = refusal({ try DataSet(cifar10: .test, folder: folder.path) })?.reason
        else {
            Issue.record("expected damage to be found")
            return
        }
    }

    /// A small file that inflates to a huge one is not inflated to its end.
    @Test func inflatesNoMoreThanTheMaximum() throws {
        let chunk = [UInt8](repeating: 0, count: 1 << 20)
        let file = try folder.writeCompressed(repeatElement(chunk, count: 16), to: "zeros.gz")
        do {
            _ = try RecordFile(contentsOf: file, recordByteCount: 1 << 10, maximumRecordCount: 1 << 10)
            Issue.record("expected a refusal")
        } catch {
            #expect(error == DataFileError(file: file, reason: .tooManyBytes(maximumBytes: 1 << 20)))
        }
    }

    // MARK: - STL-10

    /// Rows for columns, labels from 0.
    @Test func readsSTL10() throws {
        let size = 3 * 96 * 96
        _ = try folder.write(Self.image(size, 0) + Self.image(size, 1), to: "train_X.bin")
        _ = try folder.write([10, 1], to: "train_y.bin")
        let data = try DataSet(stl10: .training, folder: folder.path)
        #expect(data.sampleShape == [3, 96, 96] && data.labels == [9, 0] && data.classCount == 10)
        for (sample, channel, row, column) in [(0, 0, 0, 1), (0, 2, 95, 3), (1, 1, 17, 80)] {
            let stored = Self.image(size, sample)[(channel * 96 + column) * 96 + row]
            #expect(data.bytes[((sample * 3 + channel) * 96 + row) * 96 + column] == stored)
        }
    }

    @Test(arguments: [
        ([0], 1, DataFileError.Reason.labelFromOne(0, classCount: 10, index: 0)),
        ([1, 11], 2, .labelFromOne(11, classCount: 10, index: 1)),
        ([1, 2], 1, .labelCount(expected: 1, found: 2)),
        ([], 1, .notWholeRecords(recordBytes: 1, foundBytes: 0)),
    ]) func refusesLabelsOfSTL10(labels: [UInt8], imageCount: Int, reason: DataFileError.Reason) throws {
        _ = try folder.write([UInt8](repeating: 0, count: imageCount * 3 * 96 * 96), to: "test_X.bin")
        let file = try folder.write(labels, to: "test_y.bin")
        #expect(
            refusal { try DataSet(stl10: .test, folder: folder.path) }
                == DataFileError(file: file, reason: reason))
    }

    // MARK: - Permutations

    @Test func permutesPlacesAlikeInAllSamplesAndChannels() {
        let data = DataSet(sampleShape: [2, 3], bytes: Array(0..<12), labels: [0, 1], classCount: 2)
        let permuted = data.permuted(by: [2, 0, 1])
        #expect(permuted.bytes == [2, 0, 1, 5, 3, 4, 8, 6, 7, 11, 9, 10])
        #expect(permuted.labels == data.labels && permuted.sampleShape == data.sampleShape)
        #expect(data.permuted(by: [0, 1, 2]) == data)
        // Of the 50! orders of a sequence, two seeds do not have the same, nor one the original's.
        let long = DataSet(sampleShape: [1, 50], bytes: Array(0..<50), labels: [0], classCount: 1)
        #expect(long.permuted(seed: 4).bytes.sorted() == long.bytes)
        #expect(long.permuted(seed: 4) == long.permuted(seed: 4))
        #expect(long.permuted(seed: 4) != long.permuted(seed: 5) && long.permuted(seed: 4) != long)
    }
}
