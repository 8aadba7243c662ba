// SPDX-License-Identifier: MIT
#include "Gzip.h"

#include <limits.h>
#include <zlib.h>

size_t gzip_bound(size_t count) {
  // The header and the end of gzip are 12 bytes longer than those of zlib.
  return compressBound(count) + 12;
}

size_t gzip_pack(const unsigned char *input, size_t count, unsigned char *output, size_t capacity) {
  if (count > UINT_MAX || capacity > UINT_MAX) return 0;
  z_stream stream = {0};
  // 15 is the largest window; 16 more asks for the header of gzip.
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (unsigned char *)input;
  stream.avail_in = (unsigned int)count;
  stream.next_out = output;
  stream.avail_out = (unsigned int)capacity;
  int status = deflate(&stream, Z_FINISH);
  size_t written = status == Z_STREAM_END ? stream.total_out : 0;
  deflateEnd(&stream);
  return written;
}
