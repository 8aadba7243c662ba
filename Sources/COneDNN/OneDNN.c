/* SPDX-License-Identifier: MIT */
#include "OneDNNVersion.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* GNU OpenMP, the threads that Debian's oneDNN runs on. Declared here: no compiler flag needed. */
void omp_set_num_threads(int count);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
void GOMP_parallel(void (*body)(void *), void *data, unsigned count, unsigned flags);

struct onednn_operation {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  dnnl_memory_t weights, bias; /* bias may be NULL */
};

struct onednn_binding {
  const onednn_operation *operation; /* not owned */
  dnnl_stream_t stream;
  dnnl_memory_t input, output, scratchpad;
  dnnl_exec_arg_t arguments[5];
  int argument_count;
};

static dnnl_engine_t engine;
static dnnl_status_t engine_status;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;

static void create_engine(void) { engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0); }

onednn_version onednn_get_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return (onednn_version){version->major, version->minor, version->patch};
}

dnnl_status_t onednn_engine(dnnl_engine_t *result) {
  pthread_once(&engine_once, create_engine);
  *result = engine;
  return engine_status;
}

/* ---- What differs between versions 2 and 3 ---- */

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t add_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1.0f, 0, dnnl_data_type_undef);
}
static dnnl_status_t describe_convolution(
    dnnl_primitive_desc_t *result, dnnl_primitive_attr_t attributes, const convolution_layouts *l,
    int has_bias) {
  return dnnl_convolution_forward_primitive_desc_create(
      result, engine, dnnl_forward_inference, dnnl_convolution_direct, l->input, l->packed,
      has_bias ? l->bias : NULL, l->output, l->strides, l->dilations, l->before, l->after,
      attributes);
}

#else

static dnnl_status_t add_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1.0f);
}
static dnnl_status_t describe_convolution(
    dnnl_primitive_desc_t *result, dnnl_primitive_attr_t attributes, const convolution_layouts *l,
    int has_bias) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
      &description, dnnl_forward_inference, dnnl_convolution_direct, &l->input, &l->packed,
      has_bias ? &l->bias : NULL, &l->output, l->strides, l->dilations, l->before, l->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, NULL);
}

#endif

/* ---- Making operations ---- */

/* User-given scratch memory, and what is done to the result. */
static dnnl_status_t make_attributes(dnnl_primitive_attr_t *result, int32_t accumulates) {
  dnnl_status_t status = dnnl_primitive_attr_create(result);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  if (status != dnnl_success || !accumulates) return status;
  dnnl_post_ops_t operations = NULL;
  status = dnnl_post_ops_create(&operations);
  if (status != dnnl_success) return status;
  status = add_sum(operations);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*result, operations);
  dnnl_post_ops_destroy(operations);
  return status;
}

/* A copy of `values`, whose layout is `from`, in the layout `to`. */
static dnnl_status_t pack(
    dnnl_memory_t *result, layout_reference from, layout_reference to, const float *values) {
  dnnl_status_t status = dnnl_memory_create(result, to, engine, DNNL_MEMORY_ALLOCATE);
  if (status != dnnl_success) return status;
  if (layouts_equal(from, to)) {
    void *target = NULL;
    status = dnnl_memory_get_data_handle(*result, &target);
    if (status == dnnl_success) memcpy(target, values, layout_size(from));
    return status;
  }
  dnnl_memory_t source = NULL;
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_stream_t stream = NULL;
  status = dnnl_memory_create(&source, from, engine, (void *)values);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, NULL);
  if (status == dnnl_success) status = dnnl_primitive_create(&reorder, description);
  if (status == dnnl_success)
    status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
  if (status == dnnl_success) {
    const dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, *result}};
    status = dnnl_primitive_execute(reorder, stream, 2, arguments);
  }
  if (status == dnnl_success) status = dnnl_stream_wait(stream);
  if (stream) dnnl_stream_destroy(stream);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (description) dnnl_primitive_desc_destroy(description);
  if (source) dnnl_memory_destroy(source);
  return status;
}

