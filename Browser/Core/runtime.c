// SPDX-License-Identifier: MIT
// What Embedded Swift expects of a C library and WebAssembly does not have: memory and a few functions.
#include <stddef.h>
#include <stdint.h>

extern unsigned char __heap_base;

// Blocks are of powers of two from 32 bytes, each with a header of 16 bytes that holds its class; free ones
// form a list for each class, linked where their contents were. Memory grows by 64 KiB pages and is never given back.
enum { headerSize = 16, classCount = 27, pageSize = 65536 };

typedef struct Block {
  struct Block *next;
} Block;

static Block *freeBlocks[classCount];
static uintptr_t top;

static void *take(uintptr_t size) {
  if (top == 0) top = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  uintptr_t end = (uintptr_t)__builtin_wasm_memory_size(0) * pageSize;
  if (top + size > end) {
    uintptr_t pages = (top + size - end + pageSize - 1) / pageSize;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return NULL;
  }
  void *result = (void *)top;
  top += size;
  return result;
}

void *malloc(size_t size) {
  int class = 0;
  while (((size_t)32 << class) < size + headerSize) {
    if (++class == classCount) return NULL;
  }
  Block *free = freeBlocks[class];
  if (free) {
    freeBlocks[class] = free->next;
    return free;
  }
  unsigned char *block = take((size_t)32 << class);
  if (!block) return NULL;
  *(int *)block = class;
  return block + headerSize;
}

void free(void *pointer) {
  if (!pointer) return;
  unsigned char *block = (unsigned char *)pointer - headerSize;
  int class = *(int *)block;
  ((Block *)pointer)->next = freeBlocks[class];
  freeBlocks[class] = (Block *)pointer;
}

// Every block is aligned to 16 bytes; more is only asked for by vectors, which are loaded unaligned.
int posix_memalign(void **result, size_t alignment, size_t size) {
  (void)alignment;
  *result = malloc(size);
  return *result ? 0 : 12;
}

int memcmp(const void *a, const void *b, size_t count) {
  const unsigned char *x = a, *y = b;
  for (size_t i = 0; i < count; i++) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

// The product of two 128-bit numbers, of which the shortest decimal of a Double is made.
typedef struct {
  uint64_t low, high;
} Wide;

typedef union {
  __int128 number;
  Wide part;
} WideNumber;

__int128 __multi3(__int128 a, __int128 b) {
  WideNumber x = {.number = a}, y = {.number = b}, result;
  uint64_t mask = 0xFFFFFFFF;
  uint64_t x0 = x.part.low & mask, x1 = x.part.low >> 32;
  uint64_t y0 = y.part.low & mask, y1 = y.part.low >> 32;
  uint64_t middle = x1 * y0 + (x0 * y0 >> 32);
  uint64_t other = x0 * y1 + (middle & mask);
  result.part.low = (other << 32) | (x0 * y0 & mask);
  result.part.high = x1 * y1 + (middle >> 32) + (other >> 32) + x.part.low * y.part.high +
                     x.part.high * y.part.low;
  return result.number;
}

// To the nearest whole number, halves away from zero.
double round(double x) {
  double whole = __builtin_trunc(x);
  return __builtin_fabs(x - whole) >= 0.5 ? whole + __builtin_copysign(1, x) : whole;
}
