/* Questions about certificates on their way to the screens: what several workers ask alike (the same server, the same
 * certificate) is put once and answered for all, and a no holds until the agent ends: whoever wants to think again says
 * so ("tern account trust"). Nothing here speaks; the agent does. */
#ifndef NET_QUESTIONS_H
#define NET_QUESTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct notice;
struct questions;

enum question_fate {
	QUESTION_PUT,	  /* it is to be put to the screens */
	QUESTION_WAITS,	  /* the same stands there already: its answer is this one's, too */
	QUESTION_REFUSED, /* the answer was no */
};

struct questions *questions_new(void);
void questions_free(struct questions **questions);
enum question_fate questions_take(struct questions *questions, const struct notice *question);
/* ANSWER settles its question: each other one that waits for it is answered by EACH. */
void questions_settle(struct questions *questions, const struct notice *answer,
		      void (*each)(void *arg, const struct notice *answer), void *arg);
/* Nobody shows what stands any more: whoever asks next is put again. */
void questions_drop(struct questions *questions);
/* Somebody has thought again about ACCOUNT's servers: no no holds any more. */
void questions_forget_refusals(struct questions *questions);

#endif
