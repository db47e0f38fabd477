// Elementwise and reducing loops of the tensor operations.
#pragma once
