import Runtime

/// Where the gradients of kernels go, if they are wanted.
enum KernelGradientTarget<Scalar: ConvolutionScalar> {
    case none
    /// The gradients, by the layout of the call.
    case gradients(UnsafeMutableBufferPointer<Scalar>)
    /// The sums of which they are made, one of `preparedCount` scalars for each kernel: of a batch of which this call has a part.
    case sums(UnsafeMutablePointer<Scalar>)

    init(_ gradients: UnsafeMutableBufferPointer<Scalar>?, _ sums: SumsOverGroups<Scalar>?) {
        require(
            gradients == nil || sums?.kernels == nil, "expected either the gradients of kernels or their sums"
        )
        self = (sums?.kernels).map { .sums($0) } ?? gradients.map { .gradients($0) } ?? .none
    }

    var isNone: Bool { if case .none = self { true } else { false } }
}

/// The rows of a backward pass: kernels are prepared, and the terms of their gradients summed along the tree of the
/// partition's groups, whatever the number of threads.
struct BackwardPass<Scalar: ConvolutionScalar> {
    private let plan: Plan<Scalar>
    private let layouts: RowLayouts
    private let partition: WorkPartition
    let team: WorkerTeam<Scalar>
    private let kernel: UnsafeBufferPointer<Scalar>
    private let target: KernelGradientTarget<Scalar>
    private let stagedCount: Int
    /// A sum for each task, where several tasks share a kernel.
    private let parts: PooledArray<Scalar>?

    /// A row of a task, which is pulled back or, where its cotangent is zero, skipped.
    struct Row {
        let task: Int
        /// The row's number among those of its kernel.
        let number: Int
        let kernelIndex: Int
        let convolver: RowConvolver<Scalar>
        let staged: UnsafeMutablePointer<Scalar>?
        /// Where the row's term of the kernel's gradient goes, unless that is not wanted: a sum to which it is added or, for
        /// a kernel that meets this row alone, the gradient itself.
        fileprivate let target: UnsafeMutablePointer<Scalar>?
        /// The kernel, if it meets this row alone; else the convolver holds it prepared.
        fileprivate let singleKernel: UnsafePointer<Scalar>?

        var isKernelGradientWanted: Bool { target != nil }

        /// output = signal * kernel
        @inline(__always)
        func convolve(_ signal: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>) {
            convolver.convolve(signal, withSingle: singleKernel, into: output)
        }

        /// The signal's gradient (unless `nil`), and the row's term of the kernel's, if it is wanted.
        @inline(__always)
        func pullBack(
            _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
            into signalGradient: UnsafeMutablePointer<Scalar>?
        ) {
            if let singleKernel {
                convolver.pullBack(
                    upstream, signal: signal, kernel: singleKernel, into: signalGradient, target)
            } else {
                convolver.pullBack(
                    upstream, signal: signal, prepared: convolver.prepared, into: signalGradient,
                    addingTo: target)
            }
        }

        /// Leaves the row's term of the kernel's gradient zero, of `count` elements.
        func skip(elements count: Int) {
            if singleKernel != nil { target?.update(repeating: 0, count: count) }
        }
    }

    /// - Parameters:
    ///   - layouts: How the kernels, and their gradients, lie in memory.
    ///   - target: Receives the kernels' gradients, if they are wanted.
    ///   - stagedCount: The scalars of the rows that each convolver's tasks stage, in whole cache lines.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is allocated.
    init(
        _ plan: Plan<Scalar>, _ partition: WorkPartition, kernel: UnsafeBufferPointer<Scalar>,
        _ layouts: RowLayouts, target: KernelGradientTarget<Scalar>, stagedCount: Int = 0
    ) throws(ConvolutionError) {
        self.plan = plan
        self.layouts = layouts
        self.partition = partition
        self.kernel = kernel
        self.target = target
        self.stagedCount = stagedCount
        let sumCount = plan.preparedCount
        let partCount = partition.tasksPerKernel > 1 && !target.isNone ? partition.taskCount : 0
        // The first task has no fewer groups than any other. Its first sum is a part's or the convolver's.
        let furtherSums = target.isNone ? 0 : partition.groups(of: 0).sumsAtOnce - 1
        team = try WorkerTeam(
            plan, rows: partition.rowCount, tasks: partition.taskCount,
            stagedCount: checkedSum([stagedCount, checkedProduct([furtherSums, sumCount])]),
            besides: [checkedProduct([partCount, sumCount, MemoryLayout<Scalar>.stride])])
        parts = partCount > 0 ? PooledArray<Scalar>(count: partCount * sumCount) : nil
    }

