/* SPDX-License-Identifier: MIT */
/* Convolutions over batches with changing weights, forward and backward. */
#include "OneDNNVersion.h"

#include <stdlib.h>

typedef struct {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
} operation;

struct onednn_training_convolution {
  dnnl_stream_t stream;
  operation forward, backward_data, backward_weights;
  operation pack_forward, pack_backward, unpack; /* weights from and to PyTorch's layout */
  /* Handles without memory of their own, but for the packed weights. */
  dnnl_memory_t input, output, bias, plain, scratchpad;
  dnnl_memory_t packed_forward, packed_backward, packed_gradient;
};

/* ---- What differs between versions 2 and 3 ---- */

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t describe_forward(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_forward_primitive_desc_create(
      result, engine, dnnl_forward_training, dnnl_convolution_direct, l->input, l->packed, l->bias,
      l->output, l->strides, l->dilations, l->before, l->after, attributes);
}
static dnnl_status_t describe_backward_data(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_backward_data_primitive_desc_create(
      result, engine, dnnl_convolution_direct, l->input, l->packed, l->output, l->strides,
      l->dilations, l->before, l->after, forward, attributes);
}
static dnnl_status_t describe_backward_weights(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_backward_weights_primitive_desc_create(
      result, engine, dnnl_convolution_direct, l->input, l->packed, l->bias, l->output, l->strides,
      l->dilations, l->before, l->after, forward, attributes);
}

#else

static dnnl_status_t describe_forward(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
      &description, dnnl_forward_training, dnnl_convolution_direct, &l->input, &l->packed,
      &l->bias, &l->output, l->strides, l->dilations, l->before, l->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, NULL);
}
static dnnl_status_t describe_backward_data(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
      &description, dnnl_convolution_direct, &l->input, &l->packed, &l->output, l->strides,
      l->dilations, l->before, l->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, forward);
}
static dnnl_status_t describe_backward_weights(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_layouts *l,
    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
      &description, dnnl_convolution_direct, &l->input, &l->packed, &l->bias, &l->output,
      l->strides, l->dilations, l->before, l->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, forward);
}

#endif

/* ---- Making ---- */

static void operation_destroy(operation *value) {
  if (value->primitive) dnnl_primitive_destroy(value->primitive);
  if (value->description) dnnl_primitive_desc_destroy(value->description);
}

static layout_reference weights_layout(const operation *value, dnnl_query_t query) {
  return dnnl_primitive_desc_query_md(value->description, query, 0);
}

static dnnl_status_t make_reorder(
    operation *result, dnnl_engine_t engine, layout_reference from, layout_reference to) {
  dnnl_status_t status =
      dnnl_reorder_primitive_desc_create(&result->description, from, engine, to, engine, NULL);
  if (status != dnnl_success) return status;
  return dnnl_primitive_create(&result->primitive, result->description);
}

static dnnl_status_t make_operations(
    onednn_training_convolution *c, dnnl_engine_t engine, const convolution_layouts *l) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success)
    status = describe_forward(&c->forward.description, engine, l, attributes);
  if (status == dnnl_success)
    status = describe_backward_data(
        &c->backward_data.description, engine, l, c->forward.description, attributes);
  if (status == dnnl_success)
    status = describe_backward_weights(
        &c->backward_weights.description, engine, l, c->forward.description, attributes);
  dnnl_primitive_attr_destroy(attributes);
  operation *const all[] = {&c->forward, &c->backward_data, &c->backward_weights};
  for (int i = 0; i < 3 && status == dnnl_success; ++i)
    status = dnnl_primitive_create(&all[i]->primitive, all[i]->description);
  return status;
}

