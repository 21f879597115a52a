#include "config.h"
#include "net/sync/imap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/protocol/imap_client.h"
#include "net/protocol/imap_fetch.h"
#include "net/protocol/imap_login.h"
#include "net/protocol/imap_name.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/box/box.h"

/* --- names and numbers --- */

static void expect_name(const char *wire, const char *name)
{
	struct buf out = BUF_INIT;

	assert_true(imap_name_decode(&out, span_of(wire)));
	assert_string_equal(buf_str(&out), name);
	buf_clear(&out);
	imap_name_encode(&out, span_of(name));
	assert_string_equal(buf_str(&out), wire);
	buf_free(&out);
}

static void names_are_modified_utf7(void **state)
{
	static const char *const wrong[] = {"&",	  "&AGE-", "&Jjo",   "a&Jj-",
					    "&Jjo-x\x80", "&2D3-", "&AAAA-", "&Jjp-"};
	struct buf out = BUF_INIT;

	(void)state;
	expect_name("INBOX", "INBOX");
	expect_name("Entw&APw-rfe", "Entwürfe");
	expect_name("a&-b", "a&b");
	expect_name("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語");
	expect_name("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "Отправленные");
	expect_name("&2D3eAA-", "😀");
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		assert_false(imap_name_decode(&out, span_of(wrong[i])));
		assert_int_equal(out.len, 0);
	}
	buf_free(&out);
}

static void keywords_are_atoms(void **state)
{
	struct buf out = BUF_INIT, back = BUF_INIT;

	(void)state;
	assert_true(imap_keyword_encode(&out, SPAN("важно")));
	assert_string_equal(buf_str(&out), "&BDIEMAQ2BD0EPg-");
	imap_keyword_decode(&back, (struct span){out.data, out.len});
	assert_string_equal(buf_str(&back), "важно");
	buf_clear(&back);
	imap_keyword_decode(&back, SPAN("R&D"));
	assert_string_equal(buf_str(&back), "R&D");
	assert_false(imap_keyword_encode(&out, SPAN("a b")));
	assert_false(imap_keyword_encode(&out, SPAN("a(b")));
	assert_false(imap_keyword_encode(&out, SPAN("a\r\nb")));
	buf_clear(&out);
	imap_add_flags(&out, BOX_SEEN | BOX_FORWARDED, "work b(ad \\Deleted later");
	assert_string_equal(buf_str(&out), "\\Seen $Forwarded work later");
	buf_free(&out);
	buf_free(&back);
}

