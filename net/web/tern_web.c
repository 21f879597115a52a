/* tern-web: one request by HTTPS. The request comes on standard input as one JSON object, the answer goes to standard
 * output: "ok STATUS" and the body, or a word for the kind of failure and a sentence (net/io/http.c). Not for people.
 * The door to libcurl. */
#include "config.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/io/http.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/str.h"

#define INPUT_MAX     (1 << 20)
#define CONNECT_S     6
#define REDIRECTS_MAX 3
#define GRACE_S	      3 /* after its own limit libcurl is not believed any more */

struct web {
	const struct jv *request;
	struct buf body;
	bool is_too_long;
	char words[CURL_ERROR_SIZE];
};

static size_t take_body(char *data, size_t one, size_t count, void *arg)
{
	struct web *web = arg;

	(void)one;
	if (web->body.len + count > HTTP_BODY_MAX) {
		web->is_too_long = true;
		return 0;
	}
	buf_add(&web->body, data, count);
	return count;
}

static void allow_https_only(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_limits(CURL *curl, long seconds)
{
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)HTTP_BODY_MAX);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

static void set_all(CURL *curl, struct web *web, struct curl_slist **to)
{
	const char *form = jv_get_text(web->request, "form"), *ca = jv_get_text(web->request, "ca");
	const char *place = jv_get_text(web->request, "connect");
	bool may_redirect = jv_get_bool(web->request, "redirects", false) && !form;

	curl_easy_setopt(curl, CURLOPT_URL, jv_get_text(web->request, "url"));
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, may_redirect ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, web->words);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, web);
	if (form)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
	if (ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	if (place) {
		struct buf rule = BUF_INIT;

		buf_printf(&rule, "::%s", place);
		*to = curl_slist_append(NULL, buf_str(&rule));
		curl_easy_setopt(curl, CURLOPT_CONNECT_TO, *to);
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
		buf_free(&rule);
	}
}

/* --- the answer ---------------------------------------------------------------------------------- */

static const char *kind_of(CURLcode code)
{
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
		return "denied";
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_WRITE_ERROR:
		return "failed";
	default:
		return "later";
	}
}

static void add_failure(const struct web *web, CURLcode code, struct buf *out)
{
	if (web->is_too_long || code == CURLE_FILESIZE_EXCEEDED)
		buf_printf(out, "failed %s", _("The answer is longer than such an answer may be."));
	else
		buf_printf(out, "%s %s", kind_of(code), *web->words ? web->words : curl_easy_strerror(code));
}

static void ask(struct web *web, struct buf *out)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *to = NULL;
	long status = 0;
	CURLcode code;

	if (!curl)
		return;
	allow_https_only(curl);
	set_limits(curl, (long)jv_get_number(web->request, "seconds", HTTP_SECONDS));
	set_all(curl, web, &to);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK) {
		buf_printf(out, "ok %ld\n", status);
		buf_add(out, web->body.data, web->body.len);
	} else {
		add_failure(web, code, out);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
}

static void confine(void)
{
	const struct rlimit no_core = {0, 0}, files = {64, 64};

	umask(077);
	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_NOFILE, &files);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
}

static void wipe(struct buf *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->cap);
	buf_free(secret);
}

int main(void)
{
	struct buf input = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	struct web web = {.body = BUF_INIT};
	struct jv *request = NULL;

	confine();
	i18n_start();
	buf_reserve(&input, INPUT_MAX);
	if (file_read_fd(STDIN_FILENO, &input, INPUT_MAX, &err) == 0)
		web.request = request = jv_parse(buf_str(&input), input.len, &err);
	if (request && jv_get_text(request, "url")) {
		alarm((unsigned)jv_get_number(request, "seconds", HTTP_SECONDS) + GRACE_S);
		curl_global_init(CURL_GLOBAL_DEFAULT);
		ask(&web, &out);
		curl_global_cleanup();
	}
	file_write_fd(STDOUT_FILENO, out.data, out.len, NULL);
	jv_free(request);
	wipe(&input);
	wipe(&web.body);
	wipe(&out);
	return out.len ? 0 : 1;
}
