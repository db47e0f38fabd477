// Loops over plain arrays at the machine's full SIMD width.
//
// Every table of loops is compiled once for each instruction set and chosen at run time: see dispatch.h.
#pragma once

#include "instruction_set.h"
#include "prefetches.h"
#include "residue_lanes.h"
#include "sample_loops.h"
#include "spectral_loops.h"
#include "tensor_loops.h"
