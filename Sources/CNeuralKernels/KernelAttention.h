/* SPDX-License-Identifier: MIT */
/*
 * Attention of one head. Included by KernelBody.h after KernelProduct.h.
 *
 * Scores are made for a few queries and keys at a time and stay in the cache; the softmax is made
 * good as larger scores come (Dao et al., arXiv 2205.14135, algorithm 1). Keys are packed as the
 * weights of a product are, transposed; so are values.
 */
enum {
  attention_keys = 256,    /* keys at a time, a multiple of PANEL */
  attention_rows = 16 * TILE
};

static int64_t attention_key_count(const kernel_attention *s) {
  return (s->keys + PANEL - 1) / PANEL * PANEL * s->width;
}

static int64_t attention_packed_count(const kernel_attention *s) {
  return attention_key_count(s) + product_packed_columns(s->width, 0) * s->keys;
}

static int64_t attention_scratch_count(const kernel_attention *s) {
  return attention_rows * (attention_keys + product_packed_columns(s->width, 0) + 2);
}

static void attention_pack(
    const kernel_attention *s, const float *keys, const float *values, float *packed) {
  for (int64_t start = 0; start < s->keys; start += PANEL)
    for (int64_t k = 0; k < s->width; ++k, packed += PANEL)
      for (int64_t lane = 0; lane < PANEL; ++lane)
        packed[lane] = start + lane < s->keys ? keys[(start + lane) * s->key_row + k] : 0;
  const int64_t columns = product_packed_columns(s->width, 0);
  for (int64_t start = 0; start < columns;) {
    const int64_t width = columns - start < PANEL ? columns - start : PANEL;
    for (int64_t key = 0; key < s->keys; ++key, packed += width)
      for (int64_t lane = 0; lane < width; ++lane)
        packed[lane] = start + lane < s->width ? values[key * s->key_row + start + lane] : 0;
    start += width;
  }
}

/* Scores to 2^(score - top), with `top` the largest so far; what was made before loses as much. */
INLINE void attention_soften(
    float *scores, int64_t count, float *result, int64_t columns, float *top, float *total) {
  vector most = splat(*top);
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) most = __builtin_elementwise_max(most, load(scores + i));
  union { vector v; float f[WIDTH]; } lanes = {most};
  float largest = lanes.f[0];
  for (int lane = 1; lane < WIDTH; ++lane)
    largest = lanes.f[lane] > largest ? lanes.f[lane] : largest;
  for (; i < count; ++i) largest = scores[i] > largest ? scores[i] : largest;
  vector sums = splat(0);
  for (i = 0; i + WIDTH <= count; i += WIDTH) {
    const vector e = exponential2(clamp((load(scores + i) - largest) * LOG2_E, -126, 0));
    store(scores + i, e);
    sums += e;
  }
  float sum_of_rest = 0;
  if (i < count) {
    const vector e =
        exponential2(clamp((load_part(scores + i, count - i) - largest) * LOG2_E, -126, 0));
    store_part(scores + i, e, count - i);
    for (; i < count; ++i) sum_of_rest += scores[i];
  }
  if (largest > *top) {
    const float factor = exp2f((*top - largest) * LOG2_E);
    for (int64_t c = 0; c < columns; c += WIDTH) store(result + c, load(result + c) * factor);
    *total *= factor;
    *top = largest;
  }
  *total += sum(sums) + sum_of_rest;
}

static void attention_run(
    const kernel_attention *s, int64_t first, int64_t count, const float *queries,
    const float *packed, float *y, const float *slopes, float *scratch) {
  const int64_t columns = product_packed_columns(s->width, 0);
  const float *values = packed + attention_key_count(s);
  float *scores = scratch, *result = scores + attention_rows * attention_keys;
  float *tops = result + attention_rows * columns, *totals = tops + attention_rows;
  const float zeros[PANEL] = {0};
  for (int64_t block = first; block < first + count; block += attention_rows) {
    const int64_t left = first + count - block;
    const int64_t rows = left < attention_rows ? left : attention_rows;
    memset(result, 0, (size_t)(rows * columns) * sizeof(float));
    for (int64_t r = 0; r < rows; ++r) {
      tops[r] = -INFINITY;
      totals[r] = 0;
    }
    for (int64_t key = 0; key < s->keys; key += attention_keys) {
      const int64_t rest = s->keys - key, n = rest < attention_keys ? rest : attention_keys;
      for (int64_t c = 0; c < n; c += PANEL)
        product_packed_rows(
            rows, 2, 1, s->width, queries + block * s->query_row, s->query_row, 0,
            packed + (key + c) * s->width, zeros, scores + c, attention_keys);
      for (int64_t r = 0; r < rows; ++r) {
        float *row = scores + r * attention_keys;
        if (slopes) {
          const int32_t place = (int32_t)(block + r - key), end = (int32_t)n;
          const float slope = slopes[block + r];
          for (int32_t i = 0; i < end; ++i)
            row[i] -= slope * (float)(i < place ? place - i : i - place);
          if (place >= 0 && place < end) row[place] = -100;
        }
        attention_soften(row, n, result + r * columns, columns, tops + r, totals + r);
      }
      const float *panel = values;
      for (int64_t start = 0; start < columns;) {
        const int64_t width = columns - start < PANEL ? columns - start : PANEL;
        product_packed_rows(
            rows, (int)(width / WIDTH), 1, n, scores, attention_keys, 0, panel + key * width, 0,
            result + start, columns);
        panel += width * s->keys;
        start += width;
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      float *out = y + (block + r) * s->output_row;
      const float factor = 1.0f / totals[r];
      for (int64_t c = 0; c < s->width; c += WIDTH)
        put(out + c, load(result + r * columns + c) * factor, s->width - c);
    }
  }
}
