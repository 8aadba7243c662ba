// SPDX-License-Identifier: MIT
#ifndef TONMEISTER_GZIP_H
#define TONMEISTER_GZIP_H

#include <stddef.h>

/// The most bytes that packing makes of so many.
size_t gzip_bound(size_t count);

/// Packs bytes as well as it goes, in the format of RFC 1952.
///
/// Returns how many bytes were written; 0 where there is no memory for it, or `capacity` is less than the bound.
size_t gzip_pack(const unsigned char *input, size_t count, unsigned char *output, size_t capacity);

#endif
