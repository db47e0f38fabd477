import Runtime

/// How the rows of a call are cut into tasks, which threads take one after the other: kernel by kernel, and the rows of
/// one kernel in several tasks where there are few kernels.
///
/// The partition depends on the call's shape alone, never on the number of threads: so the order of sums, and with it
/// the last bit of every result, is the same for any number.
struct WorkPartition {
    let kernelCount: Int
    let rowsPerKernel: Int
    let tasksPerKernel: Int
    private let pairing: Pairing

    /// Rows of each kernel, in order: those of signal 0 for the whole batch, then those of signal 1, and so on.
    init(pairing: Pairing, signalCount: Int) {
        self.pairing = pairing
        kernelCount = pairing.kernelCount
        let (rows, overflows) = signalCount.multipliedReportingOverflow(by: pairing.signalCount)
        require(
            !overflows && rows <= Pairing.largestRowCount,
            "expected at most \(Pairing.largestRowCount) rows, got \(signalCount) signals of \(pairing)")
        rowsPerKernel = rows / max(kernelCount, 1)
        let wanted = (CostModel.tasksPerCall + kernelCount - 1) / max(kernelCount, 1)
        tasksPerKernel = max(1, min(wanted, rowsPerKernel / CostModel.rowsPerTask))
    }

    /// The signal and the row of it that a number stands for.
    func row(_ number: Int, of task: Int) -> (signal: Int, row: Int) {
        pairing.row(number, ofKernel: kernel(of: task))
    }

    /// The row that comes after one of a task, within the task or in the next, and its kernel.
    func row(after number: Int, of task: Int) -> (kernel: Int, signal: Int, row: Int)? {
        var (number, task) = (number + 1, task)
        if number == rows(of: task).upperBound {
            task += 1
            guard task < taskCount else { return nil }
            number = rows(of: task).lowerBound
        }
        let next = row(number, of: task)
        return (kernel(of: task), next.signal, next.row)
    }

    var taskCount: Int { kernelCount * tasksPerKernel }

    /// The rows of all kernels.
    var rowCount: Int { kernelCount * rowsPerKernel }

    func kernel(of task: Int) -> Int { task / tasksPerKernel }

    /// The numbers, among the rows of its kernel, of the rows of a task.
    func rows(of task: Int) -> Range<Int> {
        let part = task % tasksPerKernel
        return part * rowsPerKernel / tasksPerKernel..<(part + 1) * rowsPerKernel / tasksPerKernel
    }
}
