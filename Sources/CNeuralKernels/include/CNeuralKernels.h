/* SPDX-License-Identifier: MIT */
/*
 * The fused element-wise passes of the neural engine, and the two products that oneDNN has no fast
 * shape for: the recurrent layer and a small dense matrix product.
 *
 * Every function exists in up to three versions in one binary (AVX-512, AVX2 with FMA, and what the
 * compiler assumes anyway: SSE2 or NEON). `kernel_set_best` picks at run time. All functions are
 * pure: they touch only what they are given, and allocate nothing. All arrays are float32.
 */
#ifndef CNEURALKERNELS_H
#define CNEURALKERNELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/* The most channels that the normalising passes take: their tables are on the stack. */
#define KERNEL_MAXIMUM_CHANNELS 4096
#define KERNEL_MAXIMUM_SOURCES 64

/* What follows a normalisation. */
enum { KERNEL_IDENTITY = 0, KERNEL_SWISH = 1, KERNEL_GELU = 2 };

/* One direction of a long short-term memory layer over many sequences at once. */
typedef struct {
  int64_t steps, rows;    /* length of a sequence; number of sequences */
  int64_t inputs, units;  /* features in; features out */
  int64_t input_step, input_row;    /* floats from one step to the next, one sequence to the next */
  int64_t output_step, output_row;
  int32_t reversed;       /* 1: from the last step to the first */
} kernel_recurrence;

/* Short-time Fourier transform of stereo audio. `length` is a power of two in 16...65536. */
typedef struct {
  int64_t length, hop, frames;
  int64_t bins;           /* rows of spectrograms, <= length / 2 + 1; higher frequencies are zero */
  const float *window;    /* (length) */
  const float *tables;    /* (length, 2), from transform_prepare */
  int64_t audio_stride;   /* floats from one channel to the next, >= (frames - 1) * hop + length */
} kernel_spectrogram;

