#include "config.h"

#include "ui/view/reader_keys.h"

#include <stdlib.h>

#include "store/base/err.h"
#include "store/base/log.h"
#include "store/base/path.h"
#include "store/crypto/autocrypt.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"

/* Without one, only a letter with a key is a reason to make it. */
static bool is_there(void)
{
	char *path = path_in(PATH_DATA, "autocrypt.db");
	bool is = path_exists(path);

	free(path);
	return is;
}

void reader_keys_see(struct app *app, const struct mime_message *message, int64_t received)
{
	struct err err = ERR_INIT;

	if (!app->autocrypt && !mime_field(&message->root.header, "Autocrypt") && !is_there())
		return;
	if (!app->autocrypt)
		app->autocrypt = autocrypt_open(&err);
	if (!app->autocrypt || autocrypt_see(app->autocrypt, message, received, &err) < 0)
		log_write(LOG_WARNING, "keys that letters bring: %s", err.text);
}