static void no_string_ends_a_command(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(imap_quote(&out, SPAN("a\"b\\c"), &err), 0);
	assert_string_equal(buf_str(&out), "\"a\\\"b\\\\c\"");
	assert_int_equal(imap_quote(&out, SPAN("a\r\nt2 DELETE INBOX"), &err), -1);
	assert_int_equal(imap_quote(&out, SPAN("a\0b"), &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	buf_free(&out);
}

static void numbers_do_not_overflow(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(imap_number(SPAN("18446744073709551615"), UINT64_MAX, &value) &&
		    value == UINT64_MAX);
	assert_false(imap_number(SPAN("18446744073709551616"), UINT64_MAX, &value));
	assert_false(imap_number(SPAN("4294967296"), UINT32_MAX, &value));
	assert_false(imap_number(SPAN(""), UINT32_MAX, &value));
	assert_false(imap_number(SPAN("-1"), UINT32_MAX, &value));
	assert_false(imap_number(SPAN("1x"), UINT32_MAX, &value));
}

static void dates_are_understood(void **state)
{
	struct buf out = BUF_INIT;
	int64_t time;

	(void)state;
	assert_true(imap_date_parse(SPAN("17-Jul-1996 02:44:25 -0700"), &time));
	assert_int_equal(time, 837596665);
	assert_true(imap_date_parse(SPAN(" 1-jan-1970 01:00:00 +0100"), &time));
	assert_int_equal(time, 0);
	assert_false(imap_date_parse(SPAN("17 Jul 1996 02:44:25 -0700"), &time));
	assert_false(imap_date_parse(SPAN(""), &time));
	imap_date_add(&out, 837596665);
	assert_string_equal(buf_str(&out), "17-Jul-1996 09:44:25 +0000");
	buf_free(&out);
}

static int add_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	(void)err;
	buf_printf(arg, "%u-%u ", (unsigned)first, (unsigned)last);
	return 0;
}

static void sets_are_ranges(void **state)
{
	static const char *const wrong[] = {"0",    "1:",	  ":1",	   "a",
					    "1,,2", "4294967296", "1:2:3", ""};
	static const uint32_t uids[] = {1, 2, 3, 7, 9, 10, 4294967295u};
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(imap_each_range(SPAN("3:1,7,9:*"), add_range, &out, &err), 0);
	assert_string_equal(buf_str(&out), "1-3 7-7 9-4294967295 ");
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(imap_each_range(span_of(wrong[i]), add_range, &out, &err), -1);
	buf_clear(&out);
	assert_int_equal(imap_add_set(&out, uids, ARRAY_COUNT(uids), 1000), ARRAY_COUNT(uids));
	assert_string_equal(buf_str(&out), "1:3,7,9:10,4294967295");
	buf_clear(&out);
	assert_int_equal(imap_add_set(&out, uids, ARRAY_COUNT(uids), 2), 3);
	assert_string_equal(buf_str(&out), "1:3");
	buf_free(&out);
}

/* --- dialogues --- */

#define LOTS                                                                                       \
	"IMAP4rev1 LITERAL+ UIDPLUS MOVE ESEARCH CONDSTORE QRESYNC IDLE LIST-EXTENDED "            \
	"LIST-STATUS SPECIAL-USE"

struct talk {
	struct stream *stream;
	struct backend *backend;
	pid_t server;
	struct buf out;
	struct backend_state state;
	struct err err;
	int fail_at; /* the visitor refuses at this message */
};

static void expect_line(FILE *in, const char *wanted)
{
	char got[70000];

	if (!fgets(got, sizeof got, in))
		*got = '\0';
	got[strcspn(got, "\r\n")] = '\0';
	if (strcmp(got, wanted) == 0)
		return;
	fprintf(stderr, "# wanted: %s\n# got:    %s\n", wanted, got);
	_exit(1);
}

/* Plays the server: "S: line", "S+ bytes without CRLF", "C: line that must come". */
static void play(int fd, const char *const *script)
{
	FILE *in = fdopen(fd, "r");

	for (; in && *script; script++) {
		const char *text = *script + 3;

		if (**script == 'C') {
			expect_line(in, text);
			continue;
		}
		if (write(fd, text, strlen(text)) < 0 ||
		    ((*script)[1] == ':' && write(fd, "\r\n", 2) < 0))
			_exit(2);
	}
	shutdown(fd, SHUT_WR);
	while (in && fgetc(in) != EOF)
		;
	_exit(0);
}

static struct backend *open_talk(struct talk *talk, const struct imap_login *login,
				 const char *const *script)
{
	struct stream_options options = {
	    .host = "server.test", .tls = STREAM_PLAIN, .wake_fd = -1, .silence_ms = 10000};
	static const struct imap_options imap_options = {.wake_fd = -1};
	int fds[2];

	memset(talk, 0, sizeof *talk);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	talk->server = fork();
	if (talk->server == 0) {
		close(fds[0]);
		play(fds[1], script);
	}
	close(fds[1]);
	talk->stream = stream_open(fds[0], fds[0], &options, &talk->err);
	assert_non_null(talk->stream);
	talk->backend = imap_open_stream(talk->stream, login, &imap_options, &talk->err);
	return talk->backend;
}

static void start(struct talk *talk, const char *const *script)
{
	static const struct imap_login login = {.tls = STREAM_PLAIN, .user = "me"};

	if (!open_talk(talk, &login, script))
		fail_msg("%s", talk->err.text);
}

static void end(struct talk *talk)
{
	int status = -1;

	if (talk->backend)
		talk->backend->ops->close(talk->backend);
	waitpid(talk->server, &status, 0);
	buf_free(&talk->out);
	assert_int_equal(status, 0);
}

static int note_message(void *arg, const struct backend_message *m, struct err *err)
{
	struct talk *talk = arg;

	if (talk->fail_at && --talk->fail_at == 0)
		return err_set_kind(err, ERR_FAILED, "enough");
	buf_printf(&talk->out, "%u:%u:%s:%llu:%d:%s%s ", m->uid, m->flags,
		   m->keywords ? m->keywords : "-", (unsigned long long)m->modseq, (int)m->size,
		   m->header.len ? "h" : "", m->has_attachment ? "a" : "");
	return 0;
}

static int note_gone(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct talk *talk = arg;

	(void)err;
	buf_printf(&talk->out, "gone:%u-%u ", (unsigned)first, (unsigned)last);
	return 0;
}

static struct backend_visit visit_of(struct talk *talk)
{
	return (struct backend_visit){note_message, note_gone, talk};
}

static void is_told(struct talk *talk, const char *wanted)
{
	assert_string_equal(buf_str(&talk->out), wanted);
	buf_clear(&talk->out);
}

static int note_mailbox(void *arg, const struct backend_mailbox *m, struct err *err)
{
	struct talk *talk = arg;

	(void)err;
	buf_printf(&talk->out, "[%s|%s|%d|%s%s|%d,%d]", m->name ? m->name : "-", m->wire,
		   (int)m->role, m->is_selectable ? "s" : "", m->is_subscribed ? "S" : "",
		   (int)m->messages, (int)m->uidnext);
	return 0;
}

static void mailboxes_come_in_one_trip(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY " LOTS "] hi",
	    "C: t1 LIST \"\" \"\"",
	    "S: * LIST (\\Noselect) \"/\" \"\"",
	    "S: t1 OK",
	    "C: t2 LIST \"\" \"*\" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UNSEEN UIDNEXT "
	    "UIDVALIDITY "
	    "HIGHESTMODSEQ))",
	    "S: * LIST (\\HasNoChildren \\Subscribed) \"/\" inbox",
	    "S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 1 HIGHESTMODSEQ "
	    "18446744073709551 SIZE 5)",
	    "S: * LIST (\\Sent) \"/\" \"Gone &BBI-\" (\"CHILDINFO\" (\"SUBSCRIBED\"))",
	    "S: * LIST (\\NonExistent) \"/\" {5}",
	    "S: a \"b(",
	    "S: * LIST () \"/\" \"../../etc/passwd\"",
	    "S: * LIST () \"/\" \"/abs\"",
	    "S: * LIST () \"/\" \"esc\x1b[2J\"",
	    "S: * LIST () \"/\" Papierkorb",
	    "S: t2 OK done",
	    NULL,
	};
	struct talk talk;

	(void)state;
	start(&talk, script);
	assert_int_equal(talk.backend->ops->list(talk.backend, note_mailbox, &talk, &talk.err), 0);
	is_told(&talk, "[INBOX|inbox|1|sS|3,9][Gone В|Gone &BBI-|3|s|-1,-1][a \"b(|a \"b(|0||-1,-1]"
		       "[-|../../etc/passwd|0|s|-1,-1][-|/abs|0|s|-1,-1][-|esc\x1b[2J|0|s|-1,-1]"
		       "[Papierkorb|Papierkorb|4|s|-1,-1]");
	end(&talk);
}

