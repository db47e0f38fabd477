#include "residue_lanes.h"

#include "../dispatch.h"

#define REAL float
#define REAL_BYTES 4
#define PRECISION _float
#define LOOPS "ResidueLanes/residue_lanes.inc"
#include "../for_each_instruction_set.inc"
#undef REAL
#undef REAL_BYTES

#define REAL double
#define REAL_BYTES 8
#define PRECISION _double
#define LOOPS "ResidueLanes/residue_lanes.inc"
#include "../for_each_instruction_set.inc"
#undef REAL
#undef REAL_BYTES

const vl_lane_loops *vl_lane_loops_float(vl_instruction_set set) {
    switch (set) {
#if VL_HAS_X86
    case vl_avx512: return &lane_loops_float_avx512;
    case vl_avx2: return &lane_loops_float_avx2;
#endif
    default: return &lane_loops_float_baseline;
    }
}

const vl_lane_loops *vl_lane_loops_double(vl_instruction_set set) {
    switch (set) {
#if VL_HAS_X86
    case vl_avx512: return &lane_loops_double_avx512;
    case vl_avx2: return &lane_loops_double_avx2;
#endif
    default: return &lane_loops_double_baseline;
    }
}
