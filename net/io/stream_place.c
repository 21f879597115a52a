#include "config.h"
#include "net/io/stream.h"

#include <string.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#define PORT_MAX 65535

static int bad_place(const char *text, struct err *err)
{
	return err_set_kind(err, ERR_USAGE, _("\"%s\" is no server: it is written as host or host:port."),
			    text);
}

static int parse_port(const char *text, int *port)
{
	long long value;

	if (str_to_long(text, &value) < 0 || value < 1 || value > PORT_MAX)
		return -1;
	*port = (int)value;
	return 0;
}

int stream_parse_place(const char *text, int default_port, char **host, int *port, struct err *err)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL,
		   *end = close ? close + 1 : strchr(text, ':');
	const char *start = close ? text + 1 : text;
	size_t len;

	*port = default_port;
	if (*text == '/') {
		*host = mem_strdup(text);
		return 0;
	}
	if (!close && end && strchr(end + 1, ':')) /* a bare IPv6 address */
		end = NULL;
	len = close ? (size_t)(close - start) : end ? (size_t)(end - start) : strlen(start);
	if (len == 0 || *text == '-' || strcspn(start, " \t\r\n") < len)
		return bad_place(text, err);
	if (end && *end && (*end != ':' || parse_port(end + 1, port) < 0))
		return bad_place(text, err);
	*host = mem_strndup(start, len);
	return 0;
}