    /// Calls `body` for every row, and writes the gradients of the kernels.
    func forEachRow(_ body: (Row) -> Void) {
        switch target {
        case .none where partition.hasOneRowForEachKernel: forEachSingleRow(nil, body)
        case .gradients(let gradients) where partition.hasOneRowForEachKernel:
            forEachSingleRow(gradients, body)
        default: forEachRowOfPreparedKernels(body)
        }
    }

    /// The rows of kernels that meet one row each.
    private func forEachSingleRow(
        _ gradients: UnsafeMutableBufferPointer<Scalar>?, _ body: (Row) -> Void
    ) {
        team.forEachTask(partition.taskCount) { task, convolver, staged in
            let kernelIndex = partition.kernel(of: task)
            let gradient = gradients.map { layouts.kernelGradient.row(kernelIndex, of: $0) }
            if let gradient { convolver.prefetchForWriting(gradient, .kernel) }
            body(
                Row(
                    task: task, number: partition.rows(of: task).lowerBound, kernelIndex: kernelIndex,
                    convolver: convolver, staged: staged, target: gradient,
                    singleKernel: layouts.kernel.row(kernelIndex, of: kernel)))
        }
    }

    private func forEachRowOfPreparedKernels(_ body: (Row) -> Void) {
        let sumCount = plan.preparedCount
        team.forEachTask(partition.taskCount) { task, convolver, staged in
            let kernelIndex = partition.kernel(of: task)
            func forEach(_ numbers: Range<Int>, addingTo sum: UnsafeMutablePointer<Scalar>?) {
                for number in numbers {
                    body(
                        Row(
                            task: task, number: number, kernelIndex: kernelIndex, convolver: convolver,
                            staged: staged, target: sum, singleKernel: nil))
                }
            }
            convolver.prepare(layouts.kernel.row(kernelIndex, of: kernel), into: convolver.prepared)
            guard !target.isNone else {
                return forEach(partition.rows(of: task), addingTo: nil)
            }
            if parts == nil, case .gradients(let gradients) = target {
                convolver.prefetchForWriting(
                    layouts.kernelGradient.row(kernelIndex, of: gradients), .kernel)
            }
            let groups = partition.groups(of: task)
            let first = parts.map { $0.pointer + task * sumCount } ?? convolver.sum
            groups.sumInTurn(size: sumCount, in: first, further: staged.map { $0 + stagedCount }) {
                group, sum in
                forEach(partition.rows(ofSamples: groups[group]), addingTo: sum)
            }
            if parts == nil { store(first, ofKernel: kernelIndex, convolver) }
        }
        addParts()
    }

    /// Combines the sums of each kernel's tasks, and writes the gradient.
    private func addParts() {
        guard let parts else { return }
        let sumCount = plan.preparedCount
        team.forEachTask(partition.kernelCount) { kernelIndex, convolver, _ in
            let first = parts.pointer + kernelIndex * partition.tasksPerKernel * sumCount
            BatchGroups.combine(partition.tasksPerKernel) { target, source in
                Scalar.vectorLoops.pointee.add_scaled(
                    first + source * sumCount, 1, first + target * sumCount, sumCount)
            }
            store(first, ofKernel: kernelIndex, convolver)
        }
    }

    /// Writes a kernel's gradient from its sum, which is destroyed, or the sum.
    private func store(
        _ sum: UnsafeMutablePointer<Scalar>, ofKernel kernelIndex: Int, _ convolver: RowConvolver<Scalar>
    ) {
        switch target {
        case .none: break
        case .gradients(let gradients):
            convolver.storeKernelGradient(sum, into: layouts.kernelGradient.row(kernelIndex, of: gradients))
        case .sums(let sums):
            (sums + kernelIndex * plan.preparedCount).update(from: sum, count: plan.preparedCount)
        }
    }
}
