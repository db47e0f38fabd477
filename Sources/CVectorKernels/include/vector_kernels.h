// Loops over plain arrays that have to run at the machine's full SIMD width.
//
// Every group of loops is compiled once per instruction set and reached through a table of
// functions, chosen at run time; see dispatch.h.
#pragma once

#include "spectral_kernels.h"
#include "tensor_kernels.h"
