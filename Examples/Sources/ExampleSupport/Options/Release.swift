/// The release that the programs are of.
public enum Release {
    /// What `--version` prints. `Scripts/release` writes it.
    public static let version = "0.1.0-dev"
}
