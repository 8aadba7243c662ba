/* SPDX-License-Identifier: MIT */
/*
 * The passes of training: batch normalisation with or without a rectifier behind it, and maximum
 * pooling, forward and backward. Plain loops that the compiler turns into vectors.
 *
 * Tables of a few channels are repeated up to PERIOD floats or more, so that the inner loops are
 * long however few channels there are.
 */
enum { PERIOD = 64, LONGEST_PERIOD = KERNEL_MAXIMUM_CHANNELS };

/* Floats of a table for so many channels: a multiple of them. */
static int64_t period(int64_t channels) {
  return channels >= PERIOD ? channels : (PERIOD + channels - 1) / channels * channels;
}

static void repeat(const float *table, int64_t channels, float *repeated) {
  const int64_t length = period(channels);
  for (int64_t i = 0; i < length; ++i) repeated[i] = table[i % channels];
}

/* Adds up the repeated sums of each channel in double precision. */
static void fold(const float *repeated, int64_t channels, double *sums) {
  const int64_t length = period(channels);
  for (int64_t c = 0; c < channels; ++c) {
    double s = 0;
    for (int64_t i = c; i < length; i += channels) s += repeated[i];
    sums[c] = s;
  }
}

static void channel_moments(
    const float *restrict x, int64_t rows, int64_t channels, double *mean, double *squares) {
  const int64_t count = rows * channels, length = period(channels);
  float sums[LONGEST_PERIOD], centre[LONGEST_PERIOD], centres[LONGEST_PERIOD];
  memset(sums, 0, (size_t)length * sizeof(float));
  for (int64_t start = 0; start < count; start += length) {
    const int64_t n = count - start < length ? count - start : length;
    for (int64_t i = 0; i < n; ++i) sums[i] += x[start + i];
  }
  fold(sums, channels, mean);
  for (int64_t c = 0; c < channels; ++c) {
    mean[c] /= (double)rows;
    centre[c] = (float)mean[c];
  }
  repeat(centre, channels, centres);
  memset(sums, 0, (size_t)length * sizeof(float));
  for (int64_t start = 0; start < count; start += length) {
    const int64_t n = count - start < length ? count - start : length;
    for (int64_t i = 0; i < n; ++i) {
      const float d = x[start + i] - centres[i];
      sums[i] += d * d;
    }
  }
  fold(sums, channels, squares);
  for (int64_t c = 0; c < channels; ++c) {
    const double offset = mean[c] - (double)centre[c];
    squares[c] -= offset * offset * (double)rows;
    if (squares[c] < 0) squares[c] = 0;
  }
}

static void normalize(
    const float *restrict x, float *restrict y, int64_t rows, int64_t channels, const float *mean,
    const float *scale, const float *shift, int32_t rectifies) {
  const int64_t count = rows * channels, length = period(channels);
  float means[LONGEST_PERIOD], scales[LONGEST_PERIOD], shifts[LONGEST_PERIOD];
  repeat(mean, channels, means);
  repeat(scale, channels, scales);
  repeat(shift, channels, shifts);
  for (int64_t start = 0; start < count; start += length) {
    const int64_t n = count - start < length ? count - start : length;
    const float *restrict from = x + start;
    float *restrict to = y + start;
    if (rectifies)
      for (int64_t i = 0; i < n; ++i) {
        const float value = (from[i] - means[i]) * scales[i] + shifts[i];
        to[i] = value > 0 ? value : 0;
      }
    else
      for (int64_t i = 0; i < n; ++i) to[i] = (from[i] - means[i]) * scales[i] + shifts[i];
  }
}

static void normalize_sums(
    const float *restrict x, const float *restrict y, const float *restrict gradient, int64_t rows,
    int64_t channels, const float *mean, double *sums, double *products) {
  const int64_t count = rows * channels, length = period(channels);
  float means[LONGEST_PERIOD], s[LONGEST_PERIOD], p[LONGEST_PERIOD];
  repeat(mean, channels, means);
  memset(s, 0, (size_t)length * sizeof(float));
  memset(p, 0, (size_t)length * sizeof(float));
  for (int64_t start = 0; start < count; start += length) {
    const int64_t n = count - start < length ? count - start : length;
    const float *restrict input = x + start, *restrict g = gradient + start;
    if (y) {
      const float *restrict output = y + start;
      for (int64_t i = 0; i < n; ++i) {
        const float value = output[i] > 0 ? g[i] : 0;
        s[i] += value;
        p[i] += value * (input[i] - means[i]);
      }
    } else
      for (int64_t i = 0; i < n; ++i) {
        s[i] += g[i];
        p[i] += g[i] * (input[i] - means[i]);
      }
  }
  fold(s, channels, sums);
  fold(p, channels, products);
}

static void normalize_backward(
    const float *restrict x, const float *restrict y, const float *restrict gradient,
    float *restrict result, int64_t rows, int64_t channels, const float *mean, const float *scale,
    const float *slope, const float *shift) {
  const int64_t count = rows * channels, length = period(channels);
  float means[LONGEST_PERIOD], scales[LONGEST_PERIOD], slopes[LONGEST_PERIOD];
  float shifts[LONGEST_PERIOD];
  repeat(mean, channels, means);
  repeat(scale, channels, scales);
  repeat(slope, channels, slopes);
  repeat(shift, channels, shifts);
  for (int64_t start = 0; start < count; start += length) {
    const int64_t n = count - start < length ? count - start : length;
    const float *restrict input = x + start, *restrict g = gradient + start;
    float *restrict to = result + start;
    if (y) {
      const float *restrict output = y + start;
      for (int64_t i = 0; i < n; ++i) {
        const float value = output[i] > 0 ? g[i] : 0;
        to[i] = value * scales[i] + (input[i] - means[i]) * slopes[i] + shifts[i];
      }
    } else
      for (int64_t i = 0; i < n; ++i)
        to[i] = g[i] * scales[i] + (input[i] - means[i]) * slopes[i] + shifts[i];
  }
}

static void pool_forward(
    const float *restrict x, int64_t height, int64_t width, int64_t channels, int64_t size,
    float *restrict y, int32_t *restrict places) {
  for (int64_t row = 0; row < height / size; ++row)
    for (int64_t column = 0; column < width / size; ++column) {
      const float *restrict corner = x + (row * size * width + column * size) * channels;
      for (int64_t c = 0; c < channels; ++c) {
        y[c] = corner[c];
        places[c] = 0;
      }
      for (int64_t place = 1; place < size * size; ++place) {
        const float *restrict from = corner + (place / size * width + place % size) * channels;
        for (int64_t c = 0; c < channels; ++c) {
          const int greater = from[c] > y[c];
          y[c] = greater ? from[c] : y[c];
          places[c] = greater ? (int32_t)place : places[c];
        }
      }
      y += channels;
      places += channels;
    }
}

static void pool_backward(
    const float *restrict gradient, const int32_t *restrict places, int64_t height, int64_t width,
    int64_t channels, int64_t size, float *restrict result) {
  /* What no window covers gets none. */
  if (height % size || width % size)
    memset(result, 0, (size_t)(height * width * channels) * sizeof(float));
  for (int64_t row = 0; row < height / size; ++row)
    for (int64_t column = 0; column < width / size; ++column) {
      float *restrict corner = result + (row * size * width + column * size) * channels;
      for (int64_t place = 0; place < size * size; ++place) {
        float *restrict to = corner + (place / size * width + place % size) * channels;
        for (int64_t c = 0; c < channels; ++c) to[c] = places[c] == place ? gradient[c] : 0;
      }
      gradient += channels;
      places += channels;
    }
}
