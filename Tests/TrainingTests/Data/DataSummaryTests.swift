import Foundation
import Testing

@testable import Training

/// A checkpoint knows its data by their summary.
@Suite struct DataSummaryTests {
    /// One byte or one class more, and the summary is another.
    @Test func summarizesData() throws {
        let data = DataSet(sampleShape: [1, 9], bytes: Array("123456789".utf8), labels: [0], classCount: 2)
        var others = [data, data, data]
        others[1] = DataSet(sampleShape: [1, 9], bytes: Array("123456780".utf8), labels: [0], classCount: 2)
        others[2] = DataSet(sampleShape: [1, 9], bytes: Array("123456789".utf8), labels: [1], classCount: 2)
        let summaries = others.map { DataSummary(of: $0) }
        #expect(summaries[0] == DataSummary(of: data))
        #expect(summaries[0] != summaries[1] && summaries[0] != summaries[2])
        // Sequences of numbers, of which one, or one answer, is another.
        func summary(_ numbers: [Float], _ answers: [Float]) -> DataSummary {
            DataSummary(
                of: DataSet(
                    sampleShape: [1, 2], scalars: .floats(numbers), task: .number,
                    targets: .numbers(answers)))
        }
        let numbers = summary([0.5, 0.25], [1])
        #expect(numbers == summary([0.5, 0.25], [1]) && numbers.task == .number)
        #expect(numbers != summary([0.5, 0.26], [1]) && numbers != summary([0.5, 0.25], [2]))
        // The task's name in the files of trainings.
        let file =
            #"{"count":1,"sampleShape":[1,2],"checksum":\#(numbers.checksum),"question":{"number":{}}}"#
        #expect(try JSONDecoder().decode(DataSummary.self, from: Data(file.utf8)) == numbers)
        let none = DataSet(sampleShape: [1, 9], bytes: [], labels: [], classCount: 2)
        #expect(DataSummary(of: none).checksum == 0)
    }
}
