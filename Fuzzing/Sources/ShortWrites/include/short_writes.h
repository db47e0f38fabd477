// Loaded into a program with LD_PRELOAD, this library makes its `write` calls write only a part, or be interrupted.
#pragma once
