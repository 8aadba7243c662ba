/* SPDX-License-Identifier: MIT */
/*
 * A thin shim over oneDNN that hides which version is installed.
 *
 * Debian 12 has oneDNN 2.6, whose primitives are made from operation descriptors; version 3 has
 * no such descriptors. Callers see convolutions in float32: with constant weights that are packed
 * once, and for training over batches with weights that change.
 *
 * Threads: an operation is immutable after it is made and may be run by many threads at once, each
 * with its own `onednn_binding`. oneDNN plans for the number of threads that the calling thread has
 * asked for with `onednn_set_thread_count`, so make and run operations under the same number.
 */
#ifndef CONEDNN_H
#define CONEDNN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* What every function returns: 0, or oneDNN's status code. */
typedef int32_t onednn_status;

/* The version of the library in use. */
typedef struct {
  int32_t major, minor, patch;
} onednn_version;
onednn_version onednn_get_version(void);

typedef struct onednn_operation onednn_operation;
typedef struct onednn_binding onednn_binding;

/* One image, channels last. Dilation 1 is a dense kernel. */
typedef struct {
  int64_t height, width;                   /* of the input */
  int64_t input_channels, output_channels;
  int64_t kernel_height, kernel_width;
  int64_t stride_height, stride_width;
  int64_t dilation_height, dilation_width;
  int64_t padding_top, padding_bottom, padding_left, padding_right;
  int64_t groups;
} onednn_convolution_shape;

/*
 * input (height, width, input_channels) to output (height', width', output_channels).
 * weights (output_channels, input_channels / groups, kernel_height, kernel_width); bias
 * (output_channels) or NULL. The result is added to what the output holds where `accumulates` is 1.
 */
onednn_status onednn_convolution_create(
    onednn_operation **operation, const onednn_convolution_shape *shape, const float *weights,
    const float *bias, int32_t accumulates);

void onednn_operation_destroy(onednn_operation *operation);

/* Bytes of scratch memory that one run needs, to be aligned to 64 bytes. */
size_t onednn_operation_scratchpad_size(const onednn_operation *operation);

/* The handles that one thread needs to run an operation. */
onednn_status onednn_binding_create(
    onednn_binding **binding, const onednn_operation *operation);
void onednn_binding_destroy(onednn_binding *binding);

/* Runs the operation and returns when it is done. Allocates nothing. */
onednn_status onednn_binding_execute(
    onednn_binding *binding, const float *input, float *output, void *scratchpad);

/* ---- Training ---- */

/* A convolution over a batch of images, channels last, whose weights change from run to run. Used
   by one thread at a time, under the number of threads it was made under. */
typedef struct onednn_training_convolution onednn_training_convolution;

onednn_status onednn_training_convolution_create(
    onednn_training_convolution **convolution, const onednn_convolution_shape *shape,
    int64_t items);
void onednn_training_convolution_destroy(onednn_training_convolution *convolution);

/* Bytes of scratch memory that each of the three runs needs at most, to be aligned to 64 bytes. */
size_t onednn_training_convolution_scratchpad_size(const onednn_training_convolution *convolution);

/* input (items, height, width, input_channels) to output (items, height', width',
   output_channels). weights (output_channels, input_channels / groups, kernel_height,
   kernel_width), bias (output_channels). */
onednn_status onednn_training_convolution_forward(
    onednn_training_convolution *convolution, const float *input, const float *weights,
    const float *bias, float *output, void *scratchpad);

/* The gradient of the input from that of the output. */
onednn_status onednn_training_convolution_backward_data(
    onednn_training_convolution *convolution, const float *output_gradient, const float *weights,
    float *input_gradient, void *scratchpad);

/* The gradients of weights and bias from that of the output; they are overwritten. */
onednn_status onednn_training_convolution_backward_weights(
    onednn_training_convolution *convolution, const float *input, const float *output_gradient,
    float *weight_gradient, float *bias_gradient, void *scratchpad);

/* c (rows, columns) = op(a) op(b) + beta c, where op transposes if asked to: a is (rows, depth) or
   transposed (depth, rows), b (depth, columns) or transposed (columns, depth). */
onednn_status onednn_product(
    int32_t transposes_a, int32_t transposes_b, int64_t rows, int64_t columns, int64_t depth,
    const float *a, const float *b, float beta, float *c);

/* The number of threads that the calling thread's operations use from here on. */
void onednn_set_thread_count(int32_t count);

/* For kernels that are not oneDNN's, on the same pool of threads, so that the two never compete.
   Calls body(context, i, thread) for i in 0..<count and waits for all. Each of the threads, which
   are numbered from 0, takes the next i when it is done with one. */
void onednn_parallel(
    int32_t threads, int32_t count, void *context,
    void (*body)(void *context, int32_t index, int32_t thread));

#if defined(__cplusplus)
}
#endif
#endif
