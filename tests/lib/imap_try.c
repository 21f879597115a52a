/* imap_try KEY=VALUE... [< SCRIPT]: opens the account that these settings describe and does what
 *the lines of SCRIPT say; each result is a line. Stories drive the IMAP backend with it.
 *
 *	list | select WIRE [UIDVALIDITY UIDNEXT MODSEQ EXISTS] | flags FIRST LAST SINCE | uids FIRST
 *LAST headers FIRST LAST | whole FIRST LAST [DIR] | part UID PATH | structure UID
 *| sections UID SECTION [SECTION] | store FIRST LAST +Seen -Flagged
 *+work... move FIRST LAST WIRE | copy ... | expunge FIRST LAST | append WIRE FILE [+Seen +work...]
 *| find ID search FIELD|- TEXT | create NAME | rename WIRE NAME | remove WIRE | subscribe WIRE 0|1
 *| wait MS quota | can | quiet (counts, not lines) | memory
 *
 * A line that fails prints "error KIND: words". KEY "command-ms" and "silence-ms" are the limits of
 *the dialogue. */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/protocol/imap_client.h"
#include "net/protocol/imap_fetch.h"
#include "net/protocol/imap_structure.h"
#include "net/sync/imap.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/mail/account.h"

#define WORDS_MAX 16

static const char *const kinds[] = {"none",   "failed", "system", "temporary", "not-found",
				    "exists", "usage",	"denied", "corrupt",   "cancelled"};

struct trial {
	struct backend *backend;
	struct backend_state state;
	uint32_t *uids;
	size_t count, cap;
	bool is_quiet;
	size_t told, gone;
	int64_t bytes;
	const char *dir;
	int fd;
};

static int message(void *arg, const struct backend_message *m, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	trial->told++;
	trial->bytes += (int64_t)m->header.len;
	if (!trial->is_quiet)
		printf("message %u flags=%u keywords=%s modseq=%s size=%" PRId64
		       " received=%" PRId64 " header=%zu%s\n",
		       m->uid, m->flags, m->keywords ? m->keywords : "-", m->modseq ? "yes" : "no",
		       m->size, m->received, m->header.len, m->has_attachment ? " attachment" : "");
	return 0;
}

static int gone(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	trial->gone++;
	printf("gone %u %u\n", first, last);
	return 0;
}

static int print_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	trial->told++;
	if (!trial->is_quiet)
		printf("uids %u %u\n", first, last);
	return 0;
}

static int keep_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	for (uint64_t uid = first; uid <= last && trial->count < 1000000; uid++) {
		ARRAY_ROOM(trial->uids, trial->count, trial->cap);
		trial->uids[trial->count++] = (uint32_t)uid;
	}
	return 0;
}

static int begin(void *arg, uint32_t uid, int64_t size, struct err *err)
{
	struct trial *trial = arg;
	char *path;

	(void)err;
	(void)size;
	trial->bytes = 0;
	trial->fd = -1;
	if (!trial->dir)
		return 0;
	path = mem_printf("%s/%u", trial->dir, uid);
	trial->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	free(path);
	return 0;
}

static int piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	trial->bytes += (int64_t)len;
	return trial->fd >= 0 && write(trial->fd, data, len) != (ssize_t)len ? -1 : 0;
}

static int end(void *arg, uint32_t uid, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	if (trial->fd >= 0)
		close(trial->fd);
	if (!trial->is_quiet)
		printf("whole %u %" PRId64 "\n", uid, trial->bytes);
	return 0;
}

static int print_mailbox(void *arg, const struct backend_mailbox *m, struct err *err)
{
	(void)arg;
	(void)err;
	printf("mailbox %s wire=%s role=%d%s%s messages=%" PRId64 " unseen=%" PRId64
	       " uidnext=%" PRId64 " uidvalidity=%s modseq=%s\n",
	       m->name ? m->name : "(none)", m->wire, m->role, m->is_selectable ? "" : " noselect",
	       m->is_subscribed ? " subscribed" : "", m->messages, m->unseen, m->uidnext,
	       m->uidvalidity > 0 ? "yes" : "no", m->modseq > 0 ? "yes" : "no");
	return 0;
}

static int pair(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t era, struct err *err)
{
	struct trial *trial = arg;

	(void)err;
	trial->told++;
	if (!trial->is_quiet)
		printf("pair %u %u %s\n", old_uid, new_uid, era ? "yes" : "no");
	return 0;
}

static uint32_t number(const char *word)
{
	return strcmp(word, "*") == 0 ? UINT32_MAX : (uint32_t)strtoul(word, NULL, 10);
}

