/// How the rows of a call are cut into pieces that threads take one after the other: kernel by kernel, and the rows
/// of one kernel in chunks where there are few kernels.
///
/// The cut depends on the call's shape alone, never on the number of threads: so the order of sums, and with it the
/// last bit of every result, is the same for any number.
struct Schedule {
    let kernelCount: Int
    let rowsPerKernel: Int
    let chunksPerKernel: Int

    /// Rows of each kernel, in order: those of signal 0 for the whole batch, then those of signal 1, and so on.
    init(pairing: Pairing, signalCount: Int) {
        kernelCount = pairing.kernelCount
        rowsPerKernel = signalCount * pairing.signalCount / max(kernelCount, 1)
        // A chunk transforms its kernel anew, so it holds some rows; 32 pieces occupy 16 threads well.
        let wanted = (32 + kernelCount - 1) / max(kernelCount, 1)
        chunksPerKernel = max(1, min(wanted, rowsPerKernel / 4))
    }

    /// The row that comes after a row of a piece, within the piece or in the next.
    func row(after number: Int, of piece: Int) -> (kernel: Int, number: Int)? {
        if number + 1 < rows(of: piece).upperBound { return (kernel(of: piece), number + 1) }
        guard piece + 1 < pieceCount else { return nil }
        return (kernel(of: piece + 1), rows(of: piece + 1).lowerBound)
    }

    var pieceCount: Int { kernelCount * chunksPerKernel }

    func kernel(of piece: Int) -> Int { piece / chunksPerKernel }

    /// The numbers, among the rows of its kernel, of the rows of a piece.
    func rows(of piece: Int) -> Range<Int> {
        let chunk = piece % chunksPerKernel
        return chunk * rowsPerKernel / chunksPerKernel..<(chunk + 1) * rowsPerKernel / chunksPerKernel
    }
}
