/* Messages and wishes of folders that are no more. A screen may have moved something into a folder in the very moment
 * when it went, and older versions left wishes behind: nobody would ever see such a message again. */
#ifndef STORE_MAIL_ORPHANS_H
#define STORE_MAIL_ORPHANS_H

struct err;
struct store;

/* Each comes back to where its file, or its server, has it; what has neither goes. A few looks into indexes when there
 * are none. For who has the keepers' lock. */
int orphans_bring_home(struct store *store, struct err *err);

#endif
