/// The next multiple of 16 scalars: whole cache lines in either precision.
func wholeCacheLines(_ count: Int) -> Int { (count + 15) / 16 * 16 }
