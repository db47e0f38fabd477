// What the runtime needs of the processor and Swift has no word for.
#pragma once

#include "affinity.h"
#include "pause.h"
#include "writeback.h"
