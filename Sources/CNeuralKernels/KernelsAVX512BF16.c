/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#define WIDTH 16
#define ROWS 6
#define TILE 12
#define NAME "avx512-bf16"
#define SET kernel_set_avx512_bf16
#define DOT(sums, left, right) \
  ((vector)_mm512_dpbf16_ps((__m512)(sums), (__m512bh)(left), (__m512bh)(right)))
#pragma clang attribute push( \
    __attribute__((target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
    apply_to = function)
#include "KernelBody.h"
#pragma clang attribute pop
#else
typedef int nothing_here;
#endif
