// Writing to the disk before it is waited for.
#pragma once

/// Lets the system begin to write what the file has in memory; where it cannot, nothing happens.
void runtime_begin_writeback(int descriptor);
