/* SPDX-License-Identifier: MIT */
/*
 * The passes, written once over vectors of WIDTH floats. The including file defines WIDTH, ROWS
 * (sequences that the recurrence holds in registers), TILE (rows of a product's register tile),
 * NAME and SET.
 */
#include "CNeuralKernels.h"
#include <math.h>
#include <string.h>
#ifdef DOT
#define HAS_BFLOAT16 1
#else
#define HAS_BFLOAT16 0
#endif
#include "KernelVector.h"
#include "KernelTransform.h"
#include "KernelProduct.h"
#include "KernelProduct16.h"
#include "KernelAttention.h"
#include "KernelWinograd.h"
#include "KernelTraining.h"

static void moments(const float *x, int64_t count, double *mean, double *variance) {
  double total = 0, squares = 0;
  /* Floats are summed over short blocks, the blocks in double precision. */
  enum { block = 64 * WIDTH };
  for (int64_t start = 0; start < count; start += block) {
    const int64_t n = count - start < block ? count - start : block;
    const float *p = x + start;
    vector s0 = splat(0), s1 = splat(0);
    int64_t i = 0;
    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
      s0 += load(p + i);
      s1 += load(p + i + WIDTH);
    }
    float s = sum(s0 + s1);
    for (; i < n; ++i) s += p[i];
    total += s;
  }
  const double m = total / (double)count;
  const float centre = (float)m;
  for (int64_t start = 0; start < count; start += block) {
    const int64_t n = count - start < block ? count - start : block;
    const float *p = x + start;
    vector s0 = splat(0), s1 = splat(0);
    int64_t i = 0;
    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
      const vector a = load(p + i) - centre, b = load(p + i + WIDTH) - centre;
      s0 += a * a;
      s1 += b * b;
    }
    float s = sum(s0 + s1);
    for (; i < n; ++i) s += (p[i] - centre) * (p[i] - centre);
    squares += s;
  }
  const double offset = m - (double)centre;
  *mean = m;
  const double v = squares / (double)count - offset * offset;
  *variance = v > 0 ? v : 0;
}

INLINE vector activate(vector v, const int activation) {
  if (activation == KERNEL_SWISH) return v * sigmoid(v);
  if (activation == KERNEL_GELU) return gaussian_error_linear_unit(v);
  return v;
}

/*
 * Tiles the per-channel factors until a tile is a multiple of the channels and long enough for
 * vectors, then runs over memory tile by tile. `activation` is a constant at each call.
 */
INLINE void scale_shift_activate(
    const float *x, float *y, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const int activation) {
  enum { shortest = 8 * WIDTH };
  float a[KERNEL_MAXIMUM_CHANNELS + shortest], b[KERNEL_MAXIMUM_CHANNELS + shortest];
  const int64_t repeats = channels >= shortest ? 1 : (shortest + channels - 1) / channels;
  const int64_t tile = channels * repeats;
  for (int64_t r = 0; r < repeats; ++r) {
    memcpy(a + r * channels, scale, (size_t)channels * sizeof(float));
    memcpy(b + r * channels, shift, (size_t)channels * sizeof(float));
  }
  const int64_t count = rows * channels;
  for (int64_t start = 0; start < count; start += tile) {
    const int64_t n = count - start < tile ? count - start : tile;
    int64_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      const vector v = load(x + start + i) * load(a + i) + load(b + i);
      store(y + start + i, activate(v, activation));
    }
    if (i < n) {
      const int64_t rest = n - i;
      const vector v =
          load_part(x + start + i, rest) * load_part(a + i, rest) + load_part(b + i, rest);
      store_part(y + start + i, activate(v, activation), rest);
    }
  }
}

static void scale_shift(
    const float *x, float *y, int64_t rows, int64_t channels, const float *scale,
    const float *shift, int32_t activation) {
  if (activation == KERNEL_SWISH)
    scale_shift_activate(x, y, rows, channels, scale, shift, KERNEL_SWISH);
  else if (activation == KERNEL_GELU)
    scale_shift_activate(x, y, rows, channels, scale, shift, KERNEL_GELU);
  else
    scale_shift_activate(x, y, rows, channels, scale, shift, KERNEL_IDENTITY);
}

