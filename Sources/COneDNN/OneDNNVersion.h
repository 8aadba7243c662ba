/* SPDX-License-Identifier: MIT */
/* What the files of this target share: the engine, and what differs between versions 2 and 3. */
#ifndef ONEDNN_VERSION_H
#define ONEDNN_VERSION_H

#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

/* The processor, shared by all operations and never released. */
dnnl_status_t onednn_engine(dnnl_engine_t *engine);

/* ---- Layouts of memory ---- */

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t layout; /* owned */
typedef const_dnnl_memory_desc_t layout_reference;

static inline dnnl_status_t layout_create(
    layout *result, int rank, const dnnl_dims_t shape, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(result, rank, shape, dnnl_f32, tag);
}
static inline void layout_destroy(layout *value) {
  if (*value) dnnl_memory_desc_destroy(*value);
}
static inline layout_reference reference(const layout *value) { return *value; }

#else

typedef dnnl_memory_desc_t layout;
typedef const dnnl_memory_desc_t *layout_reference;

static inline dnnl_status_t layout_create(
    layout *result, int rank, const dnnl_dims_t shape, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(result, rank, shape, dnnl_f32, tag);
}
static inline void layout_destroy(layout *value) { (void)value; }
static inline layout_reference reference(const layout *value) { return value; }

#endif

static inline size_t layout_size(layout_reference value) {
  return dnnl_memory_desc_get_size(value);
}
static inline int layouts_equal(layout_reference a, layout_reference b) {
  return dnnl_memory_desc_equal(a, b);
}

/* ---- Convolutions ---- */

/* The layouts of a convolution over channels-last images, and how its kernel moves. */
typedef struct {
  layout input, output, bias;
  layout packed, plain; /* of the weights: as the primitive wants them, as PyTorch has them */
  dnnl_dims_t strides, dilations, before, after;
} convolution_layouts;

dnnl_status_t convolution_layouts_create(
    convolution_layouts *result, const onednn_convolution_shape *shape, int64_t items);
void convolution_layouts_destroy(convolution_layouts *layouts);

#endif