/* Takes over `description`; packs the weights as the primitive wants them. */
static dnnl_status_t finish(
    onednn_operation **result, dnnl_primitive_desc_t description, const layout *weights_layout,
    const float *weights, const layout *bias_layout, const float *bias) {
  onednn_operation *operation = calloc(1, sizeof *operation);
  if (!operation) {
    dnnl_primitive_desc_destroy(description);
    return dnnl_out_of_memory;
  }
  operation->description = description;
  dnnl_status_t status = dnnl_primitive_create(&operation->primitive, description);
  if (status == dnnl_success)
    status = pack(
        &operation->weights, reference(weights_layout),
        dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0), weights);
  if (status == dnnl_success && bias)
    status = pack(&operation->bias, reference(bias_layout), reference(bias_layout), bias);
  if (status != dnnl_success) {
    onednn_operation_destroy(operation);
    return status;
  }
  *result = operation;
  return dnnl_success;
}

dnnl_status_t convolution_layouts_create(
    convolution_layouts *result, const onednn_convolution_shape *s, int64_t items) {
  const int64_t height =
      (s->height + s->padding_top + s->padding_bottom
       - (s->dilation_height * (s->kernel_height - 1) + 1)) / s->stride_height + 1;
  const int64_t width =
      (s->width + s->padding_left + s->padding_right
       - (s->dilation_width * (s->kernel_width - 1) + 1)) / s->stride_width + 1;
  const dnnl_dims_t input_shape = {items, s->input_channels, s->height, s->width};
  const dnnl_dims_t output_shape = {items, s->output_channels, height, width};
  const dnnl_dims_t bias_shape = {s->output_channels};
  const dnnl_dims_t dense_shape = {
      s->output_channels, s->input_channels, s->kernel_height, s->kernel_width};
  const dnnl_dims_t group_shape = {
      s->groups, s->output_channels / s->groups, s->input_channels / s->groups, s->kernel_height,
      s->kernel_width};
  const int grouped = s->groups > 1;
  const int rank = grouped ? 5 : 4;
  *result = (convolution_layouts){
      .strides = {s->stride_height, s->stride_width},
      .dilations = {s->dilation_height - 1, s->dilation_width - 1},
      .before = {s->padding_top, s->padding_left},
      .after = {s->padding_bottom, s->padding_right}};
  dnnl_status_t status = layout_create(&result->input, 4, input_shape, dnnl_nhwc);
  if (status == dnnl_success) status = layout_create(&result->output, 4, output_shape, dnnl_nhwc);
  if (status == dnnl_success) status = layout_create(&result->bias, 1, bias_shape, dnnl_a);
  if (status == dnnl_success)
    status = layout_create(
        &result->packed, rank, grouped ? group_shape : dense_shape, dnnl_format_tag_any);
  if (status == dnnl_success)
    status = layout_create(
        &result->plain, rank, grouped ? group_shape : dense_shape,
        grouped ? dnnl_goihw : dnnl_oihw);
  return status;
}

void convolution_layouts_destroy(convolution_layouts *layouts) {
  layout_destroy(&layouts->input);
  layout_destroy(&layouts->output);
  layout_destroy(&layouts->bias);
  layout_destroy(&layouts->packed);
  layout_destroy(&layouts->plain);
}

onednn_status onednn_convolution_create(
    onednn_operation **operation, const onednn_convolution_shape *shape, const float *weights,
    const float *bias, int32_t accumulates) {
  dnnl_engine_t processor;
  dnnl_status_t status = onednn_engine(&processor);
  if (status != dnnl_success) return status;
  convolution_layouts layouts;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t description = NULL;
  status = convolution_layouts_create(&layouts, shape, 1);
  if (status == dnnl_success) status = make_attributes(&attributes, accumulates);
  if (status == dnnl_success)
    status = describe_convolution(&description, attributes, &layouts, bias != NULL);
  if (status == dnnl_success)
    status = finish(operation, description, &layouts.plain, weights, &layouts.bias, bias);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  convolution_layouts_destroy(&layouts);
  return status;
}

