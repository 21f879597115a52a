/* Every table of commands there is; command.c walks them in this order. A new cmd_NAME.c is one line here
 * and one in command.c. Each ends with a row whose name is NULL. Two rows may share a name when they work
 * in different views ("open" in the index and in the outbox). */
#ifndef UI_COMMAND_TABLES_H
#define UI_COMMAND_TABLES_H

#include "ui/command/command.h"

extern const struct command cmd_move_rows[];	/* moving the cursor, pages, search in the view */
extern const struct command cmd_app_rows[];	/* quit, help, set, bind, macro, source, shell ... */
extern const struct command cmd_folder_rows[];	/* folders */
extern const struct command cmd_index_rows[];	/* limit, sort, fold, tag ... */
extern const struct command cmd_message_rows[]; /* what is done to messages, undo */
extern const struct command cmd_network_rows[]; /* servers, transfers, offline */
extern const struct command cmd_outbox_rows[];	/* the outbox view */
extern const struct command cmd_part_rows[];	/* parts: shown, opened, saved, piped */
extern const struct command cmd_reader_rows[];	/* the reader */
extern const struct command cmd_link_rows[];	/* its links: listed, followed, copied */
extern const struct command cmd_pieces_rows[];	/* letters cut into pieces */
extern const struct command cmd_invite_rows[];	/* accept, decline */
extern const struct command cmd_answer_rows[];	/* new letters, answers, what is passed on */
extern const struct command cmd_saved_rows[];	/* searches that are kept */
extern const struct command cmd_send_rows[];	/* sent, kept, left */
extern const struct command cmd_draft_rows[];	/* in the letter that is written */

#endif
