/* SPDX-License-Identifier: MIT */
/*
 * Products with packed weights in bfloat16, sums in float32. Included by KernelBody.h after
 * KernelProduct.h.
 *
 * Inputs and weights are rounded to bfloat16 and taken two at a time. Weights are packed as in
 * KernelProduct.h, each 32-bit word two of a column: the one with the even index in the lower half.
 * Every tap's depth is filled up to an even number. Where DOT is defined, it is the processor's
 * instruction for vectors of such pairs; elsewhere pairs are taken apart and multiplied in float32,
 * which gives the same products.
 */
typedef uint32_t words __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t words_unaligned __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#ifdef DOT
typedef uint32_t product16_input;   /* a pair */
enum { product16_per_pair = 1 };
#else
typedef float product16_input;      /* a rounded number */
enum { product16_per_pair = 2 };
#endif

enum { product16_block = KERNEL_MAXIMUM_INPUTS16 };   /* inputs on the stack, at most */

/* To the nearest, the even one of two; what is not a number stays so. */
INLINE uint32_t bfloat16_bits(float value) {
  if (value != value) return 0x7fc0;
  union { float f; uint32_t u; } bits = {value};
  return (bits.u + 0x7fff + (bits.u >> 16 & 1)) >> 16;
}

static int64_t product16_packed_count(
    int64_t taps, int64_t depth, int64_t outputs, int32_t is_gated) {
  return product_packed_columns(outputs, is_gated) * (taps * ((depth + 1) / 2) + 1);
}

static void product16_pack(
    int64_t taps, int64_t depth, int64_t outputs, int32_t is_gated, const float *weights,
    const float *bias, float *packed) {
  const int64_t columns = product_packed_columns(outputs, is_gated), inputs = taps * depth;
  for (int64_t start = 0; start < columns;) {
    const int64_t width = columns - start < PANEL ? columns - start : PANEL;
    const float *sources[PANEL];
    product_sources(start, width, inputs, outputs, is_gated, weights, bias, sources, packed);
    packed += width;
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t k = 0; k < depth; k += 2, packed += width)
        for (int64_t lane = 0; lane < width; ++lane) {
          const float *source = sources[lane] ? sources[lane] + tap * depth + k : 0;
          uint32_t word = source ? bfloat16_bits(source[0]) : 0;
          if (source && k + 1 < depth) word |= bfloat16_bits(source[1]) << 16;
          memcpy(packed + lane, &word, sizeof word);
        }
    start += width;
  }
}

INLINE void product16_tile(
    const int rows, const int vectors, int64_t pairs, const product16_input *x, int64_t row,
    const float *w, const float *start, float *sums, int64_t stride) {
  vector s[TILE][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v)
      s[r][v] = load(start ? start + v * WIDTH : sums + r * stride + v * WIDTH);
  for (int64_t k = 0; k < pairs; ++k, w += vectors * WIDTH) {
    words right[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) right[v] = *(const words_unaligned *)(w + v * WIDTH);
#ifdef DOT
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
      const words left = x[r * row + k] - (words){0};
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) s[r][v] = DOT(s[r][v], left, right[v]);
    }
#else
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; ++half) {
      vector values[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v)
        values[v] = (vector)(half ? right[v] & 0xffff0000u : right[v] << 16);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; ++r) {
        const vector left = splat(x[r * row + 2 * k + half]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; ++v) s[r][v] += left * values[v];
      }
    }
#endif
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) store(sums + r * stride + v * WIDTH, s[r][v]);
}

static void product16_rows(
    int64_t rows, int vectors, int64_t pairs, const product16_input *x, int64_t row,
    const float *w, const float *start, float *sums, int64_t stride) {
  int64_t r = 0;
#define RUN(count, vectors)                                                                     \
  for (; r + (count) <= rows; r += (count))                                                     \
  product16_tile(                                                                               \
      count, vectors, pairs, x + r * row, row, w, start, sums + r * stride, stride)
  if (vectors == 2) {
    RUN(TILE, 2);
    RUN(TILE / 2, 2);
    RUN(1, 2);
  } else {
    RUN(TILE, 1);
    RUN(TILE / 2, 1);
    RUN(1, 1);
  }
#undef RUN
}

/* The used taps of some rows, rounded, one row after the other. */
static void product16_round(
    const kernel_product *s, int64_t rows, const float *x, product16_input *rounded) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t tap = 0; tap < s->tap_count; ++tap) {
      const float *p = x + r * s->input_row + tap * s->input_tap;
      for (int64_t k = 0; k < s->depth; k += 2) {
        const uint32_t even = bfloat16_bits(p[k]);
        const uint32_t odd = k + 1 < s->depth ? bfloat16_bits(p[k + 1]) : 0;
#ifdef DOT
        *rounded++ = even | odd << 16;
#else
        union { uint32_t u; float f; } a = {even << 16}, b = {odd << 16};
        *rounded++ = a.f;
        *rounded++ = b.f;
#endif
      }
    }
}

static void product16_packed(
    const kernel_product *s, const float *packed, const float *x, float *y) {
  const int is_gated = s->finish == KERNEL_GATED || s->finish == KERNEL_GATED_ACCUMULATE;
  const int64_t pairs_per_tap = (s->depth + 1) / 2;
  const int64_t pairs = s->tap_count * pairs_per_tap, row = pairs * product16_per_pair;
  const int64_t columns = product_packed_columns(s->outputs, is_gated);
  int64_t tiles = pairs > 0 ? product_block / pairs / TILE : product_most_tiles;
  if (tiles < product_fewest_tiles) tiles = product_fewest_tiles;
  if (tiles > product_most_tiles) tiles = product_most_tiles;
  if (row > 0 && tiles > product16_block / row / TILE) tiles = product16_block / row / TILE;
  /* Longer rows than fit a tile are taken one by one. */
  const int64_t most = tiles > 0 ? tiles * TILE : 1;
  float buffer[product_most_tiles * TILE * PANEL];
  product16_input rounded[product16_block];

  for (int64_t first = 0; first < s->rows; first += most) {
    const int64_t rows = s->rows - first < most ? s->rows - first : most;
    product16_round(s, rows, x + first * s->input_row, rounded);
    const float *panel = packed;
    for (int64_t start = 0; start < columns;) {
      const int64_t width = columns - start < PANEL ? columns - start : PANEL;
      const int64_t place = is_gated ? start / 2 : start;
      const float *weights = panel + (1 + s->first_tap * pairs_per_tap) * width;
      const float *bias = panel;
      int64_t k = 0;
      do {
        const int64_t left = pairs - k, count = left < product_chunk ? left : product_chunk;
        product16_rows(
            rows, (int)(width / WIDTH), count, rounded + k * product16_per_pair, row,
            weights + k * width, bias, buffer, PANEL);
        bias = 0;
        k += count;
      } while (k < pairs);
      const int64_t count = s->outputs - place;
      const int64_t widest = is_gated ? WIDTH : width;
      product_finish_any(
          s->finish, rows, count < widest ? count : widest, buffer,
          y + first * s->output_row + place, s->output_row);
      panel += width * (s->taps * pairs_per_tap + 1);
      start += width;
    }
  }
}
