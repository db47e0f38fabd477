import CVectorLoops

extension StandardizationUnits {
    /// The pullback of the standardization: scale (g - mean(g) - y mean(g y)), with y the standardized input.
    func pullback(cotangent: Tensor, standardized: Tensor, _ statistics: [Statistics]) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: cotangent.shape) { result in
            standardized.withPointer { y in
                cotangent.withPointer { g in
                    forEachUnit(
                        nanoseconds: Tuning.Nanoseconds.standardizationPullback, width: 2,
                        [
                            (
                                { _, row, sums in
                                    sums[0] += loops.pointee.sum(g + row, rowLength)
                                    sums[1] += loops.pointee.dot(g + row, y + row, rowLength)
                                },
                                { unit, sums in
                                    let total = Float(units[unit].wholeCount * rowLength)
                                    forEachRow(of: unit) {
                                        loops.pointee.standardization_pullback(
                                            result + $0, y + $0, g + $0, 0, 1, Float(sums[0]) / total,
                                            Float(sums[1]) / total, rowLength)
                                        loops.pointee.multiply_scalar(
                                            result + $0, result + $0, statistics[unit].scale, rowLength)
                                    }
                                }
                            )
                        ])
                }
            }
        }
    }

    /// The sum of all scalars, each times its row's factor: the cotangent of the offset. A sample's rows are added to
    /// each other first.
    func sum(of tensor: Tensor, factors: [Float]?) -> Float {
        let loops = vectorLoops
        let rows = tensor.shape[0] * tensor.shape[1]
        let sums = tensor.withPointer { x in
            [Double](unsafeUninitializedCapacity: rows) { sums, count in
                let elements = sums.baseAddress  // Each row writes its own element.
                parallelRanges(of: rows, scalarsPerIndex: rowLength, nanoseconds: Tuning.Nanoseconds.sum) {
                    for row in $0 {
                        let sum = loops.pointee.sum(x + row * rowLength, rowLength)
                        (elements! + row).initialize(to: sum * Double(factors?[row] ?? 1))
                    }
                }
                count = rows
            }
        }
        let channels = tensor.shape[1]
        return Float(
            batchSum(samples: tensor.shape[0], in: tensor.partition) { sample in
                sums[sample * channels..<(sample + 1) * channels].reduce(0, +)
            })
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
                    forEachUnit(
                        nanoseconds: Tuning.Nanoseconds.longPolynomialPullback, width: 2,
                        [
                            (
                                { unit, row, sums in
                                    var g = g + row
                                    if let factors {
                                        loops.pointee.multiply_scalar(
                                            result + row, g, factors[row / rowLength], rowLength)
                                        g = UnsafePointer(result + row)
                                    }
                                    loops.pointee.standardize_gelu_pullback(
                                        result + row, x + row, g, statistics[unit].mean,
                                        statistics[unit].scale, rowLength, sums)
                                },
                                { unit, sums in
                                    let total = Float(units[unit].wholeCount * rowLength)
                                    forEachRow(of: unit) {
                                        loops.pointee.standardization_pullback(
                                            result + $0, x + $0, result + $0, statistics[unit].mean,
                                            statistics[unit].scale, Float(sums[0]) / total,
                                            Float(sums[1]) / total, rowLength)
                                    }
                                }
                            )
                        ])
                }
            }
        }
    }
}