static void old_servers_have_prefixes(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 NAMESPACE] hi",
	    "C: t1 NAMESPACE",
	    "S: * NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\"))",
	    "S: t1 OK",
	    "C: t2 LIST \"\" \"*\"",
	    "C: t3 LSUB \"\" \"*\"",
	    "S: * LIST () \".\" INBOX",
	    "S: * LIST () \".\" INBOX.Sent",
	    "S: * LIST () \".\" INBOX.a.b/c",
	    "S: t2 OK",
	    "S: * LSUB () \".\" INBOX.Sent",
	    "S: t3 OK",
	    "C: t4 STATUS \"INBOX\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    "C: t5 STATUS \"INBOX.Sent\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    "C: t6 STATUS \"INBOX.a.b/c\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    "S: * STATUS INBOX (MESSAGES 1)",
	    "S: t4 OK",
	    "S: t5 NO no",
	    "S: * STATUS INBOX.a.b/c (MESSAGES 2)",
	    "S: t6 OK",
	    "C: t7 CREATE \"INBOX.x.&APw-\"",
	    "S: t7 OK",
	    "C: t8 SUBSCRIBE \"INBOX.x.&APw-\"",
	    "S: t8 NO why",
	    NULL,
	};
	struct talk talk;
	char *wire = NULL;

	(void)state;
	start(&talk, script);
	assert_int_equal(talk.backend->ops->list(talk.backend, note_mailbox, &talk, &talk.err), 0);
	is_told(&talk,
		"[INBOX|INBOX|1|s|1,-1][Sent|INBOX.Sent|3|sS|-1,-1][a/b∕c|INBOX.a.b/c|0|s|2,-1]");
	assert_int_equal(talk.backend->ops->create(talk.backend, "x/ü", &wire, &talk.err), 0);
	assert_string_equal(wire, "INBOX.x.&APw-");
	free(wire);
	assert_int_equal(talk.backend->ops->create(talk.backend, "a\r\nb", &wire, &talk.err), -1);
	assert_int_equal(talk.backend->ops->create(talk.backend, "../b", &wire, &talk.err), -1);
	assert_int_equal(talk.backend->ops->create(talk.backend, "a.b", &wire, &talk.err), -1);
	end(&talk);
}

static void older_ones_do_not_tell_them(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi",
	    "C: t1 LIST \"\" \"\"",
	    "S: * LIST (\\Noselect) \".\" \"\"",
	    "S: t1 OK",
	    "C: t2 LIST \"\" \"*\"",
	    "C: t3 LSUB \"\" \"*\"",
	    "S: * LIST () \".\" INBOX",
	    "S: * LIST () \".\" INBOX.Sent",
	    "S: t2 OK",
	    "S: t3 OK",
	    "C: t4 STATUS \"INBOX\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    "C: t5 STATUS \"INBOX.Sent\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    "S: t4 OK",
	    "S: t5 OK",
	    "C: t6 CREATE \"INBOX.x\"",
	    "S: t6 OK",
	    "C: t7 SUBSCRIBE \"INBOX.x\"",
	    "S: t7 OK",
	    NULL,
	};
	struct talk talk;
	char *wire = NULL;

	(void)state;
	start(&talk, script);
	assert_int_equal(talk.backend->ops->list(talk.backend, note_mailbox, &talk, &talk.err), 0);
	is_told(&talk, "[INBOX|INBOX|1|s|-1,-1][Sent|INBOX.Sent|3|s|-1,-1]");
	assert_int_equal(talk.backend->ops->create(talk.backend, "x", &wire, &talk.err), 0);
	assert_string_equal(wire, "INBOX.x");
	free(wire);
	end(&talk);
}

#define ENABLED_GREETING                                                                           \
	"S: * PREAUTH [CAPABILITY " LOTS " ENABLE] hi", "C: t1 ENABLE QRESYNC CONDSTORE",          \
	    "S: * ENABLED QRESYNC CONDSTORE", "S: t1 OK"

static int do_select(struct talk *talk, const struct backend_state *known, bool *is_whole)
{
	struct backend_visit visit = visit_of(talk);

	return talk->backend->ops->select(talk->backend, "INBOX", known, &visit, &talk->state,
					  is_whole, &talk->err);
}

static void qresync_tells_all_that_changed(void **state)
{
	static const char *const script[] = {
	    ENABLED_GREETING,
	    "C: t2 SELECT \"INBOX\" (QRESYNC (7 100))",
	    "S: * FLAGS (\\Seen)",
	    "S: * 4 EXISTS",
	    "S: * OK [PERMANENTFLAGS (\\Seen \\*)] ok",
	    "S: * OK [UIDVALIDITY 7] ok",
	    "S: * OK [UIDNEXT 12] ok",
	    "S: * OK [HIGHESTMODSEQ 120] ok",
	    "S: * VANISHED (EARLIER) 2:3,6",
	    "S: * 1 FETCH (UID 4 FLAGS (\\Seen $forwarded zeta Alpha zeta) MODSEQ (110))",
	    "S: * 4 FETCH (FLAGS (\\Recent) UID 11 MODSEQ (119))",
	    "S: t2 OK [READ-WRITE] done",
	    "C: t3 SELECT \"INBOX\" (QRESYNC (6 100))",
	    "S: * OK [CLOSED] old one",
	    "S: * 4 EXISTS",
	    "S: * OK [UIDVALIDITY 7] ok",
	    "S: * OK [UIDNEXT 12] ok",
	    "S: * VANISHED (EARLIER) 1:4294967295",
	    "S: * 1 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (110))",
	    "S: * OK [NOMODSEQ] none",
	    "S: t3 OK [READ-ONLY] done",
	    NULL,
	};
	struct backend_state known = {.uidvalidity = 7, .uidnext = 11, .modseq = 100, .exists = 5};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, &known, &is_whole), 0);
	is_told(&talk, "gone:2-3 gone:6-6 4:33:Alpha zeta:110:0: ");
	assert_true(is_whole);
	assert_int_equal(talk.state.exists, 4);
	assert_int_equal(talk.state.uidnext, 12);
	assert_int_equal(talk.state.modseq, 120);
	assert_true(talk.backend->ops->abilities(talk.backend)->has_keywords);
	known.uidvalidity = 6;
	assert_int_equal(do_select(&talk, &known, &is_whole), 0);
	is_told(&talk, "");
	assert_false(is_whole);
	assert_int_equal(talk.state.modseq, 0);
	assert_true(talk.backend->ops->abilities(talk.backend)->is_read_only);
	assert_false(talk.backend->ops->abilities(talk.backend)->has_modseq);
	end(&talk);
}

