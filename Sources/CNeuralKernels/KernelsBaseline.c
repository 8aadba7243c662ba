/* SPDX-License-Identifier: MIT */
#define WIDTH 4
#if defined(__aarch64__)
#define ROWS 6
#define TILE 12
#else
#define ROWS 3
#define TILE 6
#endif
#define NAME "baseline"
#define SET kernel_set_baseline
#include "KernelBody.h"
