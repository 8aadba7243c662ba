/* SPDX-License-Identifier: MIT */
/*
 * Gated convolutions with kernels of 3 x 3. Included by KernelBody.h after KernelProduct.h.
 *
 * Tiles of 4 x 4 results are made from 6 x 6 inputs by Winograd's minimal filtering F(4 x 4, 3 x 3)
 * (Lavin and Gray, arXiv 1509.09308, section 4.3): 36 products instead of 144.
 */
enum { winograd_inputs = 6, winograd_outputs = 4, winograd_points = 36 };

static int64_t winograd_tiles_per_strip(const kernel_winograd *s) {
  return (s->frames + winograd_outputs - 1) / winograd_outputs;
}

static int64_t winograd_tile_count(const kernel_winograd *s) {
  return (s->rows + winograd_outputs - 1) / winograd_outputs * winograd_tiles_per_strip(s);
}

/* Tiles at a time: enough that reading the weights pays, few enough for the cache. */
static int64_t winograd_tiles(const kernel_winograd *s) {
  int64_t most = s->channels / 4;
  if (most < 24) most = 24;
  if (most > 96) most = 96;
  return most / TILE * TILE;
}

static int64_t winograd_columns(const kernel_winograd *s) {
  return product_packed_columns(s->outputs, 1);
}

static int64_t winograd_packed_count(const kernel_winograd *s) {
  return winograd_columns(s) + winograd_points * product_packed_count(s->channels, s->outputs, 1);
}

static int64_t winograd_scratch_count(const kernel_winograd *s) {
  return winograd_points * winograd_tiles(s) * (s->channels + winograd_columns(s));
}

/* weights (2 outputs, channels, 3, 3); bias (2 outputs); temporary (2 outputs * channels). */
static void winograd_pack(
    const kernel_winograd *s, const float *weights, const float *bias, float *packed,
    float *temporary) {
  static const float g[winograd_inputs][3] = {
      {1.0f / 4, 0, 0},
      {-1.0f / 6, -1.0f / 6, -1.0f / 6},
      {-1.0f / 6, 1.0f / 6, -1.0f / 6},
      {1.0f / 24, 1.0f / 12, 1.0f / 6},
      {1.0f / 24, -1.0f / 12, 1.0f / 6},
      {0, 0, 1}};
  /* The biases in the order of the columns. */
  product_pack(0, s->outputs, 1, weights, bias, packed);
  packed += winograd_columns(s);
  const int64_t count = product_packed_count(s->channels, s->outputs, 1);
  for (int i = 0; i < winograd_inputs; ++i)
    for (int j = 0; j < winograd_inputs; ++j, packed += count) {
      const float *w = weights;
      for (int64_t n = 0; n < 2 * s->outputs * s->channels; ++n, w += 9) {
        float value = 0;
        for (int a = 0; a < 3; ++a)
          for (int b = 0; b < 3; ++b) value += g[i][a] * g[j][b] * w[3 * a + b];
        temporary[n] = value;
      }
      product_pack(s->channels, s->outputs, 1, temporary, 0, packed);
    }
}

/* Six numbers to the six points at which polynomials are multiplied. */
INLINE void winograd_in(const vector *x, int step, vector *y, int y_step) {
  const vector a = x[4 * step] - 4.0f * x[2 * step], b = x[3 * step] - 4.0f * x[step];
  const vector c = x[4 * step] - x[2 * step], d = 2.0f * (x[3 * step] - x[step]);
  y[0] = 4.0f * x[0] - 5.0f * x[2 * step] + x[4 * step];
  y[y_step] = a + b;
  y[2 * y_step] = a - b;
  y[3 * y_step] = c + d;
  y[4 * y_step] = c - d;
  y[5 * y_step] = 4.0f * x[step] - 5.0f * x[3 * step] + x[5 * step];
}

/* And six products at those points to four sums. */
INLINE void winograd_out(const vector *x, int step, vector *y, int y_step) {
  const vector a = x[step] + x[2 * step], b = x[step] - x[2 * step];
  const vector c = x[3 * step] + x[4 * step], d = x[3 * step] - x[4 * step];
  y[0] = x[0] + a + c;
  y[y_step] = b + 2.0f * d;
  y[2 * y_step] = a + 4.0f * c;
  y[3 * y_step] = b + 8.0f * d + x[5 * step];
}

