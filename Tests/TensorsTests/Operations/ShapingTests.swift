import Tensors
import TestSupport
import Testing

struct ShapingTests {
    @Test func reshaping() {
        var numbers = seededNumbers()
        let x = numbers.tensor([2, 6])
        #expect(x.reshaped(to: [3, 1, 4]).shape == [3, 1, 4])
        #expect(x.reshaped(to: [3, 1, 4]).scalars == x.scalars)
        #expect(gradientMismatches(of: [x]) { $0[0].reshaped(to: [12]) } == [])
    }

    @Test(arguments: [
        ([2, 3, 4], 0), ([2, 3, 4], 1), ([2, 3, 4], 2), ([5], 0), ([1, 1], 1), ([2, 3, 1, 5], 1),
    ])
    func concatenation(_ shape: [Int], _ axis: Int) {
        var numbers = seededNumbers()
        let extents = [shape[axis], 1, 3]
        let parts = extents.map { extent in
            var partShape = shape
            partShape[axis] = extent
            return numbers.tensor(partShape)
        }
        let naive = parts.map(NaiveTensor.init)
        var whole = shape
        whole[axis] = extents.reduce(0, +)
        let expected = NaiveTensor(shape: whole) { index in
            var (index, part) = (index, 0)
            while index[axis] >= extents[part] {
                index[axis] -= extents[part]
                part += 1
            }
            return naive[part][index]
        }
        let result = Tensor.concatenated(parts, alongAxis: axis)
        #expect(result.shape == whole)
        #expect(largestDifference(result.scalars, expected.scalars) == 0)
        #expect(gradientMismatches(of: parts) { Tensor.concatenated($0, alongAxis: axis) } == [])
        // One operand alone is recorded; another occurs twice.
        #expect(
            gradientMismatches(of: [parts[0]]) {
                Tensor.concatenated([parts[1], $0[0], parts[2], $0[0]], alongAxis: axis)
            } == [])
    }

    @Test(arguments: [
        ([2, 3, 4], 0, 1..<2), ([2, 3, 4], 1, 1..<3), ([2, 3, 4], 2, 0..<4), ([2, 3, 4], 2, 1..<2),
        ([5], 0, 2..<5),
        ([1], 0, 0..<1), ([2, 5], 1, 2..<2),
    ])
    func slicing(_ shape: [Int], _ axis: Int, _ range: Range<Int>) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let naive = NaiveTensor(x)
        var part = shape
        part[axis] = range.count
        let expected = NaiveTensor(shape: part) { index in
            var index = index
            index[axis] += range.lowerBound
            return naive[index]
        }
        let result = x.slice(alongAxis: axis, range)
        #expect(result.shape == part)
        #expect(largestDifference(result.scalars, expected.scalars) == 0)
        #expect(gradientMismatches(of: [x]) { $0[0].slice(alongAxis: axis, range) } == [])
    }

    /// Parts that overlap, leave gaps, are empty, and do not reach the loss.
    @Test(arguments: 0..<3) func slicesOfOneAxis(_ axis: Int) {
        var numbers = seededNumbers()
        let x = numbers.tensor([5, 6, 7])
        let ranges = [1..<4, 0..<2, 3..<3, 4..<5]
        let parts = x.slices(alongAxis: axis, ranges)
        for (part, range) in zip(parts, ranges) {
            #expect(part.shape == x.slice(alongAxis: axis, range).shape)
            #expect(part.scalars == x.slice(alongAxis: axis, range).scalars)
        }
        #expect(
            gradientMismatches(of: [x]) {
                let parts = $0[0].slices(alongAxis: axis, ranges)
                return .concatenated([parts[0] * parts[0], parts[1]], alongAxis: axis)
            } == [])
    }

    @Test(arguments: [([2, 3, 5], 6), ([1, 1, 4], 3), ([2, 3, 2, 2], 3), ([2, 2], 8), ([3, 4, 1], 12)])
    func tiling(_ shape: [Int], _ channels: Int) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let naive = NaiveTensor(x)
        let expected = NaiveTensor(shape: [shape[0], channels] + shape[2...]) { index in
            var index = index
            index[1] %= shape[1]
            return naive[index]
        }
        let result = x.tiled(toChannels: channels)
        #expect(result.shape == expected.shape)
        #expect(largestDifference(result.scalars, expected.scalars) == 0)
        #expect(gradientMismatches(of: [x]) { $0[0].tiled(toChannels: channels) } == [])
    }

    @Test func wrongShapesTrap() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [6], repeating: 0).reshaped(to: [4])
        }
        #expect(says("expected a shape of 6 scalars, as [6] has, got [4]", first?.standardErrorContent))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [6], repeating: 0).slice(alongAxis: 0, 4..<7)
        }
        #expect(says("expected a range within 0..<6, got 4..<7", second?.standardErrorContent))
        let third = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 3, 2], repeating: 0).tiled(toChannels: 4)
        }
        #expect(says("expected a multiple of 3 channels to tile to, got 4", third?.standardErrorContent))
        let fourth = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let parts = [Tensor(shape: [2, 3], repeating: 0), Tensor(shape: [3, 2], repeating: 0)]
            _ = Tensor.concatenated(parts, alongAxis: 0)
        }
        #expect(says("expected the shape", fourth?.standardErrorContent))
        let fifth = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [-1, -1], repeating: 0)
        }
        #expect(says("expected extents of at least 0, got [-1, -1]", fifth?.standardErrorContent))
    }
}
