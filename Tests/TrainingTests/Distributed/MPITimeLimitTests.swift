import Foundation
import Testing

@testable import Training

/// The time limit of exchanges follows the environment. Each in a process of its own.
@Suite struct MPITimeLimitTests {
    @Test func environmentVariable() async {
        await #expect(processExitsWith: .success) {
            unsetenv("LONGCONV_MPI_TIME_LIMIT")
            #expect(MPI.timeLimit(onRank: 0) == 300)
            setenv("LONGCONV_MPI_TIME_LIMIT", "2.5", 1)
            #expect(MPI.timeLimit(onRank: 0) == 2.5)
            #expect(MPI.timeLimit(onRank: 1) == 2.5)
        }
    }

    /// The first process alone warns.
    @Test func environmentVariableThatIsNoTime() async {
        for text in ["0", "-1", "soon", "nan", "300 s"] {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                [text = text as String] in
                setenv("LONGCONV_MPI_TIME_LIMIT", text, 1)
                #expect(MPI.timeLimit(onRank: 0) == 300)
                #expect(MPI.timeLimit(onRank: 1) == 300)
            }
            let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            let warning = "expected a number of seconds above 0, found \"\(text)\"; using 300"
            #expect(output.components(separatedBy: warning).count == 2, "\(output)")
        }
    }
}
