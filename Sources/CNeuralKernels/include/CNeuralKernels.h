/* SPDX-License-Identifier: MIT */
/*
 * The inner loops of the neural engine: products with packed weights in float32 and bfloat16,
 * attention, gated convolutions, recurrent layers, Fourier transforms, and the fused element-wise
 * passes between them.
 *
 * Every function exists in up to four versions in one binary: AVX-512 with and without bfloat16,
 * AVX2 with FMA, and what the compiler assumes anyway (SSE2 or NEON). `kernel_set_best` picks at run
 * time. All functions are pure: they touch only what they are given, and allocate nothing. Arrays
 * are float32 where nothing else is said.
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
/* The most inputs of a product in bfloat16, every tap filled up to an even number. */
#define KERNEL_MAXIMUM_INPUTS16 98304

/* What follows a normalisation. */
enum { KERNEL_IDENTITY = 0, KERNEL_SWISH = 1, KERNEL_GELU = 2 };

/* What a product with packed weights does with its result. */
enum {
  KERNEL_WRITE = 0,
  KERNEL_ACCUMULATE = 1,       /* added to what is there */
  KERNEL_WRITE_GELU = 2,
  KERNEL_GATED = 3,            /* first half of the columns times the sigmoid of the second */
  KERNEL_GATED_ACCUMULATE = 4
};

/* The product of rows with packed weights. An input row is made of taps of `depth` floats. */
typedef struct {
  int64_t rows;
  int64_t depth, taps;               /* of the weights: taps * depth inputs */
  int64_t first_tap, tap_count;      /* those that take part; x begins at the first of them */
  int64_t outputs;                   /* columns of the result; the weights have 2 x if gated */
  int64_t input_row, input_tap;      /* floats from one row to the next, from one tap to the next */
  int64_t output_row;
  int32_t finish;
} kernel_product;

/* Attention of one head. Strides in floats; keys and values have the same. */
typedef struct {
  int64_t queries, keys, width;
  int64_t query_row, key_row, output_row;
} kernel_attention;

/* A gated convolution with a kernel of 3 x 3 over (rows, frames, channels), zero around it, to
   (rows, frames, outputs). */
