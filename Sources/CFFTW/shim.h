#pragma once
#include <fftw3.h>

// An array of unknown length does not import.
static inline const char *fftwf_version_text(void) { return fftwf_version; }