static void condstore_asks_what_changed(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 CONDSTORE] hi",
	    "C: t1 SELECT \"INBOX\" (CONDSTORE)",
	    "S: * 4 EXISTS",
	    "S: * OK [UIDVALIDITY 7] ok",
	    "S: * OK [HIGHESTMODSEQ 120] ok",
	    "S: t1 OK",
	    "C: t2 UID FETCH * (UID)",
	    "S: * 4 FETCH (UID 10)",
	    "S: t2 OK",
	    "C: t3 UID FETCH 1:10 (UID FLAGS) (CHANGEDSINCE 100)",
	    "S: * 1 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (110))",
	    "S: t3 OK",
	    "C: t4 SELECT \"INBOX\" (CONDSTORE)",
	    "S: t4 NO [NONEXISTENT] Mailbox \x1b]0;x\x07 is gone",
	    NULL,
	};
	struct backend_state known = {.uidvalidity = 7, .uidnext = 11, .modseq = 100, .exists = 4};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, &known, &is_whole), 0);
	is_told(&talk, "4:1::110:0: ");
	assert_true(is_whole);
	assert_int_equal(do_select(&talk, &known, &is_whole), -1);
	assert_int_equal(talk.err.kind, ERR_NOT_FOUND);
	assert_null(strchr(talk.err.text, '\x1b'));
	assert_non_null(strstr(talk.err.text, "is gone"));
	end(&talk);
}

#define SELECTED(tag)                                                                              \
	"C: " tag " SELECT \"INBOX\"", "S: * 4 EXISTS", "S: * OK [UIDVALIDITY 7] ok",              \
	    "S: * OK [UIDNEXT 12] ok", "S: " tag " OK"

#define FIELDS "BODY.PEEK[HEADER.FIELDS (" BACKEND_HEADER_FIELDS ")]"

static void headers_are_what_was_asked_for(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi",
	    SELECTED("t1"),
	    "C: t2 UID FETCH 3:5,9 (UID FLAGS INTERNALDATE RFC822.SIZE " FIELDS ")",
	    "S: * 1 FETCH (UID 3 FLAGS () INTERNALDATE NIL RFC822.SIZE 5000000000 X-FOO (1 (\"a)\" "
	    "{3}",
	    "S: ((x) ) EMAILID (M1) BODY[HEADER.FIELDS (\"Date\" {4}",
	    "S: From)] {22}",
	    "S: Subject: 3\x80",
	    "S: a\x01: b\\)",
	    "S: )",
	    "S: * 1 EXPUNGE",
	    "S: * 9 FETCH (FLAGS (\\Seen) UID 4)",
	    "S: * 77 FETCH (UID 77 BODY[HEADER.FIELDS (Date)] \"lie\")",
	    "S: * FOO bar {4}",
	    "S+ )\r\n(",
	    "S: ",
	    "S: * 3 FETCH (BODY[HEADER.FIELDS (X)] {37}",
	    "S: CONTENT-type:\t multipart/mixed; a=b",
	    "S:  UID 5 MODSEQ (1) RFC822.SIZE 1)",
	    "S: * 3 FETCH (BODY[HEADER.FIELDS (X)] \"twice\" UID 5)",
	    "S: * LIST () \"/\" x",
	    "S: t2 OK",
	    NULL,
	};
	static const uint32_t uids[] = {3, 4, 5, 9};
	struct backend_visit visit;
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	visit = visit_of(&talk);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	if (talk.backend->ops->headers(talk.backend, uids, 4, &visit, &talk.err))
		fail_msg("%s", talk.err.text);
	is_told(&talk, "3:0::0:705032704:h 5:0:-:1:1:ha ");
	/* What changed besides is told by the next wait. */
	assert_int_equal(talk.backend->ops->wait(talk.backend, 0, NULL, &talk.err), 1);
	end(&talk);
}

static int sink_begin(void *arg, uint32_t uid, int64_t size, struct err *err)
{
	(void)err;
	buf_printf(&((struct talk *)arg)->out, "{%u %d ", (unsigned)uid, (int)size);
	return 0;
}

static int sink_piece(void *arg, const char *data, size_t len, struct err *err)
{
	(void)err;
	buf_add(&((struct talk *)arg)->out, data, len);
	return 0;
}

static int sink_end(void *arg, uint32_t uid, struct err *err)
{
	(void)err;
	buf_printf(&((struct talk *)arg)->out, " %u}", (unsigned)uid);
	return 0;
}