static int take_uids(struct trial *trial, char **words, struct err *err)
{
	trial->count = 0;
	return trial->backend->ops->uids(trial->backend, number(words[1]), number(words[2]),
					 keep_range, trial, err);
}

/* "+Seen" and "-work" of WORDS from AT on. */
static void take_flags(char **words, int at, unsigned *set, unsigned *clear, struct buf *more,
		       struct buf *less)
{
	for (; words[at]; at++) {
		bool is_set = *words[at] == '+';
		char *name = mem_printf("\\%s", words[at] + 1);
		unsigned flag = imap_flag_of(span_of(name));

		*(is_set ? set : clear) |= flag;
		if (!flag)
			buf_printf(is_set ? more : less, "%s%s",
				   (is_set ? more : less)->len ? " " : "", words[at] + 1);
		free(name);
	}
}

static int do_select(struct trial *trial, char **words, struct err *err)
{
	struct backend_visit visit = {message, gone, trial};
	struct backend_state known = {.uidvalidity = 0};
	bool is_whole = false;
	int rc;

	if (words[2] && words[3] && words[4] && words[5]) {
		known.uidvalidity =
		    strcmp(words[2], "=") == 0 ? trial->state.uidvalidity : number(words[2]);
		known.uidnext =
		    strcmp(words[3], "=") == 0 ? trial->state.uidnext : number(words[3]);
		known.modseq =
		    strcmp(words[4], "=") == 0 ? trial->state.modseq : strtoull(words[4], NULL, 10);
		known.exists = strcmp(words[5], "=") == 0 ? trial->state.exists : number(words[5]);
	}
	rc = trial->backend->ops->select(trial->backend, words[1], &known, &visit, &trial->state,
					 &is_whole, err);
	if (rc == 0)
		printf("selected exists=%u uidnext=%u uidvalidity=%s modseq=%s%s\n",
		       trial->state.exists, trial->state.uidnext,
		       trial->state.uidvalidity ? "yes" : "no", trial->state.modseq ? "yes" : "no",
		       is_whole ? " whole" : "");
	return rc;
}

static int do_store(struct trial *trial, char **words, struct err *err)
{
	struct backend_visit visit = {message, gone, trial};
	struct buf more = BUF_INIT, less = BUF_INIT;
	unsigned set = 0, clear = 0;
	int rc;

	take_flags(words, 3, &set, &clear, &more, &less);
	rc = take_uids(trial, words, err);
	if (rc == 0)
		rc = trial->backend->ops->store(trial->backend, trial->uids, trial->count, set,
						clear, buf_str(&more), buf_str(&less), &visit, err);
	buf_free(&more);
	buf_free(&less);
	return rc;
}

static int do_append(struct trial *trial, char **words, struct err *err)
{
	struct buf more = BUF_INIT, less = BUF_INIT;
	struct backend_letter letter = {.received = 1234567890};
	unsigned clear = 0;
	uint32_t uid, era;
	struct stat st;
	int rc;

	letter.fd = open(words[2], O_RDONLY | O_CLOEXEC);
	if (letter.fd < 0 || fstat(letter.fd, &st))
		return err_errno(err, "%s", words[2]);
	letter.size = st.st_size;
	take_flags(words, 3, &letter.flags, &clear, &more, &less);
	letter.keywords = buf_str(&more);
	rc = trial->backend->ops->append(trial->backend, words[1], &letter, &uid, &era, err);
	if (rc == 0)
		printf("appended %u %s\n", uid, era ? "yes" : "no");
	close(letter.fd);
	buf_free(&more);
	buf_free(&less);
	return rc;
}

static int do_find(struct trial *trial, char **words, struct err *err)
{
	uint32_t uids[10];
	size_t count = 0;
	int rc = trial->backend->ops->find(trial->backend, words[1], uids, 10, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++)
		printf("found %u\n", uids[i]);
	return rc;
}

static int do_wait(struct trial *trial, char **words, struct err *err)
{
	const char *other = NULL;
	int rc = trial->backend->ops->wait(trial->backend, (int)number(words[1]),
					   words[2] ? &other : NULL, err);

	if (rc >= 0)
		printf("waited %s other=%s\n", rc ? "changed" : "nothing", other ? other : "-");
	return rc < 0 ? -1 : 0;
}

static int do_quota(struct trial *trial, struct err *err)
{
	int64_t used = 0, limit = 0;
	int rc = imap_quota(trial->backend, &used, &limit, err);

	if (rc >= 0)
		printf("quota %s %" PRId64 " %" PRId64 "\n", rc ? "yes" : "none", used, limit);
	return rc < 0 ? -1 : 0;
}

