/// How the rows of a call are cut into pieces that threads take one after the other: kernel by kernel, and the rows
/// of one kernel in chunks where there are few kernels.
///
/// The cut depends on the call's shape alone, never on the number of threads: so the order of sums, and with it the
/// last bit of every result, is the same for any number.
struct Schedule {
    let kernelCount: Int
    let rowsPerKernel: Int
    let chunksPerKernel: Int
    private let pairing: Pairing

    /// Rows of each kernel, in order: those of signal 0 for the whole batch, then those of signal 1, and so on.
    init(pairing: Pairing, signalCount: Int) {
        self.pairing = pairing
        kernelCount = pairing.kernelCount
        rowsPerKernel = signalCount * pairing.signalCount / max(kernelCount, 1)
        // A chunk transforms its kernel anew, so it holds some rows; 32 pieces occupy 16 threads well.
        let wanted = (32 + kernelCount - 1) / max(kernelCount, 1)
        chunksPerKernel = max(1, min(wanted, rowsPerKernel / 4))
    }

    /// Which row of which signal a number stands for.
    func row(_ number: Int, of piece: Int) -> (signal: Int, row: Int) {
        pairing.row(number, ofKernel: kernel(of: piece))
    }

    /// The row that comes after one of a piece, within the piece or in the next, and its kernel.
    func row(after number: Int, of piece: Int) -> (kernel: Int, signal: Int, row: Int)? {
        var (number, piece) = (number + 1, piece)
        if number == rows(of: piece).upperBound {
            piece += 1
            guard piece < pieceCount else { return nil }
            number = rows(of: piece).lowerBound
        }
        let next = row(number, of: piece)
        return (kernel(of: piece), next.signal, next.row)
    }

    var pieceCount: Int { kernelCount * chunksPerKernel }

    func kernel(of piece: Int) -> Int { piece / chunksPerKernel }

    /// The numbers, among the rows of its kernel, of the rows of a piece.
    func rows(of piece: Int) -> Range<Int> {
        let chunk = piece % chunksPerKernel
        return chunk * rowsPerKernel / chunksPerKernel..<(chunk + 1) * rowsPerKernel / chunksPerKernel
    }
}