typedef struct {
  const char *name;   /* "avx512", "avx2" or "baseline" */
  int32_t width;      /* floats in a vector */

  /* Mean and biased variance of x (count), in double precision. */
  void (*moments)(const float *x, int64_t count, double *mean, double *variance);

  /* y = x * scale + shift. x and y (rows, channels), may be the same; scale, shift (channels). */
  void (*scale_shift)(
      const float *x, float *y, int64_t rows, int64_t channels, const float *scale,
      const float *shift);

  /* GroupNorm over x (rows, channels), then one of the activations above. `groups` divides channels;
     `blocks` such blocks lie one after the other and are normalised one by one. */
  void (*group_norm)(
      const float *x, float *y, int64_t blocks, int64_t rows, int64_t channels, int64_t groups,
      const float *weight, const float *bias, float epsilon, int32_t activation);

  /* y += gain * GLU(GroupNorm(x)), with x (blocks, rows, 2 * channels) normalised block by block,
     y (blocks, rows, channels), gain (channels), and up to KERNEL_MAXIMUM_CHANNELS / 2 channels. */
  void (*group_norm_gated)(
      const float *x, float *y, int64_t blocks, int64_t rows, int64_t channels,
      const float *weight, const float *bias, float epsilon, const float *gain);

  /* Every row of x (rows, channels) to mean 0 and variance 1, then times weight plus bias. */
  void (*layer_norm)(
      const float *x, float *y, int64_t rows, int64_t channels, const float *weight,
      const float *bias, float epsilon);

  /* The first half of a softmax over the columns, in place: x = exp(x - the row's maximum), and
     factors (rows) = 1 / the row's sum. */
  void (*exponentials)(float *x, int64_t rows, int64_t columns, float *factors);

  /* Scores x (rows, columns) of queries first..<first + rows: each loses |column - query| times its
     query's slope (rows), and the score at the query's own place becomes -100. */
  void (*decay)(float *x, int64_t rows, int64_t columns, int64_t first, const float *slopes);

  /* Row r of x (rows, columns), `stride` floats apart, times factors[r]. */
  void (*scale_rows)(
      float *x, int64_t stride, int64_t rows, int64_t columns, const float *factors);

  /* y (channels, stride) += scale * x (frames, channels) + shift. */
  void (*add_interleaved)(
      const float *x, float *y, int64_t frames, int64_t channels, int64_t stride, float scale,
      float shift);

  /* x * (1 + erf(x / sqrt 2)) / 2. x and y (count), may be the same. */
  void (*gelu)(const float *x, float *y, int64_t count);

  /* x (rows, 2 * channels) to y (rows, channels): first half times sigmoid of second half. */
  void (*glu)(const float *x, float *y, int64_t rows, int64_t channels);

  /* y += x. (count) */
  void (*add)(const float *x, float *y, int64_t count);

  /* sum = a + b, difference = a - b. (count) */
  void (*sum_difference)(
      const float *a, const float *b, float *sum, float *difference, int64_t count);

  /* y = x * factor, element by element. (count) */
  void (*multiply)(const float *x, const float *factor, float *y, int64_t count);

  /* Complex numbers x (count, 2) to y, their magnitudes raised to `power`, their phase kept:
     y = x * (|x|^2 + 1e-12) ^ ((power - 1) / 2). May be the same. */
  void (*compress)(const float *x, float *y, int64_t count, float power);

  /* Masks (positions, sources, 4), in place: over the sources, real parts (columns 0 and 2) pass a
     softmax and imaginary parts lose their mean. At most KERNEL_MAXIMUM_SOURCES sources. */
  void (*share)(float *masks, int64_t positions, int64_t sources);

  /* c (rows, columns) = a (rows, depth) * b (depth, columns) + bias (columns); c's old value is
     the bias where `bias` is NULL and `accumulate` is set. Each with its row stride. */
  void (*product)(
      int64_t rows, int64_t columns, int64_t depth, const float *a, int64_t a_stride,
      const float *b, int64_t b_stride, float *c, int64_t c_stride, const float *_Nullable bias,
      int32_t accumulate);

  /* Floats that recurrence_pack writes, and that one run needs as cell memory. */
  int64_t (*recurrence_packed_count)(int64_t inputs, int64_t units);
  int64_t (*recurrence_cell_count)(int64_t rows, int64_t units);

  /* PyTorch's weight_ih (4 units, inputs), weight_hh (4 units, units), and both biases (4 units),
     gates in the order input, forget, cell, output. */
  void (*recurrence_pack)(
      int64_t inputs, int64_t units, const float *weight_ih, const float *weight_hh,
      const float *bias_ih, const float *bias_hh, float *packed);

  /* x at (step, row, inputs), y at (step, row, units). Starts from zero state. */
  void (*recurrence_run)(
      const kernel_recurrence *shape, const float *packed, const float *x, float *y, float *cell);

  /* Factors for transforms of a length; floats of working memory (aligned to 64 bytes). */
  void (*transform_prepare)(int64_t length, float *tables);
  int64_t (*transform_lanes_count)(int64_t length);

  /* Frames frame ..< min(frame + width, frames) of audio (2, audio_stride) to the spectrogram
     (bins, frames, 4): left real, left imaginary, right real, right imaginary. */
  void (*spectrogram_forward)(
      const kernel_spectrogram *shape, int64_t frame, const float *audio, float *spectrogram,
      float *lanes);

  /* The same frames of stereo signal `pair` of a spectrogram (bins, frames, pairs, 4),
     transformed back without the factor 1 / length, windowed, and added to audio
     (2 * pairs, audio_stride). Before that, every value is multiplied by the mixture
     (bins, frames, 4) as complex numbers, or where that is NULL by `scale`, and `offset`
     is added. */
  void (*spectrogram_inverse)(
      const kernel_spectrogram *shape, int64_t frame, const float *spectrogram, int64_t pairs,
      int64_t pair, const float *_Nullable mixture, float scale, float offset, float *audio,
      float *lanes);
} kernel_set;

/* The fastest set that this processor runs. */
const kernel_set *kernel_set_best(void);

/* Set number `index` of those that this processor runs, fastest first; NULL past the last. */
const kernel_set *_Nullable kernel_set_at(int32_t index);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
#endif
