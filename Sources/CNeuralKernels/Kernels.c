/* SPDX-License-Identifier: MIT */
#include "CNeuralKernels.h"

extern const kernel_set kernel_set_baseline;
#if defined(__x86_64__)
extern const kernel_set kernel_set_avx512_bf16, kernel_set_avx512, kernel_set_avx2;
#endif

const kernel_set *kernel_set_at(int32_t index) {
  const kernel_set *sets[4];
  int32_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    if (__builtin_cpu_supports("avx512bf16")) sets[count++] = &kernel_set_avx512_bf16;
    sets[count++] = &kernel_set_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    sets[count++] = &kernel_set_avx2;
#endif
  sets[count++] = &kernel_set_baseline;
  return index >= 0 && index < count ? sets[index] : 0;
}

const kernel_set *kernel_set_best(void) { return kernel_set_at(0); }
