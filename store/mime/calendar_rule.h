/* How an event repeats: RRULE, RFC 5545 section 3.3.10. */
#ifndef STORE_MIME_CALENDAR_RULE_H
#define STORE_MIME_CALENDAR_RULE_H

#include "store/mime/calendar.h"

/* What cannot be said in the fields of RULE leaves is_plain false. */
void calendar_rule_read(struct span text, struct calendar_rule *rule);

#endif
