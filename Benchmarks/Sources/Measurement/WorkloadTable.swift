/// The tables of workloads that are measured.
public enum WorkloadTable: String, Codable, CaseIterable, Sendable {
    /// Convolutions whose kernels are as long as their signals, with a kernel for each channel and for each row.
    case long
    /// The same with gates and a skip, with a kernel for each channel.
    case gated
    /// One row and a kernel much shorter than it.
    case short

    /// The table's workloads.
    ///
    /// - Parameters:
    ///   - shapes: The shapes of the signals; none: the table's own.
    ///   - isQuick: Whether those are a few small ones, for trying the programs out.
    public func workloads(shapes: [String], isQuick: Bool) throws(WorkloadError) -> [Workload] {
        var workloads: [Workload] = []
        for shape in shapes.isEmpty ? self.shapes(isQuick: isQuick) : shapes {
            switch self {
            case .long:
                for kernels in Workload.Kernels.allCases {
                    workloads.append(try Workload(shape: shape, kernels: kernels))
                }
            case .gated:
                workloads.append(try Workload(shape: shape, kernels: .shared, isGated: true))
            case .short:
                for length in isQuick ? [25, 512] : Self.shortKernels {
                    workloads.append(try Workload(shape: shape, kernels: .shared, kernelExtents: [length]))
                }
            }
        }
        return workloads
    }

    /// The lengths of kernels much shorter than the signals, from the first that is not summed directly.
    private static let shortKernels = [25, 128, 512, 2048, 8192]

    private func shapes(isQuick: Bool) -> [String] {
        switch (self, isQuick) {
        case (.long, false):
            [
                "16x64x784", "16x64x1024", "8x64x4096", "4x64x16384", "2x32x65536", "1x4x1048576",
                "1x1x16777216", "16x64x32x32", "8x64x64x64", "2x16x256x256", "1x3x1024x1024",
            ]
        case (.long, true): ["16x64x784", "4x64x4096", "4x64x32x32"]
        case (.gated, false): ["16x64x1024", "8x64x4096"]
        case (.gated, true): ["4x64x1024"]
        case (.short, false): (16...22).map { "1x1x\(1 << $0)" }
        case (.short, true): ["1x1x65536"]
        }
    }
}