static void bodies_are_streamed(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi",
	    SELECTED("t1"),
	    "C: t2 UID FETCH 3:6 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])",
	    "S: * 1 FETCH (UID 3 FLAGS (\\Seen) BODY[] {3}",
	    "S: a)b)",
	    "S: * 2 FETCH (BODY[] {4}",
	    "S: late UID 4 FLAGS (x))",
	    "S: * 3 FETCH (UID 5 FLAGS () BODY[] NIL)",
	    "S: * 4 FETCH (UID 6 FLAGS () BODY[] \"q\\\"\")",
	    "S: * 5 FETCH (UID 7 FLAGS () BODY[] {3}",
	    "S: lie)",
	    "S: t2 OK",
	    "C: t3 UID FETCH 3 (UID BODY.PEEK[2.1])",
	    "S: * 1 FETCH (BODY[2.1] ~{2}",
	    "S: pp UID 3)",
	    "S: t3 OK",
	    NULL,
	};
	static const uint32_t uids[] = {3, 4, 5, 6};
	struct backend_visit visit;
	struct backend_sink sink = {sink_begin, sink_piece, sink_end, NULL};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	visit = visit_of(&talk);
	sink.arg = &talk;
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(talk.backend->ops->whole(talk.backend, uids, 4, &visit, &sink, &talk.err),
			 0);
	is_told(&talk, "3:1::0:0: {3 3 a)b 3}4:0:x:0:0: {4 4 late 4}6:0::0:0: {6 2 q\" 6}");
	assert_int_equal(talk.backend->ops->part(talk.backend, 3, "2.1", &sink, &talk.err), 0);
	is_told(&talk, "{3 2 pp 3}");
	assert_int_equal(talk.backend->ops->part(talk.backend, 3, "1] x", &sink, &talk.err), -1);
	end(&talk);
}

static void a_visitor_may_stop(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi",
	    SELECTED("t1"),
	    "C: t2 UID FETCH 1:* (UID FLAGS)",
	    "S: * 1 FETCH (UID 3 FLAGS (\\Seen))",
	    "S: * 2 FETCH (UID 4 FLAGS (\\Seen))",
	    "S: * 3 FETCH (UID 5 FLAGS (\\Seen))",
	    "S: t2 OK",
	    "C: t3 UID FETCH 5:* (UID FLAGS)",
	    "S: * 3 FETCH (UID 4 FLAGS (\\Seen))",
	    "S: * 3 FETCH (UID 5 FLAGS (\\Seen))",
	    "S: t3 OK",
	    NULL,
	};
	struct backend_visit visit;
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	visit = visit_of(&talk);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	talk.fail_at = 2;
	assert_int_equal(
	    talk.backend->ops->flags(talk.backend, 1, UINT32_MAX, 0, &visit, &talk.err), -1);
	assert_string_equal(talk.err.text, "enough");
	is_told(&talk, "3:1::0:0: ");
	assert_int_equal(
	    talk.backend->ops->flags(talk.backend, 5, UINT32_MAX, 0, &visit, &talk.err), 0);
	is_told(&talk, "5:1::0:0: ");
	end(&talk);
}

static int note_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct talk *talk = arg;

	(void)err;
	buf_printf(&talk->out, "%u-%u ", (unsigned)first, (unsigned)last);
	return 0;
}

static void uids_come_as_ranges(void **state)
{
	static const char *const with[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] hi",
	    "C: t1 UID SEARCH RETURN (ALL) UID 5:*",
	    "S: * ESEARCH (TAG \"t1\") UID MIN 3 ALL 9:7,3,20:4294967295 COUNT 3",
	    "S: t1 OK",
	    "C: t2 UID SEARCH RETURN (ALL) CHARSET UTF-8 HEADER \"Subject\" {2}",
	    "S: + go",
	    "C: ü",
	    "S: * ESEARCH (TAG \"t2\") UID",
	    "S: t2 OK",
	    "C: t3 UID SEARCH RETURN (ALL) HEADER \"Message-ID\" \"<a@b>\"",
	    "S: * SEARCH 5 4 (MODSEQ 9)",
	    "S: t3 OK",
	    NULL,
	};
	static const char *const without[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi",
	    "C: t1 UID FETCH 1:* (UID)",
	    "S: * 2 FETCH (UID 5)",
	    "S: * 1 FETCH (UID 4)",
	    "S: * 1 FETCH (UID 4 FLAGS ())",
	    "S: t1 OK",
	    NULL,
	};
	uint32_t found[4];
	size_t count;
	struct talk talk;

	(void)state;
	start(&talk, with);
	assert_int_equal(
	    talk.backend->ops->uids(talk.backend, 5, UINT32_MAX, note_range, &talk, &talk.err), 0);
	is_told(&talk, "7-9 20-4294967295 ");
	assert_int_equal(
	    talk.backend->ops->search(talk.backend, "Subject", "ü", note_range, &talk, &talk.err),
	    0);
	is_told(&talk, "");
	assert_int_equal(talk.backend->ops->find(talk.backend, "a@b", found, 4, &count, &talk.err),
			 0);
	assert_int_equal(count, 2);
	assert_int_equal(found[0], 4);
	assert_int_equal(
	    talk.backend->ops->search(talk.backend, NULL, "a\nb", note_range, &talk, &talk.err),
	    -1);
	end(&talk);
	start(&talk, without);
	assert_int_equal(
	    talk.backend->ops->uids(talk.backend, 1, UINT32_MAX, note_range, &talk, &talk.err), 0);
	is_told(&talk, "4-4 5-5 ");
	end(&talk);
}

static int note_pair(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t era, struct err *err)
{
	struct talk *talk = arg;

	(void)err;
	buf_printf(&talk->out, "%u>%u/%u ", (unsigned)old_uid, (unsigned)new_uid, (unsigned)era);
	return 0;
}