/* As moments, of `rows` parts of `count` floats that are `stride` floats apart. */
static void moments_of_rows(
    const float *x, int64_t rows, int64_t count, int64_t stride, double *mean, double *variance) {
  double total = 0, squares = 0;
  for (int64_t row = 0; row < rows; ++row) {
    double m, v;
    moments(x + row * stride, count, &m, &v);
    total += m;
  }
  total /= (double)rows;
  for (int64_t row = 0; row < rows; ++row) {
    double m, v;
    moments(x + row * stride, count, &m, &v);
    squares += v + (m - total) * (m - total);
  }
  *mean = total;
  *variance = squares / (double)rows;
}

/* The factors that bring each of `groups` parts of the channels of x (rows, channels) to mean 0 and
   variance 1, then apply weight and bias. */
static void norm_factors(
    const float *x, int64_t rows, int64_t channels, int64_t groups, const float *weight,
    const float *bias, float epsilon, float *scale, float *shift) {
  const int64_t size = channels / groups;
  for (int64_t group = 0; group < groups; ++group) {
    double mean, variance;
    if (groups == 1)
      moments(x, rows * channels, &mean, &variance);
    else
      moments_of_rows(x + group * size, rows, size, channels, &mean, &variance);
    const double factor = 1.0 / sqrt(variance + (double)epsilon);
    for (int64_t c = group * size; c < (group + 1) * size; ++c) {
      scale[c] = (float)(weight[c] * factor);
      shift[c] = (float)(bias[c] - mean * factor * weight[c]);
    }
  }
}

static void group_norm(
    const float *x, float *y, int64_t blocks, int64_t rows, int64_t channels, int64_t groups,
    const float *weight, const float *bias, float epsilon, int32_t activation) {
  float scale[KERNEL_MAXIMUM_CHANNELS], shift[KERNEL_MAXIMUM_CHANNELS];
  for (int64_t block = 0; block < blocks; ++block) {
    const float *in = x + block * rows * channels;
    float *out = y + block * rows * channels;
    norm_factors(in, rows, channels, groups, weight, bias, epsilon, scale, shift);
    scale_shift(in, out, rows, channels, scale, shift, activation);
  }
}

/* Sums over short blocks in single precision, the blocks in double. */
static void covariance(
    const float *x, int64_t rows, int64_t columns, double *mean, double *result) {
  for (int64_t i = 0; i < columns; ++i) {
    mean[i] = 0;
    for (int64_t j = 0; j <= i; ++j) result[i * columns + j] = 0;
  }
  enum { block = 256 };
  for (int64_t start = 0; start < rows; start += block) {
    const int64_t n = rows - start < block ? rows - start : block;
    const float *p = x + start * columns;
    for (int64_t i = 0; i < columns; i += WIDTH) {
      vector s = splat(0);
      const int64_t whole = i + WIDTH <= columns ? n : n - (WIDTH + columns - 1) / columns;
      int64_t row = 0;
      for (; row < whole; ++row) s += load(p + row * columns + i);
      for (; row < n; ++row) s += get(p + row * columns + i, columns - i);
      union { vector v; float f[WIDTH]; } u = {s};
      for (int64_t lane = 0; lane < WIDTH && i + lane < columns; ++lane)
        mean[i + lane] += u.f[lane];
    }
  }
  for (int64_t i = 0; i < columns; ++i) mean[i] /= (double)rows;
  for (int64_t start = 0; start < rows; start += block) {
    const int64_t n = rows - start < block ? rows - start : block;
    const float *p = x + start * columns;
    for (int64_t i = 0; i < columns; ++i) {
      const float centre = (float)mean[i];
      for (int64_t j = 0; j <= i; j += WIDTH) {
        vector s = splat(0), centres;
        union { vector v; float f[WIDTH]; } u = {{0}};
        for (int64_t lane = 0; lane < WIDTH && j + lane < columns; ++lane)
          u.f[lane] = (float)mean[j + lane];
        centres = u.v;
        const float *q = p + j;
        /* Vectors may reach into the next row, but not past the last one. */
        const int64_t whole = j + WIDTH <= columns ? n : n - (WIDTH + columns - 1) / columns;
        int64_t row = 0;
        for (; row < whole; ++row)
          s += (p[row * columns + i] - centre) * (load(q + row * columns) - centres);
        for (; row < n; ++row)
          s += (p[row * columns + i] - centre) * (get(q + row * columns, columns - j) - centres);
        u.v = s;
        for (int64_t lane = 0; lane < WIDTH && j + lane <= i; ++lane)
          result[i * columns + j + lane] += u.f[lane];
      }
    }
  }
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = 0; j <= i; ++j) {
      result[i * columns + j] /= (double)rows;
      result[j * columns + i] = result[i * columns + j];
    }
}

