// The processors that this process may run on.
#pragma once

/// The number of processors on which any thread of the process may run; 0 where the system does not tell.
int runtime_affinity_count(void);

/// Lets the calling thread run on all of them, whatever it inherited from the thread that made it.
void runtime_take_process_affinity(void);
