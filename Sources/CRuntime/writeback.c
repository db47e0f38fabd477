#define _GNU_SOURCE
#include "writeback.h"

#if defined(__linux__)
#include <fcntl.h>

void runtime_begin_writeback(int descriptor) {
    // A hint: errors of the disk are found by the synchronization.
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}
#else
void runtime_begin_writeback(int descriptor) { (void)descriptor; }
#endif
