/* SPDX-License-Identifier: MIT */
/*
 * Vectors of `WIDTH` floats and the functions on them that the passes share. Included once for
 * every instruction set, inside the including file's `#pragma clang attribute`.
 */
#define INLINE static inline __attribute__((always_inline, unused))

typedef float vector __attribute__((vector_size(4 * WIDTH)));
typedef int32_t vector_int __attribute__((vector_size(4 * WIDTH)));
typedef float vector_unaligned
    __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

INLINE vector load(const float *p) { return *(const vector_unaligned *)p; }
INLINE void store(float *p, vector v) { *(vector_unaligned *)p = v; }
/* Minus zero leaves every value as it is, so that this is one broadcast. */
INLINE vector splat(float value) { return value - (vector){0}; }

/* The first `count` < WIDTH floats; the rest is zero. */
INLINE vector load_part(const float *p, int64_t count) {
  union { vector v; float f[WIDTH]; } u = {{0}};
  for (int64_t i = 0; i < count; ++i) u.f[i] = p[i];
  return u.v;
}
INLINE void store_part(float *p, vector v, int64_t count) {
  union { vector v; float f[WIDTH]; } u = {v};
  for (int64_t i = 0; i < count; ++i) p[i] = u.f[i];
}
INLINE float sum(vector v) {
  union { vector v; float f[WIDTH]; } u = {v};
  for (int i = WIDTH / 2; i > 0; i /= 2)
    for (int j = 0; j < i; ++j) u.f[j] += u.f[j + i];
  return u.f[0];
}
INLINE vector clamp(vector x, float low, float high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(x, splat(low)), splat(high));
}

/*
 * 2^x for |x| <= 126. The exponent comes from adding 1.5 * 2^23, which rounds to an integer in the
 * low bits; the rest, within [-1/2, 1/2], from a polynomial fitted to relative error 1e-8.
 */
INLINE vector exponential2(vector x) {
  const vector shifted = x + 12582912.0f;
  const vector f = x - (shifted - 12582912.0f);
  vector p = splat(0.00015461447765119374f);
  p = p * f + 0.0013390866806730628f;
  p = p * f + 0.009618056938052177f;
  p = p * f + 0.055503569543361664f;
  p = p * f + 0.24022650718688965f;
  p = p * f + 0.6931471824645996f;
  p = p * f + 1.0f;
  return (vector)((vector_int)p + ((vector_int)shifted << 23));
}

/*
 * log2(x) for normal x > 0. The mantissa m is brought into [0.7, 1.4]; with t = (m - 1) / (m + 1),
 * log m = 2 (t + t^3 / 3 + t^5 / 5 + ...), cut off below 1e-9.
 */
INLINE vector logarithm2(vector x) {
  const vector_int bits = (vector_int)x - 0x3f330000;
  const vector_int exponent = bits >> 23;
  const vector m = (vector)((bits & 0x7fffff) + 0x3f330000);
  const vector t = (m - 1.0f) / (m + 1.0f), u = t * t;
  vector p = splat(2.88539008f / 9);
  p = p * u + 2.88539008f / 7;
  p = p * u + 2.88539008f / 5;
  p = p * u + 2.88539008f / 3;
  p = p * u + 2.88539008f;
  return p * t + __builtin_convertvector(exponent, vector);
}

#define LOG2_E 1.44269504088896341f

INLINE vector sigmoid(vector x) {
  return 1.0f / (1.0f + exponential2(clamp(x * -LOG2_E, -126, 126)));
}

/* Abramowitz and Stegun, equation 7.1.26: absolute error of erf below 1.5e-7. */
INLINE vector gaussian_error_linear_unit(vector x) {
  const vector z = __builtin_elementwise_abs(x) * 0.70710678118654752f;
  const vector t = 1.0f / (1.0f + 0.3275911f * z);
  vector p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const vector tail = p * t * exponential2(clamp(z * z * -LOG2_E, -126, 0));  /* 1 - erf(z) */
  const vector half = 0.5f * x;
  /* Negative x: x (1 - erf z) / 2 without cancellation. */
  const vector_int negative = x < 0.0f;
  const vector positive_value = half * (2.0f - tail), negative_value = half * tail;
  return (vector)((negative & (vector_int)negative_value) |
                  (~negative & (vector_int)positive_value));
}