static void layer_norm(
    const float *x, float *y, int64_t rows, int64_t channels, const float *weight,
    const float *bias, float epsilon) {
  for (int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
    double mean, variance;
    moments(x, channels, &mean, &variance);
    const float factor = (float)(1.0 / sqrt(variance + (double)epsilon)), centre = (float)mean;
    int64_t c = 0;
    for (; c + WIDTH <= channels; c += WIDTH)
      store(y + c, (load(x + c) - centre) * factor * load(weight + c) + load(bias + c));
    for (; c < channels; ++c) y[c] = (x[c] - centre) * factor * weight[c] + bias[c];
  }
}

/* Columns first: each channel's samples are read a cache line's width apart. */
static void add_interleaved(
    const float *x, float *y, int64_t frames, int64_t channels, int64_t stride, float scale,
    float shift) {
  enum { block = 256 };
  for (int64_t start = 0; start < frames; start += block) {
    const int64_t end = frames - start < block ? frames : start + block;
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t frame = start; frame < end; ++frame)
        y[c * stride + frame] += x[frame * channels + c] * scale + shift;
  }
}

static void gelu(const float *x, float *y, int64_t count) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(y + i, gaussian_error_linear_unit(load(x + i)));
  if (i < count)
    store_part(y + i, gaussian_error_linear_unit(load_part(x + i, count - i)), count - i);
}

/* Few channels: gates of a short block of rows go through a buffer, so that vectors are full. */
static void glu_narrow(const float *x, float *y, int64_t rows, int64_t channels) {
  enum { block = 32 * WIDTH };
  float gates[block];
  const int64_t most = block / (2 * channels);
  for (int64_t start = 0; start < rows; start += most) {
    const int64_t n = rows - start < most ? rows - start : most;
    const float *in = x + start * 2 * channels;
    const int64_t count = n * 2 * channels;
    int64_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) store(gates + i, sigmoid(load(in + i)));
    if (i < count) store_part(gates + i, sigmoid(load_part(in + i, count - i)), count - i);
    float *out = y + start * channels;
    if (channels == 4) {
      for (int64_t row = 0; row < n; ++row)
        for (int c = 0; c < 4; ++c) out[row * 4 + c] = in[row * 8 + c] * gates[row * 8 + 4 + c];
    } else {
      for (int64_t row = 0; row < n; ++row)
        for (int64_t c = 0; c < channels; ++c)
          out[row * channels + c] =
              in[row * 2 * channels + c] * gates[(row * 2 + 1) * channels + c];
    }
  }
}

static void glu(const float *x, float *y, int64_t rows, int64_t channels) {
  if (channels < WIDTH) {
    glu_narrow(x, y, rows, channels);
    return;
  }
  for (int64_t row = 0; row < rows; ++row) {
    const float *a = x + 2 * row * channels, *b = a + channels;
    float *out = y + row * channels;
    int64_t i = 0;
    for (; i + WIDTH <= channels; i += WIDTH)
      store(out + i, load(a + i) * sigmoid(load(b + i)));
    /* The last vector overlaps the one before. */
    if (i < channels) {
      i = channels - WIDTH;
      store(out + i, load(a + i) * sigmoid(load(b + i)));
    }
  }
}

static void add(const float *x, float *y, int64_t count) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(y + i, load(y + i) + load(x + i));
  for (; i < count; ++i) y[i] += x[i];
}

static void sum_difference(
    const float *a, const float *b, float *sum, float *difference, int64_t count) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) {
    const vector x = load(a + i), y = load(b + i);
    store(sum + i, x + y);
    store(difference + i, x - y);
  }
  for (; i < count; ++i) {
    const float x = a[i], y = b[i];
    sum[i] = x + y;
    difference[i] = x - y;
  }
}

static void multiply(const float *x, const float *factor, float *y, int64_t count) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(y + i, load(x + i) * load(factor + i));
  for (; i < count; ++i) y[i] = x[i] * factor[i];
}

static void compress(const float *x, float *y, int64_t count, float power) {
  const float exponent = (power - 1) / 2;
  int64_t i = 0;
  for (; i < 2 * count; i += WIDTH) {
    const int64_t left = 2 * count - i;
    const vector v = left < WIDTH ? load_part(x + i, left) : load(x + i);
    union { vector v; float f[WIDTH]; } squares = {v * v}, sums;
    for (int pair = 0; pair < WIDTH; pair += 2)
      sums.f[pair] = sums.f[pair + 1] = squares.f[pair] + squares.f[pair + 1];
    const vector level = logarithm2(sums.v + 1e-12f) * exponent;
    const vector result = v * exponential2(clamp(level, -126, 126));
    if (left < WIDTH)
      store_part(y + i, result, left);
    else
      store(y + i, result);
  }
}

