/// Where data come from and which files a folder with them has.
public enum DataDescription {
    /// The MNIST database.
    public static let mnist = """
        The data are the MNIST database's four files, train-images-idx3-ubyte, train-labels-idx1-ubyte, \
        t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each as it is or with the ending .gz.
        """
    /// CIFAR-10.
    public static let cifar10 = """
        The data are CIFAR-10's binary version: data_batch_1.bin to data_batch_5.bin and test_batch.bin, each as it \
        is or with the ending .gz (https://www.cs.toronto.edu/~kriz/cifar.html).
        """
    /// CIFAR-100.
    public static let cifar100 = """
        The data are CIFAR-100's binary version: train.bin and test.bin, each as it is or with the ending .gz \
        (https://www.cs.toronto.edu/~kriz/cifar.html).
        """
    /// STL-10.
    public static let stl10 = """
        The data are STL-10's binary version: train_X.bin, train_y.bin, test_X.bin and test_y.bin, each as it is or \
        with the ending .gz (https://cs.stanford.edu/~acoates/stl10/).
        """
}
