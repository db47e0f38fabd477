import Runtime

/// The rows of a backward pass: kernels are prepared, and the terms of their gradients summed, in an order that does not
/// depend on the number of threads.
struct BackwardPass<Scalar: ConvolutionScalar> {
    private let plan: Plan<Scalar>
    private let layouts: RowLayouts
    private let partition: WorkPartition
    let team: WorkerTeam<Scalar>
    private let kernel: UnsafeBufferPointer<Scalar>
    private let kernelGradient: UnsafeMutableBufferPointer<Scalar>?
    /// A sum for each task, where several tasks share a kernel.
    private let parts: PooledArray<Scalar>?

    /// A row of a task.
    struct Row {
        let task: Int
        /// The row's number among those of its kernel.
        let number: Int
        let kernelIndex: Int
        let convolver: RowConvolver<Scalar>
        /// Where the row's term of the kernel's gradient is added, unless that is not wanted.
        let sum: UnsafeMutablePointer<Scalar>?
        let staged: UnsafeMutablePointer<Scalar>?
    }

    /// - Parameters:
    ///   - layouts: How the kernels, and their gradients, lie in memory.
    ///   - kernelGradient: Receives the kernels' gradients, if they are wanted.
    ///   - stagedCount: The scalars of the rows that each convolver's tasks stage.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is allocated.
    init(
        _ plan: Plan<Scalar>, _ partition: WorkPartition, kernel: UnsafeBufferPointer<Scalar>,
        _ layouts: RowLayouts, kernelGradient: UnsafeMutableBufferPointer<Scalar>?, stagedCount: Int = 0
    ) throws(ConvolutionError) {
        self.plan = plan
        self.layouts = layouts
        self.partition = partition
        self.kernel = kernel
        self.kernelGradient = kernelGradient
        let sumCount = plan.preparedCount
        let partCount = partition.tasksPerKernel > 1 && kernelGradient != nil ? partition.taskCount : 0
        team = try WorkerTeam(
            plan, rows: partition.rowCount, tasks: partition.taskCount, stagedCount: stagedCount,
            besides: [checkedProduct([partCount, sumCount, MemoryLayout<Scalar>.stride])])
        parts = partCount > 0 ? PooledArray<Scalar>(count: partCount * sumCount) : nil
    }

    /// Calls `body` for every row, and writes the gradients of the kernels.
    func forEachRow(_ body: (Row) -> Void) {
        team.forEachTask(partition.taskCount) { task, convolver, staged in
            let kernelIndex = partition.kernel(of: task)
            let sum = kernelGradient.map { _ in
                parts.map { $0.pointer + task * plan.preparedCount } ?? convolver.sum
            }
            if let sum { convolver.clear(sum) }
            convolver.prepare(layouts.kernel.row(kernelIndex, of: kernel), into: convolver.prepared)
            if let kernelGradient, parts == nil {
                convolver.prefetchForWriting(
                    layouts.kernelGradient.row(kernelIndex, of: kernelGradient), .kernel)
            }
            for number in partition.rows(of: task) {
                body(
                    Row(
                        task: task, number: number, kernelIndex: kernelIndex, convolver: convolver, sum: sum,
                        staged: staged))
            }
            if let sum, parts == nil {
                convolver.storeKernelGradient(
                    sum, into: layouts.kernelGradient.row(kernelIndex, of: kernelGradient!))
            }
        }
        addParts()
    }

    /// Adds up the sums of each kernel's tasks, in order, and writes the gradient.
    private func addParts() {
        guard let parts, let kernelGradient else { return }
        let sumCount = plan.preparedCount
        team.forEachTask(partition.kernelCount) { kernelIndex, convolver, _ in
            let first = parts.pointer + kernelIndex * partition.tasksPerKernel * sumCount
            for part in 1..<partition.tasksPerKernel {
                Scalar.vectorLoops.pointee.add_scaled(first + part * sumCount, 1, first, sumCount)
            }
            convolver.storeKernelGradient(
                first, into: layouts.kernelGradient.row(kernelIndex, of: kernelGradient))
        }
    }
}
