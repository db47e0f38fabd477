import Convolution
import Foundation
import Reports
import Tensors
import Terminator
import Training
import YAMLConfiguration

/// The page of a trained network, section by section.
struct ReportPage {
    let program: String
    let summary: String
    let trained: TrainedNetwork
    let history: TrainingHistory
    /// The test samples as they are.
    let images: DataSet
    /// The same as the network reads them.
    let test: DataSet
    let classNames: [String]
    let predictions: Predictions

    private static let mistakeCount = 24
    private static let scoredCount = 6

    private var network: Network { trained.network }

    var html: String {
        var page = Page(
            title: "\(program): what was learned",
            introduction: [.element("p", [:], .text(summary)), results])
        page.add("Training", curves)
        page.add("Confusions", ConfusionTable(predictions.metrics.confusion, names: classNames).markup)
        page.add("Most mistaken", mistakes)
        page.add("Hyper-kernels", kernels)
        page.add("Pixel scores", scores)
        page.add("Configuration", .element("pre", [:], .text(network.configuration.yaml)))
        page.add("Machine", MachineDescription().listing.markup)
        return page.html
    }

    private var results: Markup {
        var rows = [
            ("test accuracy", "\(decimal(100 * predictions.metrics.accuracy, 2)) % of \(test.count) samples"),
            ("test loss", decimal(predictions.metrics.loss, 4)),
            ("parameters", "\(network.parameterCount), \(network.slowParameterCount) of them in slow nets"),
        ]
        if let last = history.epochs.last {
            let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
            rows.append(
                ("training", "epochs \(last.epoch), steps \(last.step), \(durationText(seconds))"))
        }
        return Listing(rows.map { (name: $0.0, value: $0.1) }).markup
    }

    // MARK: - Curves

    private var curves: Markup {
        guard !history.epochs.isEmpty else {
            return .element("p", [:], "No history.json lies beside the model.")
        }
        func curve(_ name: String, _ value: (TrainingHistory.Epoch) -> Double?) -> LineChart.Curve? {
            let points = history.epochs.compactMap { epoch in
                value(epoch).map { (x: Double(epoch.epoch), y: $0) }
            }
            return points.isEmpty ? nil : LineChart.Curve(name, points)
        }
        let charts: [(String, [LineChart.Curve?])] = [
            ("objective", [curve("training") { $0.objective }]),
            ("loss", [curve("training") { $0.loss }, curve("validation") { $0.validationLoss }]),
            (
                "accuracy, %",
                [
                    curve("training") { $0.accuracy.map { 100 * $0 } },
                    curve("validation") { $0.validationAccuracy.map { 100 * $0 } },
                ]
            ),
            ("learning rate", [curve("rate") { Double($0.learningRate) }]),
            ("samples per second", [curve("training") { Double($0.sampleCount) / max($0.seconds, 1e-9) }]),
        ]
        let figures = Markup.element(
            "div", ["class": "figures"],
            charts.compactMap { title, curves in
                let curves = curves.compactMap { $0 }
                return curves.isEmpty ? nil : LineChart(title: title, curves: curves).markup
            })
        return .group([
            .element(
                "p", ["class": "faint"],
                "By epoch. Training minimizes the objective; the loss is the cross entropy."), figures,
        ])
    }

    // MARK: - Images

    private var mistakes: Markup {
        let mistakes = predictions.mistakes
        guard !mistakes.isEmpty else { return .element("p", [:], "None of the test samples was mistaken.") }
        let figures = mistakes.prefix(Self.mistakeCount).map { prediction in
            sample(prediction).markup(
                caption: "\(classNames[prediction.label]) as \(classNames[prediction.predicted]), "
                    + "\(Int((100 * prediction.confidence).rounded())) %")
        }
        return .group([
            .element(
                "p", ["class": "faint"],
                """
                \(mistakes.count) of \(test.count) test samples were taken for another class. These have the largest \
                loss: the class, what it was taken for, and how probable the network held that.
                """), .element("div", ["class": "figures"], Array(figures)),
        ])
    }

    private func sample(_ prediction: Predictions.Prediction) -> Picture {
        let image = images.image(at: prediction.index)
        return Picture(
            image, side: 84,
            description: "test sample \(prediction.index), of class \(classNames[prediction.label])")
    }

    private var kernels: Markup {
        let figures = network.blocks.enumerated().map { index, block in
            let kernel = block.globalSlowNet.kernel()
            let sheet = KernelSheet(of: kernel)
            let image = sheet.image
            let caption =
                "block \(index): channels \(kernel.shape[0]), full color at ±"
                + String(format: "%.3g", sheet.scale)
            return Picture(
                png: image.png, width: image.width, height: image.height,
                description: caption
            ).markup(caption: caption)
        }
        let explanation =
            network.configuration.extents.count == 1
            ? "a row for each channel, time from left to right" : "a tile for each channel"
        return .group([
            .element(
                "p", ["class": "faint"],
                "The global hyper-kernel of each block, \(explanation); blue below zero, red above."),
            .element("div", ["class": "figures"], figures),
        ])
    }

    /// The gates of the hyper interaction over the places of a few images.
    private var scores: Markup {
        let chosen = Array((predictions.mistakes + predictions.all).prefix(Self.scoredCount))
        let batches = Batches(
            of: test, normalization: trained.normalization, batchSize: chosen.count,
            order: chosen.map(\.index))
        let scores = batches.first { _ in true }.map { network.pixelScores(of: $0.inputs) } ?? []
        let header = Markup.element(
            "tr", [:],
            [.element("th", ["scope": "col"], "sample")]
                + network.blocks.indices.map { .element("th", ["scope": "col"], "block \($0)") })
        let rows = chosen.enumerated().map { row, prediction in
            Markup.element(
                "tr", [:],
                [.element("td", [:], sample(prediction).markup)]
                    + scores.enumerated().map { block, scores in
                        .element("td", [:], picture(of: scores, row: row, block: block).markup)
                    })
        }
        return .group([
            .element(
                "p", ["class": "faint"],
                """
                How far the hyper interaction of each block lets each place through: its gate, averaged over the \
                channels. White is 0.5, blue less, red more, full color the place of a picture that is farthest from \
                0.5. Places are in the order in which the network reads them.
                """), .element("div", ["class": "wide"], .element("table", [:], [header] + rows)),
        ])
    }

    private func picture(of scores: Tensor, row: Int, block: Int) -> Picture {
        let extents = SampleGrid.extents(of: Array(scores.shape.dropFirst()))
        let size = extents.reduce(1, *)
        let values = scores.scalars[row * size..<(row + 1) * size].map { $0 - 0.5 }
        let sheet = KernelSheet(of: Tensor(shape: [1] + extents, scalars: Array(values)))
        return Picture(
            sheet.image, side: 84,
            description: "block \(block): from \(0.5 + values.min()!) to \(0.5 + values.max()!)")
    }
}