static void moves_tell_the_new_uids(void **state)
{
	static const char *const with[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 MOVE UIDPLUS] hi",
	    SELECTED("t1"),
	    "C: t2 UID MOVE 3:5,7 \"Trash\"",
	    "S: * OK [COPYUID 9 3:4,7 20:22] moved",
	    "S: * 2 EXPUNGE",
	    "S: * 2 EXPUNGE",
	    "S: * 2 EXPUNGE",
	    "S: t2 OK done",
	    "C: t3 UID MOVE 3:5,7 \"Gone\"",
	    "S: t3 NO [TRYCREATE] no such",
	    "C: t4 UID COPY 3:5,7 \"X\"",
	    "S: t4 OK [COPYUID 9 1:4294967295 1:4294967295] lie",
	    NULL,
	};
	static const char *const without[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] hi",
	    "C: t1 UID COPY 3:5,7 \"Trash\"",
	    "S: t1 OK [COPYUID 9 3:5,7 1:4] done",
	    "C: t2 UID STORE 3:5,7 +FLAGS.SILENT (\\Deleted)",
	    "S: t2 OK",
	    "C: t3 UID EXPUNGE 3:5,7",
	    "S: t3 OK",
	    NULL,
	};
	static const uint32_t uids[] = {3, 4, 5, 7};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, with);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(
	    talk.backend->ops->move(talk.backend, uids, 4, "Trash", note_pair, &talk, &talk.err),
	    0);
	is_told(&talk, "3>20/9 4>21/9 7>22/9 ");
	assert_int_equal(talk.backend->ops->wait(talk.backend, 0, NULL, &talk.err), 0);
	assert_int_equal(
	    talk.backend->ops->move(talk.backend, uids, 4, "Gone", note_pair, &talk, &talk.err),
	    -1);
	assert_int_equal(talk.err.kind, ERR_NOT_FOUND);
	assert_int_equal(
	    talk.backend->ops->copy(talk.backend, uids, 4, "X", note_pair, &talk, &talk.err), 0);
	end(&talk);
	start(&talk, without);
	assert_int_equal(
	    talk.backend->ops->move(talk.backend, uids, 4, "Trash", note_pair, &talk, &talk.err),
	    0);
	is_told(&talk, "3>1/9 4>2/9 5>3/9 7>4/9 ");
	end(&talk);
}

static void what_vanished_is_counted(void **state)
{
	static const char *const script[] = {
	    ENABLED_GREETING,
	    "C: t2 SELECT \"INBOX\" (CONDSTORE)",
	    "S: * 4 EXISTS",
	    "S: * OK [UIDVALIDITY 7] ok",
	    "S: * OK [UIDNEXT 12] ok",
	    "S: * OK [HIGHESTMODSEQ 120] ok",
	    "S: t2 OK",
	    "C: t3 UID STORE 3 +FLAGS.SILENT (\\Deleted)",
	    "S: * 1 FETCH (UID 3 MODSEQ (121))",
	    "S: t3 OK",
	    "C: t4 UID EXPUNGE 3",
	    "S: * VANISHED 3",
	    "S: * 3 EXISTS",
	    "S: t4 OK",
	    "C: t5 UID STORE 4 +FLAGS.SILENT (\\Deleted)",
	    "S: t5 OK",
	    "C: t6 UID EXPUNGE 4",
	    "S: * VANISHED 4",
	    "S: * 3 EXISTS",
	    "S: t6 OK",
	    NULL,
	};
	static const uint32_t uids[] = {3, 4};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(talk.backend->ops->expunge(talk.backend, uids, 1, &talk.err), 0);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 0, NULL, &talk.err), 0);
	/* One went, one came: as many as before, and yet there is news. */
	assert_int_equal(talk.backend->ops->expunge(talk.backend, uids + 1, 1, &talk.err), 0);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 0, NULL, &talk.err), 1);
	end(&talk);
}

static void flags_are_added_and_taken_away(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 CONDSTORE] hi",
	    "C: t1 UID STORE 3,5 +FLAGS.SILENT (\\Seen work)",
	    "S: * 1 FETCH (UID 3 MODSEQ (55))",
	    "S: * 2 FETCH (UID 4 FLAGS ())",
	    "S: t1 OK",
	    "C: t2 UID STORE 3,5 -FLAGS.SILENT (\\Flagged)",
	    "S: t2 OK",
	    NULL,
	};
	static const uint32_t uids[] = {3, 5};
	struct backend_visit visit;
	struct talk talk;

	(void)state;
	start(&talk, script);
	visit = visit_of(&talk);
	assert_int_equal(talk.backend->ops->store(talk.backend, uids, 2, BOX_SEEN, BOX_FLAGGED,
						  "work", "", &visit, &talk.err),
			 0);
	is_told(&talk, "3:0:-:55:0: ");
	end(&talk);
}

