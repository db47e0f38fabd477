/// How the right-angle transform of a row that outgrows the cache is cut: `columns` rows of `leaf` points.
struct SplitRecipe: Hashable, Sendable {
    let columns: Int
    let leaf: Int
    /// How many columns are transformed together.
    let width: Int

    var length: Int { columns * leaf }

    /// The smallest length from `length` on with a good number of columns, for a leaf that suits the length.
    static func best(atLeast length: Int) -> SplitRecipe {
        // Leaves of 1024 are FFTW's best; longer ones keep the columns short in very long rows.
        let leaf = length <= 1 << 20 ? 1024 : 4096
        let columns = FourierLength.best(atLeast: (length + leaf - 1) / leaf)
        return SplitRecipe(columns: columns, leaf: leaf, width: columns <= 256 ? 64 : 16)
    }
}