typedef struct {
  int64_t rows, frames, channels, outputs;
} kernel_winograd;

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
  const char *name;   /* "avx512-bf16", "avx512", "avx2" or "baseline" */
  int32_t width;      /* floats in a vector */
  int32_t has_bfloat16;   /* 1: products in bfloat16 have instructions of their own */

  /* Mean and biased variance of x (count), in double precision. */
  void (*moments)(const float *x, int64_t count, double *mean, double *variance);

  /* y = x * scale + shift, then one of the activations above. x and y (rows, channels), may be the
     same; scale, shift (channels). */
  void (*scale_shift)(
      const float *x, float *y, int64_t rows, int64_t channels, const float *scale,
      const float *shift, int32_t activation);

  /* GroupNorm over x (rows, channels), then one of the activations above. `groups` divides channels;
     `blocks` such blocks lie one after the other and are normalised one by one. */
  void (*group_norm)(
      const float *x, float *y, int64_t blocks, int64_t rows, int64_t channels, int64_t groups,
      const float *weight, const float *bias, float epsilon, int32_t activation);

  /* Every row of x (rows, channels) to mean 0 and variance 1, then times weight plus bias. */
  void (*layer_norm)(
      const float *x, float *y, int64_t rows, int64_t channels, const float *weight,
      const float *bias, float epsilon);

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

  /* Floats of packed weights of `inputs` inputs. */
  int64_t (*product_packed_count)(int64_t inputs, int64_t outputs, int32_t is_gated);
  /* weights (outputs or 2 outputs, inputs), bias (outputs or 2 outputs) */
  void (*product_pack)(
      int64_t inputs, int64_t outputs, int32_t is_gated, const float *weights,
      const float *_Nullable bias, float *packed);
  /* y (rows, outputs) from x; at most one of the strides of x may be 0. */
  void (*product_packed)(const kernel_product *shape, const float *packed, const float *x, float *y);

  /* The same with inputs and weights rounded to bfloat16; sums are in single precision. */
  int64_t (*product16_packed_count)(
      int64_t taps, int64_t depth, int64_t outputs, int32_t is_gated);
  void (*product16_pack)(
      int64_t taps, int64_t depth, int64_t outputs, int32_t is_gated, const float *weights,
      const float *_Nullable bias, float *packed);
  void (*product16_packed)(
      const kernel_product *shape, const float *packed, const float *x, float *y);

  /* Of the columns of x (rows, columns): means (columns) and covariances, not corrected for the
     sample (columns, columns). */
  void (*covariance)(
      const float *x, int64_t rows, int64_t columns, double *mean, double *result);

  /* softmax(queries keys^T) values for queries first ..< first + count. Pointers are to query 0 and
     output 0. With slopes (queries), a score loses |key - query| times its query's slope, and the
     score at the query's own place becomes -100. */
  int64_t (*attention_packed_count)(const kernel_attention *shape);
  int64_t (*attention_scratch_count)(const kernel_attention *shape);
  void (*attention_pack)(
      const kernel_attention *shape, const float *keys, const float *values, float *packed);
  void (*attention_run)(
      const kernel_attention *shape, int64_t first, int64_t count, const float *queries,
      const float *packed, float *y, const float *_Nullable slopes, float *scratch);

  /* weights (2 outputs, channels, 3, 3), bias (2 outputs), temporary (2 outputs * channels). Tiles
     are independent of each other. x is taken plus `more`, where that is given. */
  int64_t (*winograd_tile_count)(const kernel_winograd *shape);
  int64_t (*winograd_packed_count)(const kernel_winograd *shape);
  int64_t (*winograd_scratch_count)(const kernel_winograd *shape);
  void (*winograd_pack)(
      const kernel_winograd *shape, const float *weights, const float *bias, float *packed,
      float *temporary);
  void (*winograd_run)(
      const kernel_winograd *shape, int64_t first, int64_t count, const float *x,
      const float *_Nullable more, const float *packed, float *y, float *scratch);

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

  /* ---- Training: channels last, at most KERNEL_MAXIMUM_CHANNELS. ---- */

  /* Of every channel of x (rows, channels): the mean, and the sum of squared distances from it. */
  void (*channel_moments)(
      const float *x, int64_t rows, int64_t channels, double *mean, double *squares);

  /* y = (x - mean) * scale + shift, then no less than zero where `rectifies` is set. Not the same. */
  void (*normalize)(
      const float *x, float *y, int64_t rows, int64_t channels, const float *mean,
      const float *scale, const float *shift, int32_t rectifies);

  /* Of every channel, the sums of the gradient and of the gradient times (x - mean). Where the
     result was rectified it is given as y, and its gradient counts only where y > 0. */
  void (*normalize_sums)(
      const float *x, const float *_Nullable y, const float *gradient, int64_t rows,
      int64_t channels, const float *mean, double *sums, double *products);

  /* result = gradient * scale + (x - mean) * slope + shift, with y as above. Not the same. */
  void (*normalize_backward)(
      const float *x, const float *_Nullable y, const float *gradient, float *result, int64_t rows,
      int64_t channels, const float *mean, const float *scale, const float *slope,
      const float *shift);

  /* The maxima of windows of size x size in x (height, width, channels), and which place of the
     window, counted by rows, holds the first of them: (height / size, width / size, channels). */
  void (*pool_forward)(
      const float *x, int64_t height, int64_t width, int64_t channels, int64_t size, float *y,
      int32_t *places);

  /* The gradient of x (height, width, channels) from that of y. */
  void (*pool_backward)(
      const float *gradient, const int32_t *places, int64_t height, int64_t width,
      int64_t channels, int64_t size, float *result);
} kernel_set;

/* The fastest set that this processor runs. */
const kernel_set *kernel_set_best(void);

/* Set number `index` of those that this processor runs, fastest first; NULL past the last. */
const kernel_set *_Nullable kernel_set_at(int32_t index);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
#endif
