import ArgumentParser
import Foundation

/// Makes every system call of the programs fail in turn, kills them at random moments, and checks that nothing is lost.
@main struct FaultInjection: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract:
                "Makes every system call of the programs fail in turn, and checks that nothing is lost.",
            discussion: """
                Faults are injected by strace, each into a run of its own. After each, the previous state must be whole, \
                and running the command again must come to the same bits as an undisturbed run.
                """)
    }

    @Option(help: "The folder with the programs.") var programs = "../.build/programs"
    @Option(
        help: "The folder with the program FetchSample, for the downloads; without it, they are left out.")
    var tools: String?
    @Option(help: "Inject only every n-th fault.") var every = 1
    @Option(help: "How often to kill a training.") var kills = 200
    @Option(help: "The library that shortens writes; without it, they are not shortened.") var shortWrites:
        String?
    @Option(help: "The seed of the moments of the kills.") var seed: UInt64 = 1
    @Option(help: "A regular expression: only the scenarios whose whole names match it.") var only = ""

    func run() throws {
        var scenarios: [any Scenario] = [
            try TrainingScenario(programs: programs, isResumed: false),
            try TrainingScenario(programs: programs, isResumed: true), try ReportScenario(programs: programs),
            try ConvolutionScenario(programs: programs),
        ]
        if let tools {
            for kind in DownloadScenario.Kind.allCases {
                for hasPart in [false, true] {
                    scenarios.append(try DownloadScenario(tools: tools, kind: kind, hasPart: hasPart))
                }
            }
        }
        if !only.isEmpty {
            let pattern = try Regex(only)
            scenarios.removeAll { $0.name.wholeMatch(of: pattern) == nil }
        }
        var losses: [String] = []
        var injected = 0
        print("| scenario | injected | succeeded | refused | ended by a signal | states lost |")
        print("|---|---|---|---|---|---|")
        for scenario in scenarios {
            var row = Row(name: scenario.name)
            try injectFaults(into: scenario, &row)
            row.printLine()
            injected += row.injected
            if scenario is TrainingScenario {
                var row = Row(name: scenario.name + ", killed")
                try kill(scenario, &row)
                row.printLine()
                injected += row.injected
                losses += row.losses
            }
            if let shortWrites {
                var row = Row(name: scenario.name + ", writes cut short")
                try scenario.prepare()
                try row.add(
                    scenario.program.runUntraced(scenario.arguments, preloading: shortWrites), of: scenario,
                    fault: "short writes")
                row.printLine()
                injected += row.injected
                losses += row.losses
            }
            losses += row.losses
        }
        print("\(injected) faults, kills and short writes; \(losses.count) states lost.")
        if !losses.isEmpty { throw ExitCode.failure }
    }

    /// Lets the n-th call of each name fail, for each n, with each error.
    private func injectFaults(into scenario: any Scenario, _ row: inout Row) throws {
        try scenario.prepare()
        let undisturbed = try scenario.program.run(scenario.arguments)
        let lines = try scenario.program.traceLines()
        let counts = TraceLine.callCounts(lines)
        let order = WriteOrder.check(lines)
        for mistake in order.mistakes { row.losses.append("\(scenario.name): \(mistake)") }
        guard !counts.isEmpty else { throw Unusable(what: "\(scenario.name): the trace has no system calls") }
        guard undisturbed.isSuccess else {
            throw Unusable(what: "\(scenario.name) under strace ends with \(undisturbed.description)")
        }
        FileHandle.standardError.write(
            Data(
                "\(scenario.name): \(order.renamings) files replaced; calls: \(counts.sorted { $0.key < $1.key })\n"
                    .utf8))
        var index = 0
        for call in SystemCall.all {
            for number in stride(from: 1, through: counts[call.name] ?? 0, by: 1) {
                for error in call.errors {
                    index += 1
                    guard index % every == 0 else { continue }
                    let fault = Fault(call: call.name, error: error, number: number)
                    try scenario.prepare()
                    let ending = try scenario.program.run(scenario.arguments, fault: fault)
                    // Swift's runtime finds the command line there; without it, a program prints its help and succeeds.
                    let isOfRuntime = try scenario.program.traceLines().contains {
                        $0.text.contains("INJECTED")
                            && $0.text.contains(#/"/proc/self/maps"|</proc/\d+/maps>/#)
                    }
                    if isOfRuntime { continue }
                    try row.add(ending, of: scenario, fault: "\(fault)", maySignal: call.name == "mmap")
                }
            }
        }
    }

    /// Kills a command at random moments.
    private func kill(_ scenario: any Scenario, _ row: inout Row) throws {
        var generator = SplitMix64(seed: seed)
        try scenario.prepare()
        let start = ContinuousClock.now
        _ = try scenario.program.runUntraced(scenario.arguments)
        let duration = (ContinuousClock.now - start) / .seconds(1)
        for number in 0..<kills {
            try scenario.prepare()
            let moment = ContinuousClock.now + .seconds(Double.random(in: 0...duration, using: &generator))
            let ending = try scenario.program.runUntraced(
                scenario.arguments, killedWhen: { ContinuousClock.now >= moment })
            try row.add(ending, of: scenario, fault: "kill number \(number), seed \(seed)", maySignal: true)
        }
    }
}

/// What came of the faults in one scenario.
private struct Row {
    let name: String
    var injected = 0, succeeded = 0, refused = 0, signals = 0
    var losses: [String] = []

    init(name: String) { self.name = name }

    mutating func add(
        _ ending: Ending, of scenario: any Scenario, fault: String, maySignal: Bool = false
    ) throws {
        injected += 1
        if ending.isSuccess { succeeded += 1 } else if ending.isSignal { signals += 1 } else { refused += 1 }
        if ending.isSignal, !maySignal {
            losses.append("\(name), \(fault): the program ends by \(ending.description)")
        } else if !ending.isSignal, !ending.isSuccess, ending.errors.isEmpty {
            losses.append("\(name), \(fault): the program fails without a word")
        }
        if let loss = try scenario.loss(after: ending) {
            losses.append("\(name), \(fault): \(loss); the program ended with \(ending.description)")
        }
    }

    func printLine() {
        for loss in losses { FileHandle.standardError.write(Data("\(loss)\n".utf8)) }
        print("| \(name) | \(injected) | \(succeeded) | \(refused) | \(signals) | \(losses.count) |")
        fflush(nil)
    }
}
