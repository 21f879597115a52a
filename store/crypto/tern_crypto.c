/* tern-crypto: reads a letter from its parent, asks GnuPG, answers (store/crypto/wire.h). Not for people. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/log.h"
#include "store/base/path.h"
#include "store/crypto/gpg.h"
#include "store/crypto/open.h"
#include "store/crypto/wire.h"

#define LINE_MAX_LEN	 80
#define LETTER_LIMIT	 (1LL << 31)
#define PASSPHRASE_LIMIT 4096

/* --- what comes in --------------------------------------------------------------------------------- */

static int read_exactly(char *at, size_t len)
{
	while (len) {
		ssize_t n = read(STDIN_FILENO, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_line(char line[LINE_MAX_LEN])
{
	size_t len;

	for (len = 0; len < LINE_MAX_LEN - 1; len++) {
		if (read_exactly(line + len, 1) < 0)
			return -1;
		if (line[len] == '\n')
			break;
	}
	line[len] = '\0';
	return 0;
}

static int read_bytes(long long len, struct buf *out)
{
	buf_reserve(out, (size_t)len + 1);
	if (read_exactly(out->data, (size_t)len) < 0)
		return -1;
	out->len = (size_t)len;
	out->data[len] = '\0';
	return 0;
}

static int read_letter(struct buf *letter, long long *limit)
{
	char line[LINE_MAX_LEN];
	long long len;

	if (read_line(line) < 0 || sscanf(line, "LETTER %lld %lld", &len, limit) != 2)
		return -1;
	return len < 0 || len > LETTER_LIMIT || *limit < 0 ? -1 : read_bytes(len, letter);
}

static int ask_parent(void *arg, const char *key, bool was_wrong, struct buf *out)
{
	char line[LINE_MAX_LEN];
	struct buf question = BUF_INIT;
	long long len = -1;
	int rc;

	(void)arg;
	wire_add_question(&question, key, was_wrong);
	rc = file_write_fd(STDOUT_FILENO, question.data, question.len, NULL);
	buf_free(&question);
	if (rc < 0 || read_line(line) < 0 || sscanf(line, "ANSWER %lld", &len) != 1)
		return -1;
	return len < 0 || len > PASSPHRASE_LIMIT ? -1 : read_bytes(len, out);
}

/* --- how it stands ---------------------------------------------------------------------------------- */

/* Decrypted text and passphrases are in here: no core file, nobody attaches. GPG_TTY would let a pinentry
 * draw over the screen. */
static void shut_the_doors(void)
{
	const struct rlimit none = {0, 0};

	setpgid(0, 0);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its search for leaks attaches */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	unsetenv("GPG_TTY");
}

/* Who has no keys gets no key rings because a letter is signed: GnuPG would make them at its first look. */
static void keep_home_clean(void)
{
	char *home = path_expand("~/.gnupg"), *empty = path_in(PATH_CACHE, "no-keys");

	if (!getenv("GNUPGHOME") && !path_exists(home) && path_make_dirs(empty, NULL) == 0)
		setenv("GNUPGHOME", empty, 1);
	free(home);
	free(empty);
}

static int answer(const struct buf *letter, size_t limit)
{
	struct gpg *gpg = gpg_new(ask_parent, NULL);
	struct crypto_result *result = open_letter(gpg, (struct span){letter->data, letter->len}, limit);
	struct buf out = BUF_INIT;
	int rc;

	wire_add_result(&out, result);
	rc = file_write_fd(STDOUT_FILENO, out.data, out.len, NULL);
	explicit_bzero(out.data, out.len);
	buf_free(&out);
	crypto_result_free(&result);
	gpg_free(&gpg);
	return rc < 0;
}

int main(int argc, char **argv)
{
	struct buf letter = BUF_INIT;
	long long limit;
	int rc;

	if (argc > 1) {
		gpg_be_gpgsm(argv + 1);
		return 2;
	}
	shut_the_doors();
	keep_home_clean();
	log_open("tern-crypto");
	if (isatty(STDIN_FILENO) || read_letter(&letter, &limit) < 0) {
		buf_free(&letter);
		log_close();
		return 2;
	}
	rc = answer(&letter, (size_t)limit);
	buf_free(&letter);
	log_close();
	return rc;
}
