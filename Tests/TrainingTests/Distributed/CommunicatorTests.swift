import Testing
import TestSupport

@testable import Training

/// What the collective operations build from exchanges of bytes.
@Suite struct CommunicatorTests {
    static let sizes = [1, 2, 3, 5, 8]

    @Test(arguments: sizes) func allToAll(size: Int) throws {
        let results = try ThreadCommunicator.run(size) { communicator in
            // Process s sends s + 2 p numbers to process p, some of them none.
            let rank = communicator.rank
            let parts = (0..<size).map { peer in (0..<rank + 2 * peer).map { 100 * rank + 10 * peer + $0 } }
            return communicator.allToAll(parts, counts: (0..<size).map { $0 + 2 * rank })
        }
        for (rank, received) in results.enumerated() {
            #expect(
                received
                    == (0..<size).map { peer in (0..<peer + 2 * rank).map { 100 * peer + 10 * rank + $0 } })
        }
    }

    @Test(arguments: sizes) func gatherAndBroadcast(size: Int) throws {
        let results = try ThreadCommunicator.run(size) { communicator in
            let own = Array(repeating: Float(communicator.rank) + 0.5, count: communicator.rank)
            let gathered = communicator.gather(own)
            let root = size - 1
            let sent = communicator.broadcast([Double(communicator.rank), 7], from: root)
            communicator.barrier()
            return (gathered, sent)
        }
        for (gathered, sent) in results {
            #expect(gathered == (0..<size).map { Array(repeating: Float($0) + 0.5, count: $0) })
            #expect(sent == [Double(size - 1), 7])
        }
    }

    /// Numbers whose sums depend on the order: ((a + b) + (c + d)) + e.
    @Test func sumsInATree() throws {
        let terms: [Float] = [1e8, -1e8, 3, 1e-8, 5]
        let sums = try ThreadCommunicator.run(5) { $0.sum([terms[$0.rank], 1]) }
        let expected = ((terms[0] + terms[1]) + (terms[2] + terms[3])) + terms[4]
        for sum in sums { #expect(sum == [expected, 5]) }
    }

    @Test(arguments: sizes) func countsItsTraffic(size: Int) throws {
        let traffic = try ThreadCommunicator.run(size) { communicator in
            _ = communicator.gather(
                [UInt64](repeating: 1, count: 3), counts: Array(repeating: 3, count: size))
            return communicator.traffic
        }
        for traffic in traffic {
            #expect(traffic.exchangeCount == 1 && traffic.messageCount == size - 1)
            #expect(traffic.sentByteCount == 24 * (size - 1) && traffic.receivedByteCount == 24 * (size - 1))
        }
    }

    @Test func aSingleProcessReceivesWhatItSends() {
        let single = SingleProcess()
        #expect(single.allToAll([[1, 2, 3]], counts: [3]) == [[1, 2, 3]])
        #expect(single.gather([Float(2)]) == [[2]])
        #expect(single.broadcast([7]) == [7])
        #expect(single.sum([1.5]) == [1.5])
        #expect(single.traffic == Traffic())
    }
}
