import Runtime

/// What the launcher of this process, such as `mpirun` or `srun`, says in the environment.
enum MPILauncher {
    /// The number of processes that the launcher says it has started.
    static var processCount: Int? {
        for name in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"] {
            if let count = environment(name).flatMap({ Int($0) }) { return count }
        }
        return nil
    }

    /// The names under which libraries are looked for, those of the launcher's kind first. Open MPI's `mpirun` sets
    /// variables of its own; MPICH's, and Slurm for its libraries, those of the process manager's interface.
    static var libraryNames: [String] {
        #if canImport(Darwin)
        let openMPI = ["libmpi.40.dylib", "/opt/homebrew/opt/open-mpi/lib/libmpi.40.dylib"]
        let mpich = ["libmpi.12.dylib", "/opt/homebrew/opt/mpich/lib/libmpi.12.dylib"]
        #else
        let openMPI = ["libmpi.so.40"]
        let mpich = ["libmpich.so.12", "libmpi.so.12"]
        #endif
        let isOpenMPI = environment("OMPI_COMM_WORLD_SIZE") != nil || environment("PMIX_RANK") != nil
        let isMPICH = !isOpenMPI && environment("PMI_RANK") != nil
        return isMPICH ? mpich + openMPI : openMPI + mpich
    }
}