/* One tile to points, WIDTH channels at a time; `more` is added to x where it is given. */
static void winograd_read(
    const kernel_winograd *s, int64_t tile, const float *x, const float *more, float *points,
    int64_t stride) {
  const int64_t per_strip = winograd_tiles_per_strip(s);
  const int64_t row = tile / per_strip * winograd_outputs - 1;
  const int64_t frame = tile % per_strip * winograd_outputs - 1;
  for (int64_t c = 0; c < s->channels; c += WIDTH) {
    const int64_t left = s->channels - c;
    vector in[winograd_points], half[winograd_points];
    for (int i = 0; i < winograd_inputs; ++i)
      for (int j = 0; j < winograd_inputs; ++j) {
        const int64_t r = row + i, f = frame + j;
        vector v = splat(0);
        if (r >= 0 && r < s->rows && f >= 0 && f < s->frames) {
          const int64_t place = (r * s->frames + f) * s->channels + c;
          v = get(x + place, left);
          if (more) v += get(more + place, left);
        }
        in[i * winograd_inputs + j] = v;
      }
    for (int j = 0; j < winograd_inputs; ++j)
      winograd_in(in + j, winograd_inputs, half + j, winograd_inputs);
    for (int i = 0; i < winograd_inputs; ++i)
      winograd_in(half + i * winograd_inputs, 1, in + i * winograd_inputs, 1);
    for (int i = 0; i < winograd_points; ++i) put(points + i * stride + c, in[i], left);
  }
}

static void winograd_write(
    const kernel_winograd *s, int64_t tile, const float *products, int64_t stride,
    const float *bias, float *y) {
  const int64_t per_strip = winograd_tiles_per_strip(s);
  const int64_t row = tile / per_strip * winograd_outputs;
  const int64_t frame = tile % per_strip * winograd_outputs;
  for (int64_t c = 0; c < s->outputs; c += WIDTH, products += PANEL, bias += PANEL) {
    vector result[2][winograd_outputs * winograd_outputs];
    for (int part = 0; part < 2; ++part) {
      vector in[winograd_points], half[winograd_outputs * winograd_inputs];
      for (int i = 0; i < winograd_points; ++i)
        in[i] = load(products + i * stride + part * WIDTH);
      for (int j = 0; j < winograd_inputs; ++j)
        winograd_out(in + j, winograd_inputs, half + j, winograd_inputs);
      for (int i = 0; i < winograd_outputs; ++i)
        winograd_out(half + i * winograd_inputs, 1, result[part] + i * winograd_outputs, 1);
    }
    const vector value_bias = load(bias), gate_bias = load(bias + WIDTH);
    for (int i = 0; i < winograd_outputs && row + i < s->rows; ++i)
      for (int j = 0; j < winograd_outputs && frame + j < s->frames; ++j) {
        const int n = i * winograd_outputs + j;
        const vector v = (result[0][n] + value_bias) * sigmoid(result[1][n] + gate_bias);
        put(y + ((row + i) * s->frames + frame + j) * s->outputs + c, v, s->outputs - c);
      }
  }
}

static void winograd_run(
    const kernel_winograd *s, int64_t first, int64_t count, const float *x, const float *more,
    const float *packed, float *y, float *scratch) {
  const int64_t most = winograd_tiles(s), columns = winograd_columns(s);
  const int64_t weight_count = product_packed_count(s->channels, s->outputs, 1);
  float *points = scratch, *products = points + winograd_points * most * s->channels;
  for (int64_t start = first; start < first + count; start += most) {
    const int64_t left = first + count - start, n = left < most ? left : most;
    for (int64_t t = 0; t < n; ++t)
      winograd_read(s, start + t, x, more, points + t * s->channels, most * s->channels);
    const kernel_product product = {
        .rows = n, .depth = s->channels, .taps = 1, .first_tap = 0, .tap_count = 1,
        .outputs = columns, .input_row = s->channels, .input_tap = 0, .output_row = columns,
        .finish = KERNEL_WRITE};
    for (int i = 0; i < winograd_points; ++i)
      product_packed(
          &product, packed + columns + i * weight_count, points + i * most * s->channels,
          products + i * most * columns);
    for (int64_t t = 0; t < n; ++t)
      winograd_write(s, start + t, products + t * columns, most * columns, packed, y);
  }
}
