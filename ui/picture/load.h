/* One image being made into a picture, by tern-image beside the loop. Whatever the child does (ends early, hangs,
 * writes nonsense), DONE is called once, unless it is stopped before. */
#ifndef UI_PICTURE_LOAD_H
#define UI_PICTURE_LOAD_H

#include "store/base/str.h"
#include "ui/picture/picture.h"

struct loop;
struct picture_load;

/* Of a body still encoded; larger ones are not looked at. */
#define PICTURE_BODY_MAX (60u << 20)

/* BODY is lent until DONE was called or the load stopped; PICTURE is DONE's, NULL with a fault. NULL: there is no
 * tern-image. */
struct picture_load *picture_load_start(struct loop *loop, const struct picture_wish *wish,
					const char *encoding, struct span body,
					void (*done)(void *arg, struct picture *picture,
						     enum picture_fault fault),
					void *arg);
void picture_load_stop(struct picture_load **load);

#endif
