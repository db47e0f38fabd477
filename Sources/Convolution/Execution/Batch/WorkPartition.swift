import Runtime

/// How the rows of a call are cut into tasks, which threads take one after the other: kernel by kernel, and the rows of
/// one kernel in several tasks where there are few kernels.
///
/// The partition depends on the call's shape alone, never on the number of threads: so the order of sums, and with it
/// the last bit of every result, is the same for any number. Where gradients are summed along the tree of the batch's groups, a
/// task has a subtree.
struct WorkPartition {
    let kernelCount: Int
    /// The tasks of each kernel.
    let tasksPerKernel: Int
    private let pairing: Pairing
    private let signalCount: Int
    /// The samples that meet each kernel, in groups that stay together.
    private let groups: BatchGroups
    private let groupsPerTask: Int

    /// - Parameters:
    ///   - pairing: Which kernels meet which signals.
    ///   - signalCount: The number of signals.
    ///   - groups: The groups along whose tree the gradients of shared kernels are summed, and whose samples alone are
    ///     taken then; `nil` for all samples, summed in order within a task.
    init(pairing: Pairing, signalCount: Int, summing groups: BatchGroups? = nil) {
        self.pairing = pairing
        self.signalCount = signalCount
        kernelCount = pairing.kernelCount
        let (rows, overflows) = signalCount.multipliedReportingOverflow(by: pairing.signalCount)
        require(
            !overflows && rows <= Pairing.largestRowCount,
            "expected at most \(Pairing.largestRowCount) rows, got \(signalCount) signals of \(pairing)")
        let samples = pairing.signalCount / max(kernelCount, 1)
        let wanted = (CostModel.tasksPerCall + kernelCount - 1) / max(kernelCount, 1)
        let mostTasks = max(1, min(wanted, samples * signalCount / CostModel.rowsPerTask))
        if case .shared = pairing, let groups {
            self.groups = groups
        } else {
            self.groups = BatchGroups(samples: samples, count: min(mostTasks, samples))
        }
        var groupsPerTask = 1
        while groupsPerTask * mostTasks < self.groups.count { groupsPerTask *= 2 }
        self.groupsPerTask = groupsPerTask
        tasksPerKernel = max(1, (self.groups.count + groupsPerTask - 1) / groupsPerTask)
    }

    /// The signal and the row of it that a number stands for.
    func row(_ number: Int, of task: Int) -> (signal: Int, row: Int) {
        let (sample, signal) = number.quotientAndRemainder(dividingBy: signalCount)
        return (signal, pairing.row(ofSample: sample, kernel: kernel(of: task)))
    }

    /// The row that comes after one of a task, within the task or in the next, and its kernel.
    func row(after number: Int, of task: Int) -> (kernel: Int, signal: Int, row: Int)? {
        var (number, task) = (number + 1, task)
        if number == groups(of: task).end * signalCount {
            task += 1
            guard task < taskCount else { return nil }
            number = rows(of: task).lowerBound
        }
        let next = row(number, of: task)
        return (kernel(of: task), next.signal, next.row)
    }

    var taskCount: Int { kernelCount * tasksPerKernel }

    /// Whether every kernel meets one row.
    var hasOneRowForEachKernel: Bool { groups.sampleCount * signalCount == 1 }

    /// The rows of all kernels.
    var rowCount: Int { kernelCount * groups.sampleCount * signalCount }

    func kernel(of task: Int) -> Int { task / tasksPerKernel }

    /// The groups of a task.
    func groups(of task: Int) -> BatchGroups {
        let first = task % tasksPerKernel * groupsPerTask
        return groups.subtree(first..<min(first + groupsPerTask, groups.count))
    }

    /// The numbers, among the rows of its kernel, of the rows of a task: sample by sample, those of all signals.
    func rows(of task: Int) -> Range<Int> { rows(ofSamples: groups(of: task).samples) }

    func rows(ofSamples samples: Range<Int>) -> Range<Int> {
        samples.lowerBound * signalCount..<samples.upperBound * signalCount
    }
}