static int letter_of(const char *text)
{
	int fd = memfd_create("letter", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static int append(struct talk *talk, const char *text, uint32_t *uid, uint32_t *era)
{
	struct backend_letter letter = {.fd = letter_of(text),
					.size = (int64_t)strlen(text),
					.received = 837596665,
					.flags = BOX_SEEN,
					.keywords = "work"};
	int rc = talk->backend->ops->append(talk->backend, "Sent", &letter, uid, era, &talk->err);

	close(letter.fd);
	return rc;
}

#define APPEND " APPEND \"Sent\" (\\Seen work) \"17-Jul-1996 09:44:25 +0000\" "

static void letters_go_with_crlf(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS APPENDLIMIT=100] hi",
	    "C: t1" APPEND "{18}",
	    "S: * OK still here",
	    "S: + go on",
	    "C: A: b",
	    "C: ",
	    "C: one",
	    "C: two",
	    "S: t1 OK [APPENDUID 5 77] saved",
	    "C: t2" APPEND "{4}",
	    "S: t2 NO [TRYCREATE] not there",
	    NULL,
	};
	static const char *const plus[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hi",
	    "C: t1" APPEND "{4+}",
	    "C: x",
	    "C: y",
	    "S: t1 NO [OVERQUOTA] full",
	    NULL,
	};
	char large[200];
	uint32_t uid, era;
	struct talk talk;

	(void)state;
	start(&talk, script);
	assert_int_equal(append(&talk, "A: b\n\r\none\ntwo\rx", &uid, &era), 0);
	assert_int_equal(uid, 77);
	assert_int_equal(era, 5);
	assert_int_equal(append(&talk, "x\ny", &uid, &era), -1);
	assert_int_equal(talk.err.kind, ERR_NOT_FOUND);
	memset(large, 'x', sizeof large);
	large[sizeof large - 1] = '\0';
	assert_int_equal(append(&talk, large, &uid, &era), -1);
	assert_non_null(strstr(talk.err.text, "at most 100"));
	end(&talk);
	start(&talk, plus);
	assert_int_equal(append(&talk, "x\ny", &uid, &era), -1);
	assert_non_null(strstr(talk.err.text, "full"));
	end(&talk);
}

/* RFC 7888: short ones do not wait to be asked for, long ones do. */
static void short_literals_do_not_wait(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL-] hi",
	    "C: t1" APPEND "{4+}",
	    "C: x",
	    "C: y",
	    "S: t1 NO [OVERQUOTA] full",
	    "C: t2" APPEND "{4999}",
	    "S: t2 NO [OVERQUOTA] full",
	    NULL,
	};
	char large[5000];
	uint32_t uid, era;
	struct talk talk;

	(void)state;
	start(&talk, script);
	assert_int_equal(append(&talk, "x\ny", &uid, &era), -1);
	memset(large, 'x', sizeof large);
	large[sizeof large - 1] = '\0';
	assert_int_equal(append(&talk, large, &uid, &era), -1);
	end(&talk);
}

/* RFC 6855: a header in UTF-8 goes as such where the server has agreed to it, and only such a one. */
static void utf8_headers_are_told(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT LITERAL+] hi",
	    "C: t1 ENABLE UTF8=ACCEPT",
	    "S: * ENABLED UTF8=ACCEPT",
	    "S: t1 OK",
	    "C: t2" APPEND "UTF8 (~{16+}",
	    "C: Subject: \xc3\xb6",
	    "C: ",
	    "C: x)",
	    "S: t2 OK [APPENDUID 5 77] saved",
	    "C: t3" APPEND "{4+}",
	    "C: x",
	    "C: y",
	    "S: t3 OK [APPENDUID 5 78] saved",
	    NULL,
	};
	uint32_t uid, era;
	struct talk talk;

	(void)state;
	start(&talk, script);
	assert_int_equal(append(&talk, "Subject: \xc3\xb6\n\nx", &uid, &era), 0);
	assert_int_equal(append(&talk, "x\ny", &uid, &era), 0);
	assert_int_equal(uid, 78);
	end(&talk);
}

static void idle_tells_of_news(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi",
	    SELECTED("t1"),
	    "C: t2 IDLE",
	    "S: * OK untagged before the plus",
	    "S: + idling",
	    "S: * OK Still here",
	    "S: * 5 EXISTS",
	    "C: DONE",
	    "S: t2 OK",
	    "C: t3 IDLE",
	    "S: + idling",
	    "C: DONE",
	    "S: t3 OK",
	    NULL,
	};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 5000, NULL, &talk.err), 1);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 50, NULL, &talk.err), 0);
	end(&talk);
}

static void a_refused_idle_is_asked_instead(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi",
	    SELECTED("t1"),
	    "C: t2 IDLE",
	    "S: t2 NO not for you",
	    "S: * 5 EXISTS",
	    NULL,
	};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	if (talk.backend->ops->wait(talk.backend, 5000, NULL, &talk.err) == 0)
		assert_int_equal(talk.backend->ops->wait(talk.backend, 5000, NULL, &talk.err), 1);
	assert_int_equal(talk.err.kind, ERR_NONE);
	end(&talk);
}

static void without_idle_news_are_heard_too(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi", SELECTED("t1"), "S: * 4 EXISTS",
	    "S: * 1 FETCH (FLAGS (\\Seen))",	      NULL,
	};
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 5000, NULL, &talk.err), 1);
	end(&talk);
}

static void notify_tells_of_other_mailboxes(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE NOTIFY] hi",
	    SELECTED("t1"),
	    "C: t2 NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) "
	    "(PERSONAL (MessageNew MessageExpunge FlagChange))",
	    "S: t2 OK",
	    "C: t3 IDLE",
	    "S: + idling",
	    "S: * STATUS Lists/tern (MESSAGES 5 UIDNEXT 6)",
	    "C: DONE",
	    "S: t3 OK",
	    NULL,
	};
	const char *other;
	struct talk talk;
	bool is_whole;

	(void)state;
	start(&talk, script);
	assert_int_equal(do_select(&talk, NULL, &is_whole), 0);
	assert_int_equal(talk.backend->ops->wait(talk.backend, 5000, &other, &talk.err), 0);
	assert_string_equal(other, "Lists/tern");
	end(&talk);
}

