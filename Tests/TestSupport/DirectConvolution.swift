import Convolution

/// Convolution by its definition: literally adding up the products. The layer on which all others are tested.
public enum DirectConvolution {
    /// The pairs (output, signal, kernel element) of a convolution along one axis whose products make up the output.
    public static func terms(
        signal: Int, kernel: Int, boundary: Boundary, orientation: Orientation
    ) -> (outputCount: Int, terms: [(output: Int, signal: Int, kernel: Int)]) {
        let (offset, count) =
            switch boundary {
            case .causal, .circular: (0, signal)
            case .centred: (kernel / 2, signal)
            case .full: (0, signal + kernel - 1)
            case .valid: (kernel - 1, signal - kernel + 1)
            }
        var terms: [(output: Int, signal: Int, kernel: Int)] = []
        for x in 0..<signal {
            for s in 0..<kernel {
                let full = x + s
                let element = orientation == .convolution ? s : kernel - 1 - s
                if boundary == .circular {
                    terms.append((full % signal, x, element))
                } else if (offset..<offset + count).contains(full) {
                    terms.append((full - offset, x, element))
                }
            }
        }
        return (count, terms)
    }
}

/// A bilinear map given by its terms: output[o] = Σ signal[x] · kernel[k], in one or two dimensions.
public struct DirectBilinearMap {
    /// The number of signal values.
    public let signalCount: Int
    /// The number of kernel values.
    public let kernelCount: Int
    /// The number of outputs.
    public let outputCount: Int
    private let terms: [(output: Int, signal: Int, kernel: Int)]

    /// The map for the given extents of one or two axes.
    public init(
        signal: [Int], kernel: [Int], boundary: Boundary, orientation: Orientation = .convolution
    ) {
        var all: [(output: Int, signal: Int, kernel: Int)] = [(0, 0, 0)]
        var outputCount = 1
        for axis in signal.indices {
            let (count, along) = DirectConvolution.terms(
                signal: signal[axis], kernel: kernel[axis], boundary: boundary, orientation: orientation)
            all = all.flatMap { outer in
                along.map { inner in
                    (
                        output: outer.output * count + inner.output,
                        signal: outer.signal * signal[axis] + inner.signal,
                        kernel: outer.kernel * kernel[axis] + inner.kernel
                    )
                }
            }
            outputCount *= count
        }
        terms = all
        self.outputCount = outputCount
        signalCount = signal.reduce(1, *)
        kernelCount = kernel.reduce(1, *)
    }

    /// The output, and for each output the sum of its terms' magnitudes.
    public func output(_ signal: ArraySlice<Double>, _ kernel: ArraySlice<Double>) -> (
        values: [Double], magnitudes: [Double]
    ) {
        var values = [Double](repeating: 0, count: outputCount)
        var magnitudes = values
        for term in terms {
            let product = signal[signal.startIndex + term.signal] * kernel[kernel.startIndex + term.kernel]
            values[term.output] += product
            magnitudes[term.output] += abs(product)
        }
        return (values, magnitudes)
    }

    /// ∂signal of Σ output · upstream.
    public func signalGradient(_ upstream: ArraySlice<Double>, _ kernel: ArraySlice<Double>) -> [Double] {
        var gradient = [Double](repeating: 0, count: signalCount)
        for term in terms {
            gradient[term.signal] +=
                upstream[upstream.startIndex + term.output] * kernel[kernel.startIndex + term.kernel]
        }
        return gradient
    }

    /// ∂kernel of Σ output · upstream.
    public func kernelGradient(_ upstream: ArraySlice<Double>, _ signal: ArraySlice<Double>) -> [Double] {
        var gradient = [Double](repeating: 0, count: kernelCount)
        for term in terms {
            gradient[term.kernel] +=
                upstream[upstream.startIndex + term.output] * signal[signal.startIndex + term.signal]
        }
        return gradient
    }
}
