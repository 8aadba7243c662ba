/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#define WIDTH 8
#define ROWS 3
#define TILE 6
#define NAME "avx2"
#define SET kernel_set_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "KernelBody.h"
#pragma clang attribute pop
#else
typedef int nothing_here;
#endif
