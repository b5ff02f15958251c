// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CProbe.h"

struct probe_end probe_spawn(const char *words, size_t count) {
  enum { MOST = 16 };
  char *arguments[MOST + 1] = {NULL};
  struct probe_end end = {-1, 0};
  if (count == 0 || count > MOST) return end;
  for (size_t i = 0; i < count; i++, words += strlen(words) + 1) arguments[i] = (char *)words;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child;
  int failure = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  int status;
  struct rusage usage;
  if (failure != 0 || wait4(child, &status, 0, &usage) != child) return end;
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  end.bytes = (uint64_t)usage.ru_maxrss * 1024;
  return end;
}
