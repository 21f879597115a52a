/* Does a letter bring files along? What a person calls an attachment: not the text, not a picture that the text shows,
 * not a signature, not the report of a mail server, not what an encrypted letter is packed in. */
#ifndef STORE_MIME_ATTACHED_H
#define STORE_MIME_ATTACHED_H

#include <stdbool.h>

#include "store/mime/mime.h"

bool mime_has_attachment(const struct mime_message *message);

#endif
