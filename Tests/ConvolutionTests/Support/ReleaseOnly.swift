import Testing

extension Trait where Self == ConditionTrait {
    /// Skips a test where assertions are checked: it takes long there and says nothing that the release build does not, or it
    /// counts allocations, and checks may allocate.
    static var releaseOnly: Self { .disabled(if: checksAssertions, "run by the release build alone") }

    private static var checksAssertions: Bool {
        var isChecked = false
        assert({ isChecked = true }() == ())
        return isChecked
    }
}
