import Foundation
import Testing

@testable import Reports

@Suite struct ChartTests {
    @Test func findsRoundTicks() {
        #expect(Axis([0, 1], from: 0, to: 100).ticks == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(Axis([3, 30], from: 0, to: 100).ticks == [10, 20, 30])
        #expect(Axis([-7, 7], from: 0, to: 100).ticks == [-5, 0, 5])
        #expect(Axis([1e-6, 9e-6], from: 0, to: 1).ticks.count == 4)
    }

    /// Each tick has as many digits as tell it from the next one.
    @Test func labelsTicks() {
        func labels(_ values: [Double]) -> [String] { Axis(values, from: 0, to: 100).labels }
        #expect(labels([0.00003, 0.0002]) == ["0.00005", "0.0001", "0.00015", "0.0002"])
        #expect(labels([0, 1]) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
        #expect(
            labels([-7, 7]) == ["-5", "0", "5"]
                && labels([-0.3, 0.1]) == ["-0.3", "-0.2", "-0.1", "0", "0.1"])
        #expect(labels([1, 1.00002]) == ["1", "1.000005", "1.00001", "1.000015", "1.00002"])
        #expect(labels([0, 12_000]) == ["0", "5000", "10000"])
        #expect(labels([1e-6, 9e-6]) == ["0.000002", "0.000004", "0.000006", "0.000008"])
        #expect(labels([1e-7, 3e-7]) == ["1e-07", "1.5e-07", "2e-07", "2.5e-07", "3e-07"])
        #expect(labels([0, 4e12]) == ["0", "1e+12", "2e+12", "3e+12", "4e+12"])
    }

    /// Whatever the range: the labels differ, and each is its tick.
    @Test func labelsAreTheirTicks() throws {
        for exponent in -12...12 {
            for (least, largest) in [(0, 1.0), (0.3, 0.9), (-4, 7.7), (1.23, 1.25), (9.97, 10.02)] {
                let scale = pow(10, Double(exponent))
                let axis = Axis([least * scale, largest * scale], from: 0, to: 1)
                #expect(Set(axis.labels).count == axis.ticks.count && 2...7 ~= axis.ticks.count)
                for (tick, label) in zip(axis.ticks, axis.labels) {
                    // A tick is a product of a power of ten, correct to an ulp or two, and of an integer.
                    #expect(abs(try #require(Double(label)) - tick) <= 4 * tick.ulp, "\(label)")
                }
            }
        }
    }

    @Test func epochsAreIntegers() {
        func ticks(_ values: [Double]) -> [Double] {
            Axis(values, from: 0, to: 100, isOfIntegers: true).ticks
        }
        #expect(ticks([1]) == [1] && ticks([1, 2]) == [1, 2] && ticks([1, 2, 3]) == [1, 2, 3])
        #expect(ticks([1, 7]) == [2, 4, 6] && ticks([1, 30]) == [10, 20, 30])
        let chart = LineChart(title: "t", curves: [.init("c", [(x: 1, y: 0), (x: 2, y: 10)])])
        let labels = chart.markup.html.matches(of: /text-anchor="middle">([^<]*)</).map { String($0.1) }
        #expect(labels == ["1", "2"])
    }

    @Test func placesValues() {
        let axis = Axis([2, 4, 6], from: 100, to: 0)
        #expect(axis.place(of: 2) == 100 && axis.place(of: 6) == 0 && axis.place(of: 4) == 50)
        // A single value lies in the middle.
        #expect(Axis([5, 5], from: 0, to: 10).place(of: 5) == 5)
        #expect(Axis([0], from: 0, to: 10).place(of: 0) == 5)
        let small = Axis([1e-5], from: 0, to: 10)
        // Some roundings of numbers near 5.
        #expect(abs(small.place(of: 1e-5) - 5) < 1e-12 && small.ticks.contains { abs($0 - 1e-5) < 1e-9 })
    }

    /// Histories come from files: their numbers may be as large and as close to each other as numbers are.
    @Test func extremeValuesHaveAxes() {
        let extremes: [[Double]] = [
            [-1e300, 1e300], [1e300, 1e300 * (1 + .ulpOfOne)], [0, .leastNonzeroMagnitude],
            [.leastNormalMagnitude / 2, .leastNormalMagnitude],
            [1e15, 1e15 + 1],
            [-.leastNonzeroMagnitude, 1e300],
        ]
        for values in extremes {
            let ticks = Axis(values, from: 0, to: 1).ticks
            #expect(ticks.count <= 8 && ticks.allSatisfy(\.isFinite), "\(values) \(ticks)")
            _ = ticks.map(short)
        }
        let chart = LineChart(
            title: "loss",
            curves: [.init("all", [(x: 1, y: 1e308), (x: 2, y: -1e308), (x: 3, y: .infinity)])])
        #expect(chart.markup.html.contains("No values."))
    }

    @Test func writesNumbersShort() {
        #expect(short(3) == "3" && short(-0.5) == "-0.5" && short(0.30000000000000004) == "0.3")
        #expect(short(0) == "0" && short(1e-6) == "1e-06")
    }

    @Test func drawsCurves() {
        let chart = LineChart(
            title: "loss",
            curves: [
                .init("training", [(x: 1, y: 0), (x: 2, y: 10), (x: 3, y: .nan)]),
                .init("validation", [(x: 2, y: 5)]),
            ])
        let html = chart.markup.html
        // From the lower left corner of the field to the upper right one; the one value of the second in the middle.
        #expect(html.contains("<path class=\"first\" d=\"M56 192L428 12\"></path>"))
        #expect(html.contains("<circle class=\"second\" cx=\"428\" cy=\"102\" r=\"3\">"))
        #expect(html.contains("loss (training: solid, validation: dashed)"))
        #expect(LineChart(title: "none", curves: [.init("a", [])]).markup.html.contains("No values."))
    }

    @Test func countsConfusions() {
        let table = ConfusionTable([[5, 0, 1], [2, 8, 0], [1, 0, 9]], names: ["a", "b", "c"])
        let html = table.markup.html
        #expect(html.contains("title=\"b taken for a: 2, 20 %\">2</td>"))
        #expect(html.contains("title=\"c taken for c: 9, 90 %\">9</td>"))
        let cells = table.mistakes(count: 2).html.matches(of: /<td[^>]*>([^<]*)<\/td>/).map { String($0.1) }
        #expect(cells == ["b", "a", "2", "a", "c", "1"])
    }

    /// Of a hundred classes ten thousand pairs would be shown: the mistakes are listed instead.
    @Test func listsMistakesOfManyClasses() {
        var confusion = Array(repeating: Array(repeating: 0, count: 100), count: 100)
        confusion[7][93] = 12
        let html = ConfusionTable(confusion, names: (0..<100).map { "class \($0)" }).markup.html
        #expect(html.contains("class 93") && !html.contains("class 50") && !html.contains("matrix"))
    }
}
