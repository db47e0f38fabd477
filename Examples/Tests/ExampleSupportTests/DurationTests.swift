import Testing

@testable import ExampleSupport

@Suite struct DurationTests {
    @Test(
        arguments: [
            (0, "0 ms"), (0.0004, "0 ms"), (0.08, "80 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"),
            (1.04, "1.0 s"),
            (4.2, "4.2 s"), (9.94, "9.9 s"), (9.96, "10 s"), (12.3, "12 s"), (59.4, "59 s"),
            (59.6, "1 min 0 s"),
            (200, "3 min 20 s"), (3599.4, "59 min 59 s"), (3599.6, "1 h 0 min"), (3600, "1 h 0 min"),
            (7500, "2 h 5 min"), (7199, "2 h 0 min"), (100_000, "27 h 47 min"),
        ] as [(Double, String)])
    func readsAsPeopleSay(seconds: Double, text: String) { #expect(durationText(seconds) == text) }
}
