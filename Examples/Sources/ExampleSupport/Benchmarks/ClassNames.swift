/// The names of the classes of data sets, in the data's order.
public enum ClassNames {
    /// CIFAR-10.
    public static let cifar10 = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    /// STL-10.
    public static let stl10 = [
        "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
    ]
}
