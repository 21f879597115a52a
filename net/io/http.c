#include "config.h"
#include "net/io/http.h"

#include <stdlib.h>
#include <string.h>

#include "net/io/secret.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/str.h"

#define PROGRAM	   "tern-web"
#define ANSWER_MAX (HTTP_BODY_MAX + 4096)
#define SECONDS_MORE 5

static int seconds_of(const struct http_request *request)
{
	return request->seconds ? request->seconds : HTTP_SECONDS;
}

static void add_unless_null(struct jv *object, const char *key, const char *text)
{
	if (text)
		jv_set(object, key, jv_text(text));
}

static void add_request(const struct http_request *request, struct buf *out)
{
	struct jv *object = jv_object();

	jv_set(object, "url", jv_text(request->url));
	add_unless_null(object, "form", request->form);
	add_unless_null(object, "ca", request->ca);
	add_unless_null(object, "connect", request->connect);
	jv_set(object, "seconds", jv_number(seconds_of(request)));
	jv_set(object, "redirects", jv_bool(!request->never_redirect));
	buf_reserve(out, 2 * (strlen(request->url) + (request->form ? strlen(request->form) : 0)) + 4096);
	jv_print(object, out);
	jv_free(object);
}

static const struct {
	const char *word;
	enum err_kind kind;
} failures[] = {{"later ", ERR_TEMPORARY}, {"denied ", ERR_DENIED}, {"failed ", ERR_FAILED}};

/* "ok 200\n" and the body, or "later SENTENCE". */
static int take_answer(const struct buf *answer, struct buf *body, struct err *err)
{
	const char *text = buf_str(answer), *end = memchr(text, '\n', answer->len);
	size_t i, line = end ? (size_t)(end - text) : answer->len;

	if (str_starts(text, "ok ") && end) {
		buf_add(body, end + 1, answer->len - line - 1);
		return atoi(text + 3);
	}
	for (i = 0; i < sizeof failures / sizeof *failures; i++)
		if (str_starts(text, failures[i].word))
			return err_set_kind(err, failures[i].kind, "%.*s",
					    (int)(line - strlen(failures[i].word)),
					    text + strlen(failures[i].word));
	return err_set_kind(err, ERR_TEMPORARY, _("The program \"%s\", which speaks HTTPS, did not work."), PROGRAM);
}

/* It keeps to the time by itself. */
static int ask_program(const struct http_request *request, const char *const *argv, const struct buf *input,
		       struct buf *answer, struct err *err)
{
	return child_run_heard(seconds_of(request) + SECONDS_MORE, request->ear, argv, input->data, input->len, answer,
			       err);
}

int http_send(const struct http_request *request, struct buf *body, struct err *err)
{
	char *program = child_own_program(PROGRAM);
	const char *const argv[] = {program, NULL};
	struct buf input = BUF_INIT, answer = BUF_INIT;
	int rc;

	add_request(request, &input);
	buf_reserve(&answer, ANSWER_MAX);
	rc = ask_program(request, argv, &input, &answer, err);
	if (rc >= 0)
		rc = take_answer(&answer, body, err);
	secret_wipe(&input);
	secret_wipe(&answer);
	free(program);
	return rc;
}

void http_add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (char_is_alnum(*text) || strchr("-._~", *text))
			buf_add_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
}

void http_add_field(struct buf *form, const char *name, const char *value)
{
	buf_reserve(form, strlen(name) + 3 * strlen(value) + 3);
	buf_printf(form, "%s%s=", form->len ? "&" : "", name);
	http_add_escaped(form, value);
}
