import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Whether the machine has its processors to spare: a short, fixed piece of work, timed many times on each thread.
public struct Calibration: Codable, Sendable {
    /// The mean number of processes that wanted a processor during the last minute; -1 where it is unknown. It still
    /// remembers a compiler that has just finished, so it is shown but decides nothing.
    public let loadAverage: Double
    /// The mean time of the piece of work over its best time: 1 on an idle machine, about 2 where another process
    /// wants every processor. (Not the median: most pieces fit into a turn on the processor, so half may be good.)
    public let slowdown: Double

    /// Whether timings are worth keeping.
    public var isIdle: Bool { slowdown < 1.1 }

    /// Takes about a third of a second.
    public init(threads: Int) {
        var load = [-1.0]
        getloadavg(&load, 1)
        loadAverage = load[0]
        let times = Mutex<[Double]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            let mine = (0..<300).map { _ in Self.timePieceOfWork() }
            times.withLock { $0 += mine }
        }
        let all = times.withLock { $0 }
        slowdown = all.reduce(0, +) / Double(all.count) / all.min()!
    }

    /// A chain of dependent multiplications, some 1 ms long: it touches no memory and cannot be shortened.
    private static func timePieceOfWork() -> Double {
        var value: UInt64 = 1
        let time = ContinuousClock().measure {
            for _ in 0..<1_000_000 { value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
        }
        return value == 0 ? .infinity : time / .milliseconds(1)
    }
}

extension Calibration: CustomStringConvertible {
    /// One line.
    public var description: String {
        let figures =
            "load average \(decimal(loadAverage, places: 2)), a fixed piece of work takes "
            + "\(decimal(slowdown, places: 2)) of its best time"
        return isIdle
            ? "The machine is idle (\(figures))." : "THE MACHINE IS BUSY, timings mean little (\(figures))."
    }
}
