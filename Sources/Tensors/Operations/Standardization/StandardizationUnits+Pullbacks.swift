import CVectorLoops

extension StandardizationUnits {
    /// The pullback of the standardization: scale (g - mean(g) - y mean(g y)), with y the standardized input.
    func pullback(cotangent: Tensor, standardized: Tensor, _ statistics: [Statistics]) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: cotangent.shape) { result in
            standardized.withPointer { y in
                cotangent.withPointer { g in
                    forEachUnit(nanoseconds: Tuning.Nanoseconds.standardizationPullback) { unit in
                        let total = Float(units[unit].count * rowLength)
                        var sums = (0.0, 0.0)
                        forEachRow(of: unit) {
                            sums.0 += loops.pointee.sum(g + $0, rowLength)
                            sums.1 += loops.pointee.dot(g + $0, y + $0, rowLength)
                        }
                        forEachRow(of: unit) {
                            loops.pointee.standardization_pullback(
                                result + $0, y + $0, g + $0, 0, 1, Float(sums.0) / total,
                                Float(sums.1) / total,
                                rowLength)
                            loops.pointee.multiply_scalar(
                                result + $0, result + $0, statistics[unit].scale, rowLength)
                        }
                    }
                }
            }
        }
    }

    /// The sum of all scalars, each times its row's factor: the cotangent of the offset.
    func sum(of tensor: Tensor, factors: [Float]?) -> Float {
        let loops = vectorLoops
        let sums = tensor.withPointer { x in
            [Double](unsafeUninitializedCapacity: units.count) { sums, count in
                let elements = sums.baseAddress  // Each unit writes its own element.
                forEachUnit(nanoseconds: Tuning.Nanoseconds.sum) { unit in
                    var sum = 0.0
                    forEachRow(of: unit) {
                        sum += loops.pointee.sum(x + $0, rowLength) * Double(factors?[$0 / rowLength] ?? 1)
                    }
                    (elements! + unit).initialize(to: sum)
                }
                count = units.count
            }
        }
        return Float(sums.reduce(0, +))
    }

    /// The pullback of factors, GELU and standardization. Between the two loops `result` holds the cotangent of the
    /// standardized tensor.
    func geluPullback(
        cotangent: Tensor, input: Tensor, _ statistics: [Statistics], factors: [Float]?
    ) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: cotangent.shape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    forEachUnit(nanoseconds: Tuning.Nanoseconds.longPolynomialPullback) { unit in
                        let total = Float(units[unit].count * rowLength)
                        let (mean, scale) = (statistics[unit].mean, statistics[unit].scale)
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
                            sums.initialize(repeating: 0)
                            forEachRow(of: unit) { row in
                                var g = g + row
                                if let factors {
                                    loops.pointee.multiply_scalar(
                                        result + row, g, factors[row / rowLength], rowLength)
                                    g = UnsafePointer(result + row)
                                }
                                loops.pointee.standardize_gelu_pullback(
                                    result + row, x + row, g, mean, scale, rowLength, sums.baseAddress!)
                            }
                            forEachRow(of: unit) {
                                loops.pointee.standardization_pullback(
                                    result + $0, x + $0, result + $0, mean, scale, Float(sums[0]) / total,
                                    Float(sums[1]) / total, rowLength)
                            }
                        }
                    }
                }
            }
        }
    }
}