static void quota_is_told(void **state)
{
	static const char *const script[] = {
	    "S: * PREAUTH [CAPABILITY IMAP4rev1 QUOTA] hi",
	    "C: t1 GETQUOTAROOT INBOX",
	    "S: * QUOTAROOT INBOX \"User quota\"",
	    "S: * QUOTA \"User quota\" (MESSAGE 3 10 STORAGE 100 1048576)",
	    "S: t1 OK",
	    NULL,
	};
	int64_t used, limit;
	struct talk talk;

	(void)state;
	start(&talk, script);
	assert_int_equal(imap_quota(talk.backend, &used, &limit, &talk.err), 1);
	assert_int_equal(used, 100);
	assert_int_equal(limit, 1048576);
	end(&talk);
}

/* --- refusals --- */

static void expect_refusal(const struct imap_login *login, enum err_kind kind, const char *words,
			   const char *const *script)
{
	struct talk talk;

	assert_null(open_talk(&talk, login, script));
	assert_int_equal(talk.err.kind, kind);
	if (!strstr(talk.err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", talk.err.text, words);
	end(&talk);
}

static void without_tls_nothing_is_said(void **state)
{
	static const struct imap_login login = {.tls = STREAM_STARTTLS, .user = "me"};
	static const char *const preauth[] = {"S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi",
					      NULL};
	static const char *const stripped[] = {"S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi",
					       NULL};
	static const char *const refused[] = {
	    "S: * OK hi", "C: t1 CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS",
	    "S: t1 OK",	  "C: t2 STARTTLS",   "S: t2 NO not now",
	    NULL};
	static const char *const injected[] = {
	    "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi", "C: t1 STARTTLS",
	    "S+ t1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", NULL};
	static const char *const bye[] = {"S: * BYE [ALERT] overloaded, come back", NULL};
	static const char *const http[] = {"S: HTTP/1.1 400 Bad Request", NULL};

	(void)state;
	expect_refusal(&login, ERR_DENIED, "before the connection is encrypted", preauth);
	expect_refusal(&login, ERR_DENIED, "does not offer to encrypt", stripped);
	expect_refusal(&login, ERR_FAILED, "not now", refused);
	expect_refusal(&login, ERR_DENIED, "", injected);
	expect_refusal(&login, ERR_TEMPORARY, "overloaded", bye);
	expect_refusal(&login, ERR_CORRUPT, "greet", http);
}

static void lies_end_the_connection(void **state)
{
	static const char *const lies[] = {
	    "S: t9 OK nobody asked",
	    "S: t1 MAYBE",
	    "S: * 99999999999 EXISTS",
	    "S: * 1 FETCH (UID 0x1)",
	    "S: * 1 FETCH (UID 4294967296 FLAGS ())",
	    "S: * 1 FETCH (UID 1 FLAGS (",
	    "S: * 1 FETCH (UID 1 FLAGS (\"x",
	    "S: * 1 FETCH (UID 1 X {99999999999999999999}",
	    "S: * 1 FETCH (UID 1 X {18446744073709551615}",
	    "S: * 1 FETCH (MODSEQ (99999999999999999999) UID 1)",
	    "S: * 1 FETCH (UID 1 RFC822.SIZE -1)",
	    "S: * 1 FETCH (BODY[HEADER UID 1)",
	    "S: (",
	    "S: * VANISHED 1:2:3",
	};
	struct backend_visit visit;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
		const char *script[] = {"S: * PREAUTH [CAPABILITY IMAP4rev1] hi",
					"C: t1 UID FETCH 1:* (UID FLAGS)", lies[i], NULL};
		struct talk talk;
		int rc;

		start(&talk, script);
		visit = visit_of(&talk);
		rc = talk.backend->ops->flags(talk.backend, 1, UINT32_MAX, 0, &visit, &talk.err);
		assert_int_equal(rc, -1);
		if (talk.err.kind != ERR_CORRUPT && !strchr(lies[i], '{'))
			fail_msg("%s: %d %s", lies[i], talk.err.kind, talk.err.text);
		assert_int_equal(talk.backend->ops->flags(talk.backend, 1, 2, 0, &visit, &talk.err),
				 -1);
		assert_int_equal(talk.err.kind, ERR_TEMPORARY);
		end(&talk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_modified_utf7),
	    cmocka_unit_test(keywords_are_atoms),
	    cmocka_unit_test(no_string_ends_a_command),
	    cmocka_unit_test(numbers_do_not_overflow),
	    cmocka_unit_test(dates_are_understood),
	    cmocka_unit_test(sets_are_ranges),
	    cmocka_unit_test(mailboxes_come_in_one_trip),
	    cmocka_unit_test(old_servers_have_prefixes),
	    cmocka_unit_test(older_ones_do_not_tell_them),
	    cmocka_unit_test(qresync_tells_all_that_changed),
	    cmocka_unit_test(condstore_asks_what_changed),
	    cmocka_unit_test(headers_are_what_was_asked_for),
	    cmocka_unit_test(bodies_are_streamed),
	    cmocka_unit_test(a_visitor_may_stop),
	    cmocka_unit_test(uids_come_as_ranges),
	    cmocka_unit_test(moves_tell_the_new_uids),
	    cmocka_unit_test(what_vanished_is_counted),
	    cmocka_unit_test(flags_are_added_and_taken_away),
	    cmocka_unit_test(letters_go_with_crlf),
	    cmocka_unit_test(short_literals_do_not_wait),
	    cmocka_unit_test(utf8_headers_are_told),
	    cmocka_unit_test(idle_tells_of_news),
	    cmocka_unit_test(a_refused_idle_is_asked_instead),
	    cmocka_unit_test(without_idle_news_are_heard_too),
	    cmocka_unit_test(notify_tells_of_other_mailboxes),
	    cmocka_unit_test(quota_is_told),
	    cmocka_unit_test(without_tls_nothing_is_said),
	    cmocka_unit_test(lies_end_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