static dnnl_status_t make_memories(
    onednn_training_convolution *c, dnnl_engine_t engine, const convolution_layouts *l) {
  const layout_reference plain = reference(&l->plain);
  const layout_reference forward = weights_layout(&c->forward, dnnl_query_weights_md);
  const layout_reference backward = weights_layout(&c->backward_data, dnnl_query_weights_md);
  const layout_reference gradient =
      weights_layout(&c->backward_weights, dnnl_query_diff_weights_md);
  /* The handle of the scratch memory serves all three operations: it has the largest layout. */
  const operation *const all[] = {&c->forward, &c->backward_data, &c->backward_weights};
  layout_reference scratchpad = NULL;
  for (int i = 0; i < 3; ++i) {
    const layout_reference own = weights_layout(all[i], dnnl_query_scratchpad_md);
    if (!scratchpad || layout_size(own) > layout_size(scratchpad)) scratchpad = own;
  }
  const struct {
    dnnl_memory_t *memory;
    layout_reference layout;
    void *values;
  } memories[] = {
      {&c->input, reference(&l->input), DNNL_MEMORY_NONE},
      {&c->output, reference(&l->output), DNNL_MEMORY_NONE},
      {&c->bias, reference(&l->bias), DNNL_MEMORY_NONE},
      {&c->plain, plain, DNNL_MEMORY_NONE},
      {&c->scratchpad, scratchpad, DNNL_MEMORY_NONE},
      {&c->packed_forward, forward, DNNL_MEMORY_ALLOCATE},
      {&c->packed_backward, backward, DNNL_MEMORY_ALLOCATE},
      {&c->packed_gradient, gradient, DNNL_MEMORY_ALLOCATE},
  };
  dnnl_status_t status = dnnl_success;
  for (size_t i = 0; i < sizeof memories / sizeof *memories && status == dnnl_success; ++i)
    status = dnnl_memory_create(
        memories[i].memory, memories[i].layout, engine, memories[i].values);
  if (status == dnnl_success) status = make_reorder(&c->pack_forward, engine, plain, forward);
  if (status == dnnl_success) status = make_reorder(&c->pack_backward, engine, plain, backward);
  if (status == dnnl_success) status = make_reorder(&c->unpack, engine, gradient, plain);
  return status;
}

onednn_status onednn_training_convolution_create(
    onednn_training_convolution **result, const onednn_convolution_shape *shape, int64_t items) {
  dnnl_engine_t engine;
  dnnl_status_t status = onednn_engine(&engine);
  if (status != dnnl_success) return status;
  onednn_training_convolution *convolution = calloc(1, sizeof *convolution);
  if (!convolution) return dnnl_out_of_memory;
  convolution_layouts layouts;
  status = convolution_layouts_create(&layouts, shape, items);
  if (status == dnnl_success)
    status = dnnl_stream_create(&convolution->stream, engine, dnnl_stream_default_flags);
  if (status == dnnl_success) status = make_operations(convolution, engine, &layouts);
  if (status == dnnl_success) status = make_memories(convolution, engine, &layouts);
  convolution_layouts_destroy(&layouts);
  if (status != dnnl_success) {
    onednn_training_convolution_destroy(convolution);
    return status;
  }
  *result = convolution;
  return dnnl_success;
}

void onednn_training_convolution_destroy(onednn_training_convolution *c) {
  if (!c) return;
  operation *const operations[] = {&c->forward,      &c->backward_data, &c->backward_weights,
                                   &c->pack_forward, &c->pack_backward, &c->unpack};
  for (size_t i = 0; i < sizeof operations / sizeof *operations; ++i)
    operation_destroy(operations[i]);
  const dnnl_memory_t memories[] = {c->input,      c->output,         c->bias,
                                    c->plain,      c->scratchpad,     c->packed_forward,
                                    c->packed_backward, c->packed_gradient};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; ++i)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (c->stream) dnnl_stream_destroy(c->stream);
  free(c);
}

size_t onednn_training_convolution_scratchpad_size(const onednn_training_convolution *c) {
  const operation *const all[] = {&c->forward, &c->backward_data, &c->backward_weights};
  size_t largest = 0;
  for (int i = 0; i < 3; ++i) {
    const size_t own = layout_size(weights_layout(all[i], dnnl_query_scratchpad_md));
    if (own > largest) largest = own;
  }
  return largest;
}

/* ---- Running ---- */

