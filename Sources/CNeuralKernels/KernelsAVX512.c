/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#define WIDTH 16
#define ROWS 6
#define TILE 12
#define NAME "avx512"
#define SET kernel_set_avx512
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "KernelBody.h"
#pragma clang attribute pop
#else
typedef int nothing_here;
#endif
