/* What a terminal sends, byte by byte, as keys: text, control characters, the sequences of xterm and its kin
 * (modifiers, "CSI u", SGR mouse, bracketed paste). What is no key (replies, focus) is skipped. */
#ifndef UI_INPUT_KEY_DECODE_H
#define UI_INPUT_KEY_DECODE_H

#include <stdbool.h>
#include <stddef.h>

struct key;

/* A paste longer than this is cut. */
#define KEY_DECODE_PASTE_MAX (8 * 1024 * 1024)

/* The first key of LEN > 0 bytes: 1 with KEY (its paste is the caller's), -1 with nothing but bytes to
 * skip, both with *USED; 0 when more bytes may follow. IS_LAST: none follow, so Esc is Esc. */
int key_decode(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used);
/* After 0: how long to wait before calling these bytes the last. */
int key_decode_wait_ms(const char *bytes, size_t len);

#endif
