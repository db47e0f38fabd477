import Foundation

/// Prints how close each case came when the environment variable GOLDEN_REPORT is set.
enum GoldenReport {
    private static let isWanted = ProcessInfo.processInfo.environment["GOLDEN_REPORT"] != nil

    static func note(_ line: String) {
        if isWanted { print("golden", line) }
    }
}