static void do_can(struct trial *trial)
{
	const struct backend_abilities *can = trial->backend->ops->abilities(trial->backend);

	printf("can%s%s%s%s%s%s%s%s%s%s limit=%" PRId64 " mechanism=%s\n",
	       can->has_modseq ? " modseq" : "", can->has_vanished ? " vanished" : "",
	       can->has_move ? " move" : "", can->has_uids_back ? " uidplus" : "",
	       can->has_idle ? " idle" : "", can->has_notify ? " notify" : "",
	       can->has_list_status ? " list-status" : "",
	       can->has_special_use ? " special-use" : "", can->has_keywords ? " keywords" : "",
	       can->is_read_only ? " read-only" : "", can->append_limit,
	       imap_mechanism(trial->backend));
}

static void do_memory(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("memory %ld KB\n", usage.ru_maxrss);
}

static int do_structure(struct trial *trial, uint32_t uid, struct err *err)
{
	struct arena *arena = arena_new();
	struct imap_structure tree;
	int rc = trial->backend->ops->structure(trial->backend, uid, arena, &tree, err);

	for (size_t i = 0; rc == 0 && i < tree.count; i++)
		printf("section \"%s\" %s %" PRId64 "\n", tree.parts[i].section, tree.parts[i].type,
		       tree.parts[i].size);
	if (rc == 0)
		printf("sections %zu\n", tree.count);
	arena_free(&arena);
	return rc;
}

static int section_piece(void *arg, size_t which, const char *data, size_t len, struct err *err)
{
	(void)arg;
	(void)err;
	printf("piece %zu \"%.*s\"\n", which, (int)len, data);
	return 0;
}

static int do_sections(struct trial *trial, char **words, struct err *err)
{
	const char *sections[] = {words[2], words[3]};

	return trial->backend->ops->sections(trial->backend, number(words[1]), sections, words[3] ? 2 : 1,
					     section_piece, trial, err);
}

static int do_messages(struct trial *trial, char **words, struct err *err)
{
	struct backend_visit visit = {message, gone, trial};
	struct backend_sink sink = {begin, piece, end, trial};
	const struct backend_ops *ops = trial->backend->ops;

	trial->dir = strcmp(words[0], "whole") == 0 ? words[3] : NULL;
	if (strcmp(words[0], "flags") == 0)
		return ops->flags(trial->backend, number(words[1]), number(words[2]),
				  strtoull(words[3], NULL, 10), &visit, err);
	if (strcmp(words[0], "uids") == 0)
		return ops->uids(trial->backend, number(words[1]), number(words[2]), print_range,
				 trial, err);
	if (strcmp(words[0], "part") == 0)
		return ops->part(trial->backend, number(words[1]), words[2], &sink, err);
	if (strcmp(words[0], "structure") == 0)
		return do_structure(trial, number(words[1]), err);
	if (strcmp(words[0], "sections") == 0)
		return do_sections(trial, words, err);
	if (take_uids(trial, words, err))
		return -1;
	if (strcmp(words[0], "headers") == 0)
		return ops->headers(trial->backend, trial->uids, trial->count, &visit, err);
	if (strcmp(words[0], "whole") == 0)
		return ops->whole(trial->backend, trial->uids, trial->count, &visit, &sink, err);
	if (strcmp(words[0], "move") == 0)
		return ops->move(trial->backend, trial->uids, trial->count, words[3], pair, trial,
				 err);
	if (strcmp(words[0], "copy") == 0)
		return ops->copy(trial->backend, trial->uids, trial->count, words[3], pair, trial,
				 err);
	return ops->expunge(trial->backend, trial->uids, trial->count, err);
}

static int do_folder(struct trial *trial, char **words, struct err *err)
{
	const struct backend_ops *ops = trial->backend->ops;
	char *wire = NULL;
	int rc;

	if (strcmp(words[0], "remove") == 0)
		return ops->remove(trial->backend, words[1], err);
	if (strcmp(words[0], "subscribe") == 0)
		return ops->subscribe(trial->backend, words[1], *words[2] == '1', err);
	if (strcmp(words[0], "create") == 0)
		rc = ops->create(trial->backend, words[1], &wire, err);
	else
		rc = ops->rename(trial->backend, words[1], words[2], &wire, err);
	if (rc == 0)
		printf("wire %s\n", wire);
	free(wire);
	return rc;
}

static bool is_one_of(const char *word, const char *words)
{
	struct span rest = span_of(words), one;

	while (span_split(&rest, ' ', &one))
		if (span_equal(one, span_of(word)))
			return true;
	return false;
}

