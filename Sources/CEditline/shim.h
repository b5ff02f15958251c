// SPDX-License-Identifier: BSD-2-Clause
// libedit's variadic calls, one function a use, because Swift cannot call variadic ones; and the
// standard streams, which Swift 6 does not let a program name.
#pragma once
#include <histedit.h>
#include <stdio.h>
#include <wchar.h>

typedef char *_Nullable (*fibsh_prompt)(EditLine *_Nullable);
typedef unsigned char (*fibsh_function)(EditLine *_Nullable, int);
typedef int (*fibsh_getc)(EditLine *_Nullable, wchar_t *_Nullable);

static inline FILE *_Nonnull fibsh_stdin(void) { return stdin; }
static inline FILE *_Nonnull fibsh_stderr(void) { return stderr; }

static inline int fibsh_set_editor(EditLine *_Nonnull e, const char *_Nonnull mode) {
  return el_set(e, EL_EDITOR, mode);
}
static inline int fibsh_set_prompt(EditLine *_Nonnull e, fibsh_prompt _Nonnull f) {
  return el_set(e, EL_PROMPT, f);
}
static inline int fibsh_set_history(EditLine *_Nonnull e, History *_Nonnull h) {
  return el_set(e, EL_HIST, history, h);
}
static inline int fibsh_set_getc(EditLine *_Nonnull e, fibsh_getc _Nonnull f) {
  return el_set(e, EL_GETCFN, f);
}
static inline int fibsh_set_client(EditLine *_Nonnull e, void *_Nullable p) {
  return el_set(e, EL_CLIENTDATA, p);
}
static inline void *_Nullable fibsh_client(EditLine *_Nonnull e) {
  void *p = NULL;
  el_get(e, EL_CLIENTDATA, &p);
  return p;
}
static inline int fibsh_add_function(EditLine *_Nonnull e, const char *_Nonnull name,
                                     const char *_Nonnull help, fibsh_function _Nonnull f) {
  return el_set(e, EL_ADDFN, name, help, f);
}
static inline int fibsh_bind(EditLine *_Nonnull e, const char *_Nonnull key,
                             const char *_Nonnull name) {
  return el_set(e, EL_BIND, key, name, NULL);
}
/// Whether the keys are those of vi.
static inline int fibsh_is_vi(EditLine *_Nonnull e) {
  const char *mode = NULL;
  el_get(e, EL_EDITOR, &mode);
  return mode != NULL && mode[0] == 'v';
}
/// Draws prompt and line anew where the cursor is.
static inline void fibsh_draw(EditLine *_Nonnull e) { el_set(e, EL_REFRESH); }
/// Puts the terminal into the mode of editing, whatever it was put into meanwhile.
static inline void fibsh_take_terminal(EditLine *_Nonnull e) {
  el_set(e, EL_PREP_TERM, 0);
  el_set(e, EL_PREP_TERM, 1);
}
/// Whether ~/.editrc left editing on.
static inline int fibsh_is_editing(EditLine *_Nonnull e) {
  int on = 1;
  el_get(e, EL_EDITMODE, &on);
  return on;
}

/// A new history has size 0 and forgets everything, so the size comes first.
static inline int fibsh_history_size(History *_Nonnull h, int size) {
  HistEvent event;
  return history(h, &event, H_SETSIZE, size);
}
static inline int fibsh_history_unique(History *_Nonnull h) {
  HistEvent event;
  return history(h, &event, H_SETUNIQUE, 1);
}
static inline int fibsh_history_enter(History *_Nonnull h, const char *_Nonnull line) {
  HistEvent event;
  return history(h, &event, H_ENTER, line);
}
