import Tensors
import Training

/// Exercises the collective operations between the processes that `mpirun` started, and ends with an error if a number is not
/// the expected one: `mpirun -n 3 .build/programs/CommunicatorCheck`.
@main enum CommunicatorCheck {
    static func main() {
        let mpi: MPI
        do {
            mpi = try MPI.start()
        } catch {
            SingleProcess().abort(error.description)
        }
        for round in 0..<20 { check(mpi, round: round) }
        if mpi.rank == 0 { print("\(mpi.libraryVersion): \(mpi.size) processes exchange what they should") }
        mpi.end()
    }

    private static func check(_ mpi: MPI, round: Int) {
        mpi.setPhase("round \(round)")
        // Counts of each pair of processes, the same on all: some empty, some of several megabytes.
        var random = RandomNumbers(seed: UInt64(round))
        let largest: UInt64 = round == 0 ? 2_000_000 : 5000
        let counts = (0..<mpi.size).map { _ in
            (0..<mpi.size).map { _ in Int(random.next() % 3 == 0 ? 0 : random.next() % largest) }
        }
        func values(from sender: Int, to receiver: Int) -> [Int32] {
            (0..<counts[sender][receiver]).map { Int32(truncatingIfNeeded: $0 &* 7 + 31 * sender + receiver) }
        }
        let (rank, ranks) = (mpi.rank, 0..<mpi.size)
        let received = mpi.allToAll(
            ranks.map { values(from: rank, to: $0) }, counts: ranks.map { counts[$0][rank] })
        expect(received == ranks.map { values(from: $0, to: rank) }, "all-to-all", mpi)
        let gathered = mpi.gather([Float(rank), Float(round)])
        expect(gathered == ranks.map { [Float($0), Float(round)] }, "gather", mpi)
        let root = round % mpi.size
        expect(mpi.broadcast([Double(rank), 0.5], from: root) == [Double(root), 0.5], "broadcast", mpi)
        expect(mpi.sum([rank, 1]) == [mpi.size * (mpi.size - 1) / 2, mpi.size], "sum", mpi)
        mpi.barrier()
    }

    private static func expect(_ isRight: Bool, _ operation: String, _ mpi: MPI) {
        if !isRight { mpi.abort("wrong numbers from \(operation)") }
    }
}
