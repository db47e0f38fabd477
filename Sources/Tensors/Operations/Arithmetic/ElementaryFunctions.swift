import CVectorLoops

extension Tensor {
    /// The square of each scalar.
    public func squared() -> Tensor {
        mapped(by: vectorLoops.pointee.square).recorded(from: self) { cotangent in
            [combined(with: cotangent, by: vectorLoops.pointee.square_pullback)]
        }
    }

    /// The square root of each scalar. The derivative at 0 is infinite.
    public func squareRoot() -> Tensor {
        let root = mapped(by: vectorLoops.pointee.square_root)
        return root.recorded(from: self) { cotangent in
            [root.combined(with: cotangent, by: vectorLoops.pointee.square_root_pullback)]
        }
    }

    /// The exponential of each scalar.
    public func exponential() -> Tensor {
        let power = mapped(by: vectorLoops.pointee.exponential, nanoseconds: Tuning.Nanoseconds.exponential)
        return power.recorded(from: self) { cotangent in
            [power.combined(with: cotangent, by: vectorLoops.pointee.exponential_pullback)]
        }
    }

    /// The sine of each scalar, an angle of any size in radians.
    public func sine() -> Tensor {
        mapped(by: vectorLoops.pointee.sine, nanoseconds: Tuning.Nanoseconds.longPolynomial).recorded(
            from: self
        ) { cotangent in
            [
                combined(
                    with: cotangent, by: vectorLoops.pointee.sine_pullback,
                    nanoseconds: Tuning.Nanoseconds.longPolynomial)
            ]
        }
    }

    /// The logistic function σ(x) = 1 / (1 + exp(-x)) of each scalar.
    public func sigmoid() -> Tensor {
        let activation = mapped(by: vectorLoops.pointee.sigmoid, nanoseconds: Tuning.Nanoseconds.sigmoid)
        return activation.recorded(from: self) { cotangent in
            [activation.combined(with: cotangent, by: vectorLoops.pointee.sigmoid_pullback)]
        }
    }

    /// The Gaussian error linear unit of each scalar: x Φ(x), where Φ is the normal distribution (the exact form
    /// with the error function, not the approximation by a hyperbolic tangent).
    ///
    /// Source: D. Hendrycks and K. Gimpel, arXiv 1606.08415.
    public func gelu() -> Tensor {
        mapped(by: vectorLoops.pointee.gelu, nanoseconds: Tuning.Nanoseconds.longPolynomial).recorded(
            from: self
        ) { cotangent in
            [
                combined(
                    with: cotangent, by: vectorLoops.pointee.gelu_pullback,
                    nanoseconds: Tuning.Nanoseconds.longPolynomial)
            ]
        }
    }

    /// The sigmoid linear unit of each scalar: x σ(x), the gate of Terminator's "SiGLU".
    ///
    /// Source: D. Hendrycks and K. Gimpel, arXiv 1606.08415; S. Elfwing et al., arXiv 1702.03118.
    public func silu() -> Tensor {
        mapped(by: vectorLoops.pointee.silu, nanoseconds: Tuning.Nanoseconds.sigmoid).recorded(from: self) {
            cotangent in
            [
                combined(
                    with: cotangent, by: vectorLoops.pointee.silu_pullback,
                    nanoseconds: Tuning.Nanoseconds.longPolynomial)
            ]
        }
    }

    /// The rectified linear unit of each scalar: max(x, 0); the derivative at 0 is 0.
    public func relu() -> Tensor {
        mapped(by: vectorLoops.pointee.relu).recorded(from: self) { cotangent in
            [combined(with: cotangent, by: vectorLoops.pointee.relu_pullback)]
        }
    }

    /// The function of each scalar that a loop computes.
    private func mapped(
        by loop: vl_unary_loop, nanoseconds: Double = Tuning.Nanoseconds.arithmetic
    ) -> Tensor {
        Tensor(shape: shape) { result in
            withPointer { x in
                parallelRanges(of: count, nanoseconds: nanoseconds) {
                    loop(result + $0.lowerBound, x + $0.lowerBound, $0.count)
                }
            }
        }
    }

    /// The pullback that a loop computes from this argument or result, and from the cotangent.
    private func combined(
        with cotangent: Tensor, by loop: vl_binary_loop, nanoseconds: Double = Tuning.Nanoseconds.arithmetic
    ) -> Tensor {
        Tensor(shape: shape) { result in
            withPointer { x in
                cotangent.withPointer { g in
                    parallelRanges(of: count, nanoseconds: nanoseconds) {
                        loop(result + $0.lowerBound, x + $0.lowerBound, g + $0.lowerBound, $0.count)
                    }
                }
            }
        }
    }
}
