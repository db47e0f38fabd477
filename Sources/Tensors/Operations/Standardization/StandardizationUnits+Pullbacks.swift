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
                                    sums[0] += loops.pointee.sum(g + row.start, row.count)
                                    sums[1] += loops.pointee.dot(g + row.start, y + row.start, row.count)
                                },
                                { unit, sums in
                                    let total = Float(units[unit].scalarCount)
                                    forEachRow(of: unit) {
                                        let x = result + $0.start
                                        loops.pointee.standardization_pullback(
                                            x, y + $0.start, g + $0.start, 0, 1, Float(sums[0]) / total,
                                            Float(sums[1]) / total, $0.count)
                                        loops.pointee.multiply_scalar(
                                            x, x, statistics[unit].scale, $0.count)
                                        clearBehind($0, of: result)
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
                    for index in $0 {
                        let row = row(index)
                        let sum = loops.pointee.sum(x + row.start, row.count)
                        (elements! + index).initialize(to: sum * Double(factors?[index] ?? 1))
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
                                    let y = result + row.start
                                    var g = g + row.start
                                    if let factors {
                                        loops.pointee.multiply_scalar(
                                            y, g, factors[row.start / rowLength], row.count)
                                        g = UnsafePointer(y)
                                    }
                                    loops.pointee.standardize_gelu_pullback(
                                        y, x + row.start, g, statistics[unit].mean,
                                        statistics[unit].scale, row.count, sums)
                                },
                                { unit, sums in
                                    let total = Float(units[unit].scalarCount)
                                    forEachRow(of: unit) {
                                        let y = result + $0.start
                                        loops.pointee.standardization_pullback(
                                            y, x + $0.start, y, statistics[unit].mean,
                                            statistics[unit].scale, Float(sums[0]) / total,
                                            Float(sums[1]) / total, $0.count)
                                        clearBehind($0, of: result)
                                    }
                                }
                            )
                        ])
                }
            }
        }
    }
}
