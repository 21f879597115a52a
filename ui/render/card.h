/* The lines that cards are made of (an invitation, a visiting card, a report): our words in front, what the message
 * says behind them, never the other way round. */
#ifndef UI_RENDER_CARD_H
#define UI_RENDER_CARD_H

struct part_work;

/* "Invitation: Saturday at the lake" */
void card_title(struct part_work *work, const char *words, const char *text);
/* "When:     Sat 28 Nov"; an empty LABEL goes on below the one before. Nothing when TEXT is empty. */
void card_field(struct part_work *work, const char *label, const char *text);
/* A sentence of ours. */
void card_note(struct part_work *work, const char *sentence);

#endif
