/* Windows' names of time zones, as Outlook writes them. */
#ifndef STORE_MIME_CALENDAR_WINDOWS_H
#define STORE_MIME_CALENDAR_WINDOWS_H

/* "W. Europe Standard Time" is "Europe/Berlin"; NULL for a name that is none. */
const char *calendar_windows_zone(const char *name);

#endif
