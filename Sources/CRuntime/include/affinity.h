// The processors that this process may run on.
#pragma once

/// The number of processors in the affinity of the calling thread; 0 where the system does not tell.
int runtime_affinity_count(void);