/* ---- Small dense product: TILE rows by two vectors of columns held in registers ---- */

INLINE void product_tile(
    const int rows, const int vectors, int64_t depth, const float *a, int64_t a_stride,
    const float *b, int64_t b_stride, float *c, int64_t c_stride, const float *bias,
    int32_t accumulate, int64_t part) {
  vector sums[TILE][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) {
      const float *old = bias ? bias + v * WIDTH : c + r * c_stride + v * WIDTH;
      sums[r][v] = !bias && !accumulate ? splat(0) : part ? load_part(old, part) : load(old);
      if (bias && accumulate) {
        const float *value = c + r * c_stride + v * WIDTH;
        sums[r][v] += part ? load_part(value, part) : load(value);
      }
    }
  for (int64_t k = 0; k < depth; ++k) {
    vector right[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v)
      right[v] = part ? load_part(b + k * b_stride + v * WIDTH, part)
                      : load(b + k * b_stride + v * WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
      const vector left = splat(a[r * a_stride + k]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) sums[r][v] += left * right[v];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) {
      if (part)
        store_part(c + r * c_stride + v * WIDTH, sums[r][v], part);
      else
        store(c + r * c_stride + v * WIDTH, sums[r][v]);
    }
}

static void product(
    int64_t rows, int64_t columns, int64_t depth, const float *a, int64_t a_stride, const float *b,
    int64_t b_stride, float *c, int64_t c_stride, const float *bias, int32_t accumulate) {
  int64_t column = 0;
  while (column < columns) {
    const int64_t left = columns - column;
    const int64_t step = left >= 2 * WIDTH ? 2 * WIDTH : left >= WIDTH ? WIDTH : left;
    const float *right = b + column;
    const float *start = bias ? bias + column : 0;
    int64_t row = 0;
#define RUN(count, vectors, part)                                                               \
  for (; row + (count) <= rows; row += (count))                                                 \
  product_tile(                                                                                 \
      count, vectors, depth, a + row * a_stride, a_stride, right, b_stride,                     \
      c + row * c_stride + column, c_stride, start, accumulate, part)
    if (step == 2 * WIDTH) {
      RUN(TILE, 2, 0);
      RUN(1, 2, 0);
    } else if (step == WIDTH) {
      RUN(TILE, 1, 0);
      RUN(1, 1, 0);
    } else {
      RUN(1, 1, step);
    }
#undef RUN
    column += step;
  }
}

/* ---- Long short-term memory ---- */

/*
 * Weights are packed so that WIDTH units' four gates lie side by side: a few sequences' gates stay
 * in registers over the whole inner product, and the gate functions are applied before anything is
 * written. Rows are scaled so that 2^x gives the exponentials of the gate functions.
 *
 * Block of WIDTH units: 4 * WIDTH biases, then (inputs + units) rows of 4 * WIDTH weights.
 */
static int64_t padded(int64_t units) { return (units + WIDTH - 1) / WIDTH * WIDTH; }

static int64_t recurrence_packed_count(int64_t inputs, int64_t units) {
  return padded(units) * 4 * (inputs + units + 1);
}

static int64_t recurrence_cell_count(int64_t rows, int64_t units) { return rows * padded(units); }

static void recurrence_pack(
    int64_t inputs, int64_t units, const float *weight_ih, const float *weight_hh,
    const float *bias_ih, const float *bias_hh, float *packed) {
  const float scales[4] = {-LOG2_E, -LOG2_E, -2 * LOG2_E, -LOG2_E};
  float *p = packed;
  for (int64_t block = 0; block < units; block += WIDTH)
    for (int64_t k = -1; k < inputs + units; ++k)
      for (int gate = 0; gate < 4; ++gate)
        for (int64_t lane = 0; lane < WIDTH; ++lane, ++p) {
          const int64_t unit = block + lane, row = gate * units + unit;
          float value = 0;
          if (unit < units) {
            if (k < 0) value = bias_ih[row] + bias_hh[row];
            else if (k < inputs) value = weight_ih[row * inputs + k];
            else value = weight_hh[row * units + k - inputs];
          }
          *p = scales[gate] * value;
        }
}

INLINE void recurrence_rows(
    const int rows, int64_t inputs, int64_t units, const float *panel, const float *x,
    int64_t x_stride, const float *previous, float *y, int64_t y_stride, float *cell,
    int64_t cell_stride, int64_t part) {
  vector gates[ROWS][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int g = 0; g < 4; ++g) gates[r][g] = load(panel + g * WIDTH);
  const float *w = panel + 4 * WIDTH;
#define ACCUMULATE(source, stride, count)                                                       \
  for (int64_t k = 0; k < (count); ++k, w += 4 * WIDTH) {                                       \
    vector values[ROWS];                                                                        \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; ++r) values[r] =               \
        splat((source)[r * (stride) + k]);                                                      \
    _Pragma("clang loop unroll(full)") for (int g = 0; g < 4; ++g) {                            \
      const vector weight = load(w + g * WIDTH);                                                \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; ++r) gates[r][g] +=          \
          values[r] * weight;                                                                   \
    }                                                                                           \
  }
  ACCUMULATE(x, x_stride, inputs)
  if (previous) ACCUMULATE(previous, y_stride, units)
