#include "last_error.h"
#include "longconv.h"

#include <string.h>

// One message a thread: no lock, no allocation.
static _Thread_local char message[1024];

const char *longconv_last_error(void) { return message; }

void longconv_set_last_error(const char *text, size_t count) {
    size_t kept = count < sizeof message ? count : sizeof message - 1;
    // A character of several bytes is kept whole or not at all.
    while (kept < count && kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80) kept--;
    memcpy(message, text, kept);
    message[kept] = 0;
}
