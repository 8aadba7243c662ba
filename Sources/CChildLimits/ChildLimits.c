// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "ChildLimits.h"

#include <sys/resource.h>

static int set(pid_t child, int resource, uint64_t value) {
  struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
  return prlimit(child, resource, &limit, 0);
}

int child_limits_set(pid_t child, uint64_t address_space_bytes, uint64_t cpu_seconds,
                     uint64_t file_bytes) {
  int status = set(child, RLIMIT_AS, address_space_bytes);
  status |= set(child, RLIMIT_CPU, cpu_seconds);
  status |= set(child, RLIMIT_FSIZE, file_bytes);
  status |= set(child, RLIMIT_CORE, 0);
  return status;
}

int child_limits_close_others(posix_spawn_file_actions_t *actions) {
  return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}