static dnnl_status_t point(dnnl_memory_t memory, const void *values) {
  return dnnl_memory_set_data_handle(memory, (void *)values);
}

static dnnl_status_t reorder(
    const onednn_training_convolution *c, const operation *copy, dnnl_memory_t from,
    dnnl_memory_t to) {
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  return dnnl_primitive_execute(copy->primitive, c->stream, 2, arguments);
}

onednn_status onednn_training_convolution_forward(
    onednn_training_convolution *c, const float *input, const float *weights, const float *bias,
    float *output, void *scratchpad) {
  dnnl_status_t status = point(c->input, input);
  if (status == dnnl_success) status = point(c->plain, weights);
  if (status == dnnl_success) status = point(c->bias, bias);
  if (status == dnnl_success) status = point(c->output, output);
  if (status == dnnl_success) status = point(c->scratchpad, scratchpad);
  if (status == dnnl_success) status = reorder(c, &c->pack_forward, c->plain, c->packed_forward);
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, c->input},   {DNNL_ARG_WEIGHTS, c->packed_forward},
      {DNNL_ARG_BIAS, c->bias},   {DNNL_ARG_DST, c->output},
      {DNNL_ARG_SCRATCHPAD, c->scratchpad}};
  if (status == dnnl_success)
    status = dnnl_primitive_execute(c->forward.primitive, c->stream, 5, arguments);
  if (status == dnnl_success) status = dnnl_stream_wait(c->stream);
  return status;
}

onednn_status onednn_training_convolution_backward_data(
    onednn_training_convolution *c, const float *output_gradient, const float *weights,
    float *input_gradient, void *scratchpad) {
  dnnl_status_t status = point(c->output, output_gradient);
  if (status == dnnl_success) status = point(c->plain, weights);
  if (status == dnnl_success) status = point(c->input, input_gradient);
  if (status == dnnl_success) status = point(c->scratchpad, scratchpad);
  if (status == dnnl_success) status = reorder(c, &c->pack_backward, c->plain, c->packed_backward);
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_DIFF_DST, c->output}, {DNNL_ARG_WEIGHTS, c->packed_backward},
      {DNNL_ARG_DIFF_SRC, c->input},  {DNNL_ARG_SCRATCHPAD, c->scratchpad}};
  if (status == dnnl_success)
    status = dnnl_primitive_execute(c->backward_data.primitive, c->stream, 4, arguments);
  if (status == dnnl_success) status = dnnl_stream_wait(c->stream);
  return status;
}

onednn_status onednn_training_convolution_backward_weights(
    onednn_training_convolution *c, const float *input, const float *output_gradient,
    float *weight_gradient, float *bias_gradient, void *scratchpad) {
  dnnl_status_t status = point(c->input, input);
  if (status == dnnl_success) status = point(c->output, output_gradient);
  if (status == dnnl_success) status = point(c->plain, weight_gradient);
  if (status == dnnl_success) status = point(c->bias, bias_gradient);
  if (status == dnnl_success) status = point(c->scratchpad, scratchpad);
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, c->input},       {DNNL_ARG_DIFF_WEIGHTS, c->packed_gradient},
      {DNNL_ARG_DIFF_BIAS, c->bias},  {DNNL_ARG_DIFF_DST, c->output},
      {DNNL_ARG_SCRATCHPAD, c->scratchpad}};
  if (status == dnnl_success)
    status = dnnl_primitive_execute(c->backward_weights.primitive, c->stream, 5, arguments);
  if (status == dnnl_success) status = reorder(c, &c->unpack, c->packed_gradient, c->plain);
  if (status == dnnl_success) status = dnnl_stream_wait(c->stream);
  return status;
}

onednn_status onednn_product(
    int32_t transposes_a, int32_t transposes_b, int64_t rows, int64_t columns, int64_t depth,
    const float *a, const float *b, float beta, float *c) {
  return dnnl_sgemm(
      transposes_a ? 'T' : 'N', transposes_b ? 'T' : 'N', rows, columns, depth, 1, a,
      transposes_a ? rows : depth, b, transposes_b ? depth : columns, beta, c, columns);
}
