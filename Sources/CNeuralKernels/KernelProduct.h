/* SPDX-License-Identifier: MIT */
/*
 * Products with packed weights. Included by KernelBody.h.
 *
 * Weights lie in panels of two vectors of columns, so that TILE rows of one panel's results stay in
 * registers: PANEL biases, then `inputs` rows of PANEL weights. Where the result is gated, the first
 * vector of a panel holds columns of the value and the second the same columns of the gate. The
 * last panel is one vector wide where that is enough.
 *
 * Rows are taken in blocks that stay in the second-level cache, inputs in chunks whose weights stay
 * in the first (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
 */
#define PANEL (2 * WIDTH)

enum {
  product_chunk = 384,       /* inputs whose weights of a panel stay in the first-level cache */
  product_block = 40960,     /* floats of input that stay in the second-level cache */
  product_most_tiles = 32,   /* in a block of rows */
  product_fewest_tiles = 8
};

static int64_t product_packed_columns(int64_t outputs, int32_t is_gated) {
  if (is_gated) return (outputs + WIDTH - 1) / WIDTH * PANEL;
  const int64_t rest = outputs % PANEL;
  return outputs - rest + (rest == 0 ? 0 : rest <= WIDTH ? WIDTH : PANEL);
}

static int64_t product_packed_count(int64_t inputs, int64_t outputs, int32_t is_gated) {
  return product_packed_columns(outputs, is_gated) * (inputs + 1);
}

/* Where the weights of each column of a panel begin, NULL for those that fill it up; biases. */
static void product_sources(
    int64_t start, int64_t width, int64_t inputs, int64_t outputs, int32_t is_gated,
    const float *weights, const float *bias, const float **sources, float *biases) {
  for (int64_t lane = 0; lane < width; ++lane) {
    int64_t column = is_gated ? start / 2 + lane % WIDTH : start + lane;
    const int is_there = column < outputs;
    if (is_gated && lane >= WIDTH) column += outputs;
    biases[lane] = is_there && bias ? bias[column] : 0;
    sources[lane] = is_there ? weights + column * inputs : 0;
  }
}

static void product_pack(
    int64_t inputs, int64_t outputs, int32_t is_gated, const float *weights, const float *bias,
    float *packed) {
  const int64_t columns = product_packed_columns(outputs, is_gated);
  for (int64_t start = 0; start < columns;) {
    const int64_t width = columns - start < PANEL ? columns - start : PANEL;
    const float *sources[PANEL];
    product_sources(start, width, inputs, outputs, is_gated, weights, bias, sources, packed);
    packed += width;
    for (int64_t k = 0; k < inputs; ++k, packed += width)
      for (int64_t lane = 0; lane < width; ++lane)
        packed[lane] = sources[lane] ? sources[lane][k] : 0;
    start += width;
  }
}

/* sums (rows, vectors * WIDTH) = start or, where that is NULL, what they were, plus x times w. */
INLINE void product_packed_tile(
    const int rows, const int vectors, int64_t taps, int64_t depth, const float *x, int64_t row,
    int64_t tap, const float *w, const float *start, float *sums, int64_t stride) {
  vector s[TILE][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v)
      s[r][v] = load(start ? start + v * WIDTH : sums + r * stride + v * WIDTH);
  for (int64_t t = 0; t < taps; ++t, x += tap)
    for (int64_t k = 0; k < depth; ++k, w += vectors * WIDTH) {
      vector right[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) right[v] = load(w + v * WIDTH);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; ++r) {
        const vector left = splat(x[r * row + k]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; ++v) s[r][v] += left * right[v];
      }
    }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) store(sums + r * stride + v * WIDTH, s[r][v]);
}

