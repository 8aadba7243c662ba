/* SPDX-License-Identifier: MIT */
/*
 * Short-time Fourier transforms of stereo signals, WIDTH frames side by side in the lanes of a
 * vector, left as the real part and right as the imaginary part of one complex transform.
 *
 * A transform of length N = N1 N2 is done in four steps (Bailey, "FFTs in external or hierarchical
 * memory", 1990): N2 transforms of length N1 on columns, twiddle factors, N1 transforms of length
 * N2 on rows; the transposed result is read through `output_place`. The inverse swaps real and
 * imaginary part before and after.
 *
 * lanes (first, second + 1, 2, WIDTH): real parts, imaginary parts of one index for all frames. The
 * extra column keeps a column's values from sharing one set of the cache.
 * tables: cos, -sin of 2 pi i / length for i in 0..<length, as pairs.
 */
typedef float quad __attribute__((vector_size(16)));
typedef float quad_unaligned __attribute__((vector_size(16), aligned(4), may_alias));

INLINE quad load4(const float *p) { return *(const quad_unaligned *)p; }
INLINE void store4(float *p, quad v) { *(quad_unaligned *)p = v; }

INLINE void transpose4(quad v[4]) {
  const quad a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
  const quad b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
  const quad c = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
  const quad d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  v[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  v[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/* 2^x for x <= 0, as exponential2, on four lanes. */
INLINE quad exponential2_4(quad x) {
  typedef int32_t quad_int __attribute__((vector_size(16)));
  const quad low = {-126, -126, -126, -126};
  x = __builtin_elementwise_max(x, low);
  const quad shifted = x + 12582912.0f;
  const quad f = x - (shifted - 12582912.0f);
  quad p = f * 0.00015461447765119374f + 0.0013390866806730628f;
  p = p * f + 0.009618056938052177f;
  p = p * f + 0.055503569543361664f;
  p = p * f + 0.24022650718688965f;
  p = p * f + 0.6931471824645996f;
  p = p * f + 1.0f;
  return (quad)((quad_int)p + ((quad_int)shifted << 23));
}

/* Two positions at a time: real parts of both side by side, and imaginary parts. */
static void share(float *masks, int64_t positions, int64_t sources) {
  quad real[KERNEL_MAXIMUM_SOURCES], imaginary[KERNEL_MAXIMUM_SOURCES];
  const float one_share = 1.0f / (float)sources;
  for (int64_t position = 0; position < positions; position += 2) {
    float *a = masks + position * sources * 4;
    float *b = position + 1 < positions ? a + sources * 4 : a;
    quad most = {0}, mean = {0}, total = {0};
    for (int64_t s = 0; s < sources; ++s) {
      const quad x = load4(a + 4 * s), y = load4(b + 4 * s);
      real[s] = __builtin_shufflevector(x, y, 0, 2, 4, 6);
      imaginary[s] = __builtin_shufflevector(x, y, 1, 3, 5, 7);
      most = s ? __builtin_elementwise_max(most, real[s]) : real[s];
      mean += imaginary[s];
    }
    mean *= one_share;
    for (int64_t s = 0; s < sources; ++s) {
      real[s] = exponential2_4((real[s] - most) * LOG2_E);
      total += real[s];
    }
    const quad factor = 1.0f / total;
    for (int64_t s = 0; s < sources; ++s) {
      const quad r = real[s] * factor, i = imaginary[s] - mean;
      store4(a + 4 * s, __builtin_shufflevector(r, i, 0, 4, 1, 5));
      store4(b + 4 * s, b == a ? __builtin_shufflevector(r, i, 0, 4, 1, 5)
                               : __builtin_shufflevector(r, i, 2, 6, 3, 7));
    }
  }
}

enum { LONGEST_PART = 256, AHEAD = 12 };

static void transform_split(int64_t length, int64_t *first, int64_t *second) {
  int64_t a = 1;
  while (a * a < length) a *= 2;
  *second = a;
  *first = length / a;
}

static void transform_prepare(int64_t length, float *tables) {
  for (int64_t i = 0; i < length; ++i) {
    const double angle = 6.283185307179586476925 * (double)i / (double)length;
    tables[2 * i] = (float)cos(angle);
    tables[2 * i + 1] = (float)-sin(angle);
  }
}

/*
 * Stockham's self-sorting transform of `count` values, of radix 4 and, once, 2. Returns whichever
 * of `a` and `b` holds the result. `step` * count = length of the tables.
 */
INLINE vector *transform_part(
    int64_t count, int64_t step, const float *tables, vector *a, vector *b) {
  int64_t left = count, stride = 1;
  for (; left >= 4; left /= 4, stride *= 4) {
    const int64_t quarter = left / 4;
    for (int64_t p = 0; p < quarter; ++p) {
      const float *t1 = tables + 2 * p * stride * step, *t2 = tables + 4 * p * stride * step,
                  *t3 = tables + 6 * p * stride * step;
      for (int64_t q = 0; q < stride; ++q) {
        const vector *x = a + 2 * (q + stride * p);
        const int64_t hop = 2 * stride * quarter;
        const vector ar = x[0], ai = x[1], br = x[hop], bi = x[hop + 1];
        const vector cr = x[2 * hop], ci = x[2 * hop + 1], dr = x[3 * hop], di = x[3 * hop + 1];
        const vector sr = ar + cr, si = ai + ci, mr = ar - cr, mi = ai - ci;
        const vector ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
        vector *y = b + 2 * (q + stride * 4 * p);
        y[0] = sr + ur;
        y[1] = si + ui;
        const vector er = mr + vi, ei = mi - vr;   /* m - i v */
        const vector fr = sr - ur, fi = si - ui;
        const vector gr = mr - vi, gi = mi + vr;   /* m + i v */
        y[2 * stride] = er * t1[0] - ei * t1[1];
        y[2 * stride + 1] = er * t1[1] + ei * t1[0];
        y[4 * stride] = fr * t2[0] - fi * t2[1];
        y[4 * stride + 1] = fr * t2[1] + fi * t2[0];
        y[6 * stride] = gr * t3[0] - gi * t3[1];
        y[6 * stride + 1] = gr * t3[1] + gi * t3[0];
      }
    }
    vector *swap = a;
    a = b;
    b = swap;
  }
  if (left == 2) {
    for (int64_t q = 0; q < stride; ++q) {
      const vector *x = a + 2 * q;
      const vector ar = x[0], ai = x[1], br = x[2 * stride], bi = x[2 * stride + 1];
      b[2 * q] = ar + br;
      b[2 * q + 1] = ai + bi;
      b[2 * (q + stride)] = ar - br;
      b[2 * (q + stride) + 1] = ai - bi;
    }
    return b;
  }
  return a;
}

static void transform_run(int64_t length, const float *tables, float *lanes) {
  vector a[2 * LONGEST_PART], b[2 * LONGEST_PART];
  int64_t first, second;
  transform_split(length, &first, &second);
  vector *values = (vector *)lanes;
  for (int64_t column = 0; column < second; ++column) {
    for (int64_t i = 0; i < first; ++i) {
      a[2 * i] = values[2 * (i * (second + 1) + column)];
      a[2 * i + 1] = values[2 * (i * (second + 1) + column) + 1];
    }
    const vector *y = transform_part(first, second, tables, a, b);
    for (int64_t i = 0; i < first; ++i) {
      const float *t = tables + 2 * i * column;
      values[2 * (i * (second + 1) + column)] = y[2 * i] * t[0] - y[2 * i + 1] * t[1];
      values[2 * (i * (second + 1) + column) + 1] = y[2 * i] * t[1] + y[2 * i + 1] * t[0];
    }
  }
  for (int64_t row = 0; row < first; ++row) {
    vector *x = values + 2 * row * (second + 1);
    memcpy(a, x, (size_t)second * 2 * sizeof(vector));
    const vector *y = transform_part(second, first, tables, a, b);
    memcpy(x, y, (size_t)second * 2 * sizeof(vector));
  }
}

/* Where transform_run takes value k, and where it leaves it, in floats. */
INLINE int64_t input_place(int64_t k, int64_t second) {
  return (k + (k >> __builtin_ctzll((uint64_t)second))) * 2 * WIDTH;
}
INLINE int64_t output_place(int64_t k, int64_t first, int64_t second) {
  return ((k & (first - 1)) * (second + 1) + (k >> __builtin_ctzll((uint64_t)first))) * 2 * WIDTH;
}

static int64_t transform_lanes_count(int64_t length) {
  int64_t first, second;
  transform_split(length, &first, &second);
  return first * (second + 1) * 2 * WIDTH;
}

static void spectrogram_forward(
    const kernel_spectrogram *s, int64_t frame, const float *audio, float *spectrogram,
    float *lanes) {
  const int64_t length = s->length, bins = s->bins;
  const int64_t count = s->frames - frame < WIDTH ? s->frames - frame : WIDTH;
  int64_t first, second;
  transform_split(length, &first, &second);
  for (int64_t channel = 0; channel < 2; ++channel) {
    const float *start = audio + channel * s->audio_stride + frame * s->hop;
    float *out = lanes + channel * WIDTH;
    for (int64_t lane = 0; lane < WIDTH; lane += 4) {
      const float *in[4];
      for (int64_t i = 0; i < 4; ++i)  /* Frames past the last repeat it and are not written. */
        in[i] = start + (lane + i < count ? lane + i : count - 1) * s->hop;
      for (int64_t n = 0; n < length; n += 4) {
        const quad window = load4(s->window + n);
        float *value = out + input_place(n, second) + lane;
        quad v[4];
        for (int i = 0; i < 4; ++i) v[i] = load4(in[i] + n) * window;
        transpose4(v);
        for (int i = 0; i < 4; ++i) store4(value + i * 2 * WIDTH, v[i]);
      }
    }
  }
  transform_run(length, s->tables, lanes);
  for (int64_t bin = 0; bin < bins; ++bin) {
    const int64_t mirror = (length - bin) & (length - 1);
    const float *z = lanes + output_place(bin, first, second);
    const float *m = lanes + output_place(mirror, first, second);
    float *out = spectrogram + (bin * s->frames + frame) * 4;
    for (int64_t lane = 0; lane < count; lane += 4) {
      const quad zr = load4(z + lane), zi = load4(z + WIDTH + lane);
      const quad mr = load4(m + lane), mi = load4(m + WIDTH + lane);
      quad v[4] = {
          0.5f * (zr + mr), 0.5f * (zi - mi),  /* left */
          0.5f * (zi + mi), 0.5f * (mr - zr),  /* right */
      };
      transpose4(v);
      for (int64_t i = 0; i < 4 && lane + i < count; ++i) store4(out + (lane + i) * 4, v[i]);
    }
  }
}

static void spectrogram_inverse(
    const kernel_spectrogram *s, int64_t frame, const float *spectrogram, int64_t pairs,
    int64_t pair, const float *mixture, float scale, float offset, float *audio, float *lanes) {
  const int64_t length = s->length, bins = length / 2 + 1;
  const int64_t count = s->frames - frame < WIDTH ? s->frames - frame : WIDTH;
  int64_t first, second;
  transform_split(length, &first, &second);
  for (int64_t bin = 0; bin < bins; ++bin) {
    const float *in = spectrogram + ((bin * s->frames + frame) * pairs + pair) * 4;
    const float *mix = mixture ? mixture + (bin * s->frames + frame) * 4 : 0;
    float *z = lanes + input_place(bin, second);
    float *m = lanes + input_place((length - bin) & (length - 1), second);
    const int real = bin == 0 || 2 * bin == length;
    /* Rows of the spectrogram are pages apart, which no processor foresees. */
    if (bin + AHEAD < s->bins) {
      const float *next = in + AHEAD * s->frames * pairs * 4;
      for (int64_t lane = 0; lane < count; ++lane) __builtin_prefetch(next + lane * pairs * 4);
      if (mix)
        for (int64_t lane = 0; lane < count; lane += 4)
          __builtin_prefetch(mix + (AHEAD * s->frames + lane) * 4);
    }
    if (bin >= s->bins) {
      memset(z, 0, 2 * WIDTH * sizeof(float));
      memset(m, 0, 2 * WIDTH * sizeof(float));
      continue;
    }
    for (int64_t lane = 0; lane < WIDTH; lane += 4) {
      quad v[4], w[4];
      if (lane + 4 <= count) {
        for (int i = 0; i < 4; ++i) v[i] = load4(in + (lane + i) * pairs * 4);
        if (mix)
          for (int i = 0; i < 4; ++i) w[i] = load4(mix + (lane + i) * 4);
      } else {  /* Frames past the last are zero. */
        for (int64_t i = 0; i < 4; ++i) {
          const int inside = lane + i < count;
          v[i] = inside ? load4(in + (lane + i) * pairs * 4) : (quad){0};
          w[i] = inside && mix ? load4(mix + (lane + i) * 4) : (quad){0};
        }
      }
      transpose4(v);
      quad lr, li, rr, ri;
      if (mix) {
        transpose4(w);
        lr = v[0] * w[0] - v[1] * w[1];
        li = v[0] * w[1] + v[1] * w[0];
        rr = v[2] * w[2] - v[3] * w[3];
        ri = v[2] * w[3] + v[3] * w[2];
      } else {
        lr = v[0] * scale + offset;
        li = v[1] * scale + offset;
        rr = v[2] * scale + offset;
        ri = v[3] * scale + offset;
      }
      if (real) li = ri = (quad){0};
      /* left + i right, and its mirror image conj(left) + i conj(right); parts swapped. */
      store4(m + WIDTH + lane, lr + ri);
      store4(m + lane, rr - li);
      store4(z + WIDTH + lane, lr - ri);
      store4(z + lane, li + rr);
    }
  }
  transform_run(length, s->tables, lanes);
  for (int64_t channel = 0; channel < 2; ++channel) {
    float *start = audio + (2 * pair + channel) * s->audio_stride + frame * s->hop;
    const float *in = lanes + (1 - channel) * WIDTH;
    for (int64_t lane = 0; lane < count; lane += 4) {
      const int64_t inside = count - lane < 4 ? count - lane : 4;
      float *out = start + lane * s->hop;
      for (int64_t n = 0; n < length; n += 4) {
        quad v[4];
        const float *value = in + output_place(n, first, second) + lane;
        for (int i = 0; i < 4; ++i) v[i] = load4(value + i * (second + 1) * 2 * WIDTH);
        transpose4(v);
        const quad window = load4(s->window + n);
        for (int i = 0; i < 4; ++i) v[i] *= window;
        if (inside == 4) {
          for (int i = 0; i < 4; ++i) v[i] += load4(out + i * s->hop + n);
          for (int i = 0; i < 4; ++i) store4(out + i * s->hop + n, v[i]);
        } else {
          for (int64_t i = 0; i < inside; ++i) {
            float *sum = out + i * s->hop + n;
            store4(sum, load4(sum) + v[i]);
          }
        }
      }
    }
  }
}
