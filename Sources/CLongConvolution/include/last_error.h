// Not for users of the library: how its functions leave a message.
#ifndef LONGCONV_LAST_ERROR_H
#define LONGCONV_LAST_ERROR_H

#include <stddef.h>

// Sets what longconv_last_error() returns on this thread to the first `count` bytes of `text`, or as many as fit.
__attribute__((visibility("hidden"))) void longconv_set_last_error(const char *text, size_t count);

#endif