#undef ACCUMULATE
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r) {
    /* With e the exponentials: sigmoid = 1 / (1 + e), tanh = (1 - e) / (1 + e). One division gives
       the new cell, one the output. 2^36 leaves room for the product of three. */
    const vector i = 1.0f + exponential2(clamp(gates[r][0], -36, 36));
    const vector f = 1.0f + exponential2(clamp(gates[r][1], -36, 36));
    const vector g = exponential2(clamp(gates[r][2], -36, 36));
    const vector o = 1.0f + exponential2(clamp(gates[r][3], -36, 36));
    const vector ig = i * (1.0f + g);
    const vector old = previous ? load(cell + r * cell_stride) : splat(0);
    const vector c = (old * ig + (1.0f - g) * f) / (ig * f);
    store(cell + r * cell_stride, c);
    const vector e = exponential2(clamp(c * (-2 * LOG2_E), -36, 36));
    const vector h = (1.0f - e) / (o * (1.0f + e));
    if (part)
      store_part(y + r * y_stride, h, part);
    else
      store(y + r * y_stride, h);
  }
}

static void recurrence_run(
    const kernel_recurrence *s, const float *packed, const float *x, float *y, float *cell) {
  const int64_t depth = s->inputs + s->units, cell_stride = padded(s->units);
  const float *previous = 0;
  for (int64_t step = 0; step < s->steps; ++step) {
    const int64_t index = s->reversed ? s->steps - 1 - step : step;
    const float *in = x + index * s->input_step;
    float *out = y + index * s->output_step;
    const float *panel = packed;
    for (int64_t block = 0; block < s->units; block += WIDTH, panel += (depth + 1) * 4 * WIDTH) {
      const int64_t left = s->units - block, part = left < WIDTH ? left : 0;
      int64_t row = 0;
#define RUN(count)                                                                              \
  for (; row + (count) <= s->rows; row += (count))                                              \
  recurrence_rows(                                                                              \
      count, s->inputs, s->units, panel, in + row * s->input_row, s->input_row,                 \
      previous ? previous + row * s->output_row : 0, out + row * s->output_row + block,         \
      s->output_row, cell + row * cell_stride + block, cell_stride, part)
      RUN(ROWS);
      RUN(1);
#undef RUN
    }
    previous = out;
  }
}

const kernel_set SET = {
    NAME,
    WIDTH,
    HAS_BFLOAT16,
    moments,
    scale_shift,
    group_norm,
    layer_norm,
    add_interleaved,
    gelu,
    glu,
    add,
    sum_difference,
    multiply,
    compress,
    share,
    product,
    product_packed_count,
    product_pack,
    product_packed,
    product16_packed_count,
    product16_pack,
    product16_packed,
    covariance,
    attention_packed_count,
    attention_scratch_count,
    attention_pack,
    attention_run,
    winograd_tile_count,
    winograd_packed_count,
    winograd_scratch_count,
    winograd_pack,
    winograd_run,
    recurrence_packed_count,
    recurrence_cell_count,
    recurrence_pack,
    recurrence_run,
    transform_prepare,
    transform_lanes_count,
    spectrogram_forward,
    spectrogram_inverse,
    channel_moments,
    normalize,
    normalize_sums,
    normalize_backward,
    pool_forward,
    pool_backward,
};