/* The tile above for any number of rows. */
static void product_packed_rows(
    int64_t rows, int vectors, int64_t taps, int64_t depth, const float *x, int64_t row,
    int64_t tap, const float *w, const float *start, float *sums, int64_t stride) {
  int64_t r = 0;
#define RUN(count, vectors)                                                                     \
  for (; r + (count) <= rows; r += (count))                                                     \
  product_packed_tile(                                                                          \
      count, vectors, taps, depth, x + r * row, row, tap, w, start, sums + r * stride, stride)
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

INLINE void put(float *y, vector value, int64_t count) {
  if (count >= WIDTH) store(y, value);
  else store_part(y, value, count);
}
INLINE vector get(const float *y, int64_t count) {
  return count >= WIDTH ? load(y) : load_part(y, count);
}

/* Writes `columns` results of every row; sums have PANEL floats a row. */
INLINE void product_finish(
    int64_t rows, int64_t columns, const float *sums, float *y, int64_t stride,
    const int32_t finish) {
  for (int64_t r = 0; r < rows; ++r, sums += PANEL, y += stride) {
    if (finish == KERNEL_GATED || finish == KERNEL_GATED_ACCUMULATE) {
      vector v = load(sums) * sigmoid(load(sums + WIDTH));
      if (finish == KERNEL_GATED_ACCUMULATE) v += get(y, columns);
      put(y, v, columns);
      continue;
    }
    for (int64_t c = 0; c < columns; c += WIDTH) {
      vector v = load(sums + c);
      if (finish == KERNEL_ACCUMULATE) v += get(y + c, columns - c);
      if (finish == KERNEL_WRITE_GELU) v = gaussian_error_linear_unit(v);
      put(y + c, v, columns - c);
    }
  }
}

static void product_finish_any(
    int32_t finish, int64_t rows, int64_t columns, const float *sums, float *y, int64_t stride) {
  switch (finish) {
    case KERNEL_GATED:
      product_finish(rows, columns, sums, y, stride, KERNEL_GATED);
      break;
    case KERNEL_GATED_ACCUMULATE:
      product_finish(rows, columns, sums, y, stride, KERNEL_GATED_ACCUMULATE);
      break;
    case KERNEL_ACCUMULATE:
      product_finish(rows, columns, sums, y, stride, KERNEL_ACCUMULATE);
      break;
    case KERNEL_WRITE_GELU:
      product_finish(rows, columns, sums, y, stride, KERNEL_WRITE_GELU);
      break;
    default:
      product_finish(rows, columns, sums, y, stride, KERNEL_WRITE);
  }
}

static void product_packed(
    const kernel_product *s, const float *packed, const float *x, float *y) {
  const int is_gated = s->finish == KERNEL_GATED || s->finish == KERNEL_GATED_ACCUMULATE;
  const int64_t used = s->tap_count * s->depth, inputs = s->taps * s->depth;
  const int64_t columns = product_packed_columns(s->outputs, is_gated);
  const int64_t taps_at_once = s->depth >= product_chunk ? 1 : product_chunk / s->depth;
  const int64_t parts = (s->depth + product_chunk - 1) / product_chunk;
  const int64_t depth_at_once = (s->depth + parts - 1) / parts;
  int64_t tiles = used > 0 ? product_block / used / TILE : product_most_tiles;
  if (tiles < product_fewest_tiles) tiles = product_fewest_tiles;
  if (tiles > product_most_tiles) tiles = product_most_tiles;
  float buffer[product_most_tiles * TILE * PANEL];

  for (int64_t first = 0; first < s->rows; first += tiles * TILE) {
    const int64_t rows = s->rows - first < tiles * TILE ? s->rows - first : tiles * TILE;
    const float *block = x + first * s->input_row;
    const float *panel = packed;
    for (int64_t start = 0; start < columns;) {
      const int64_t width = columns - start < PANEL ? columns - start : PANEL;
      const int64_t place = is_gated ? start / 2 : start;
      float *target = y + first * s->output_row + place;
      /* A whole panel that is only written needs no detour. */
      const int is_direct = s->finish == KERNEL_WRITE && place + width <= s->outputs;
      float *sums = is_direct ? target : buffer;
      const int64_t stride = is_direct ? s->output_row : PANEL;
      const float *weights = panel + (1 + s->first_tap * s->depth) * width;
      const float *bias = panel;
      if (used == 0)
        product_packed_rows(
            rows, (int)(width / WIDTH), 0, 0, block, 0, 0, weights, bias, sums, stride);
      for (int64_t tap = 0; tap < s->tap_count; tap += taps_at_once) {
        const int64_t left = s->tap_count - tap;
        const int64_t taps = left < taps_at_once ? left : taps_at_once;
        for (int64_t k = 0; k < s->depth; k += depth_at_once) {
          const int64_t rest = s->depth - k;
          const int64_t depth = rest < depth_at_once ? rest : depth_at_once;
          product_packed_rows(
              rows, (int)(width / WIDTH), taps, depth, block + tap * s->input_tap + k,
              s->input_row, s->input_tap, weights + (tap * s->depth + k) * width, bias, sums,
              stride);
          bias = 0;
        }
      }
      const int64_t count = s->outputs - place;
      const int64_t most = is_gated ? WIDTH : width, kept = count < most ? count : most;
      if (!is_direct)
        product_finish_any(s->finish, rows, kept, sums, target, s->output_row);
      panel += width * (inputs + 1);
      start += width;
    }
  }
}