void onednn_operation_destroy(onednn_operation *operation) {
  if (!operation) return;
  if (operation->bias) dnnl_memory_destroy(operation->bias);
  if (operation->weights) dnnl_memory_destroy(operation->weights);
  if (operation->primitive) dnnl_primitive_destroy(operation->primitive);
  if (operation->description) dnnl_primitive_desc_destroy(operation->description);
  free(operation);
}

size_t onednn_operation_scratchpad_size(const onednn_operation *operation) {
  return layout_size(
      dnnl_primitive_desc_query_md(operation->description, dnnl_query_scratchpad_md, 0));
}

/* ---- Running ---- */

onednn_status onednn_binding_create(onednn_binding **result, const onednn_operation *operation) {
  onednn_binding *binding = calloc(1, sizeof *binding);
  if (!binding) return dnnl_out_of_memory;
  const dnnl_primitive_desc_t description = operation->description;
  binding->operation = operation;
  dnnl_status_t status = dnnl_stream_create(&binding->stream, engine, dnnl_stream_default_flags);
  if (status == dnnl_success)
    status = dnnl_memory_create(
        &binding->input, dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0), engine,
        DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create(
        &binding->output, dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0), engine,
        DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create(
        &binding->scratchpad,
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0), engine,
        DNNL_MEMORY_NONE);
  if (status != dnnl_success) {
    onednn_binding_destroy(binding);
    return status;
  }
  int count = 0;
  binding->arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SRC, binding->input};
  binding->arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, operation->weights};
  binding->arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_DST, binding->output};
  binding->arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, binding->scratchpad};
  if (operation->bias)
    binding->arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, operation->bias};
  binding->argument_count = count;
  *result = binding;
  return dnnl_success;
}

void onednn_binding_destroy(onednn_binding *binding) {
  if (!binding) return;
  if (binding->scratchpad) dnnl_memory_destroy(binding->scratchpad);
  if (binding->output) dnnl_memory_destroy(binding->output);
  if (binding->input) dnnl_memory_destroy(binding->input);
  if (binding->stream) dnnl_stream_destroy(binding->stream);
  free(binding);
}

onednn_status onednn_binding_execute(
    onednn_binding *binding, const float *input, float *output, void *scratchpad) {
  dnnl_status_t status = dnnl_memory_set_data_handle(binding->input, (void *)input);
  if (status == dnnl_success) status = dnnl_memory_set_data_handle(binding->output, output);
  if (status == dnnl_success) status = dnnl_memory_set_data_handle(binding->scratchpad, scratchpad);
  if (status == dnnl_success)
    status = dnnl_primitive_execute(
        binding->operation->primitive, binding->stream, binding->argument_count,
        binding->arguments);
  if (status == dnnl_success) status = dnnl_stream_wait(binding->stream);
  return status;
}

void onednn_set_thread_count(int32_t count) { omp_set_num_threads(count); }

typedef struct {
  int32_t count;
  _Atomic int32_t next;
  void *context;
  void (*body)(void *, int32_t, int32_t);
} parallel_job;

static void run_parallel(void *data) {
  parallel_job *job = data;
  const int32_t thread = omp_get_thread_num();
  for (;;) {
    const int32_t index = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
    if (index >= job->count) return;
    job->body(job->context, index, thread);
  }
}

void onednn_parallel(
    int32_t threads, int32_t count, void *context,
    void (*body)(void *context, int32_t index, int32_t thread)) {
  parallel_job job = {.count = count, .next = 0, .context = context, .body = body};
  if (threads > 1 && count > 1)
    GOMP_parallel(run_parallel, &job, (unsigned)(threads < count ? threads : count), 0);
  else
    for (int32_t i = 0; i < count; ++i) body(context, i, 0);
}