static int run(struct trial *trial, char **words, struct err *err)
{
	if (is_one_of(words[0], "flags uids headers whole part structure sections move copy expunge"))
		return do_messages(trial, words, err);
	if (is_one_of(words[0], "create rename remove subscribe"))
		return do_folder(trial, words, err);
	if (strcmp(words[0], "list") == 0)
		return trial->backend->ops->list(trial->backend, print_mailbox, trial, err);
	if (strcmp(words[0], "select") == 0)
		return do_select(trial, words, err);
	if (strcmp(words[0], "store") == 0)
		return do_store(trial, words, err);
	if (strcmp(words[0], "append") == 0)
		return do_append(trial, words, err);
	if (strcmp(words[0], "find") == 0)
		return do_find(trial, words, err);
	if (strcmp(words[0], "search") == 0)
		return trial->backend->ops->search(trial->backend,
						   *words[1] == '-' ? NULL : words[1], words[2],
						   print_range, trial, err);
	if (strcmp(words[0], "wait") == 0)
		return do_wait(trial, words, err);
	if (strcmp(words[0], "quota") == 0)
		return do_quota(trial, err);
	if (strcmp(words[0], "can") == 0)
		do_can(trial);
	else if (strcmp(words[0], "memory") == 0)
		do_memory();
	else if (strcmp(words[0], "quiet") == 0)
		trial->is_quiet = true;
	else
		return err_set_kind(err, ERR_USAGE, "no such line: %s", words[0]);
	return 0;
}

static void say(const struct err *err)
{
	printf("error %s: %s\n", kinds[err->kind], err->text);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int run_line(struct trial *trial, char *line)
{
	struct err err = ERR_INIT;
	char *words[WORDS_MAX + 1] = {NULL}, *save = NULL;
	int64_t start = now_ms();
	int count = 0, rc;

	for (char *word = strtok_r(line, " \n", &save); word && count < WORDS_MAX;
	     word = strtok_r(NULL, " \n", &save))
		words[count++] = word;
	if (count == 0)
		return 0;
	trial->told = trial->gone = 0;
	rc = run(trial, words, &err);
	if (rc)
		say(&err);
	else if (trial->is_quiet)
		printf("done %s told=%zu gone=%zu ms=%" PRId64 "\n", words[0], trial->told,
		       trial->gone, now_ms() - start);
	fflush(stdout);
	return rc;
}

static void add_setting(struct account *account, const char *key, const char *value)
{
	account->keys =
	    mem_resize(account->keys, account->setting_count + 1, sizeof *account->keys);
	account->values =
	    mem_resize(account->values, account->setting_count + 1, sizeof *account->values);
	account->keys[account->setting_count] = mem_strdup(key);
	account->values[account->setting_count++] = mem_strdup(value);
}

static struct account *take_account(char **argv, struct imap_options *options)
{
	struct account *account = mem_alloc(sizeof *account);

	account->name = mem_strdup("try");
	account->kind = ACCOUNT_IMAP;
	account->address = mem_strdup("alice@example.test");
	for (; *argv; argv++) {
		char *equal = strchr(*argv, '=');

		if (!equal)
			continue;
		*equal = '\0';
		if (strcmp(*argv, "command-ms") == 0)
			options->command_ms = strtol(equal + 1, NULL, 10);
		else if (strcmp(*argv, "silence-ms") == 0)
			options->silence_ms = (int)strtol(equal + 1, NULL, 10);
		else if (strcmp(*argv, "deflate") == 0)
			options->deflates_always = true;
		else
			add_setting(account, *argv, equal + 1);
	}
	return account;
}

static void alerted(void *arg, const char *words)
{
	(void)arg;
	printf("alert %s\n", words);
}

int main(int argc, char **argv)
{
	struct imap_options options = {.alert = alerted, .wake_fd = -1};
	struct account *account = take_account(argv + (argc > 0), &options);
	struct trial trial = {.fd = -1};
	struct err err = ERR_INIT;
	char *line = NULL;
	size_t size = 0;
	int failed = 0;

	log_open("imap_try");
	options.account = account;
	trial.backend = imap_open(&options, &err);
	if (!trial.backend) {
		say(&err);
		failed = 1;
	}
	while (trial.backend && getline(&line, &size, stdin) > 0)
		failed |= run_line(&trial, line) != 0;
	if (trial.backend)
		trial.backend->ops->close(trial.backend);
	free(trial.uids);
	free(line);
	account_free(&account);
	log_close();
	return failed;
}
