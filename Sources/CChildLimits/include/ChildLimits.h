// SPDX-License-Identifier: MIT
#ifndef TONMEISTER_CHILD_LIMITS_H
#define TONMEISTER_CHILD_LIMITS_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

// Limits what a child process may take; prlimit is not visible from Swift.
//
// Returns 0, or -1 with errno where a limit could not be set.
int child_limits_set(pid_t child, uint64_t address_space_bytes, uint64_t cpu_seconds,
                     uint64_t file_bytes);

// Lets a child process begin with no descriptor but 0, 1 and 2; the call for it is not visible from Swift either.
int child_limits_close_others(posix_spawn_file_actions_t *actions);

#endif
