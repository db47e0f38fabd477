#pragma once

/// The allocations that this thread has made so far; -1 where they are not counted: beside a sanitizer, or without glibc.
long allocation_count(void);

/// The same for all threads of the process together.
long allocation_count_of_process(void);
