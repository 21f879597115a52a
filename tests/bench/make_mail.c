/* Makes letters of all common shapes, one file each: same seed, same bytes. Plain, alternative and
 *mixed with attachments; English, Russian, Chinese and Japanese; 8bit, quoted-printable and
 *base64; 6.6 KB on average. make-mail [-n MESSAGES] [-s SEED] DIR
 */
#include "config.h"

#include <fcntl.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/mime/mime_write.h"
#include "tests/bench/chance.h"

#define FIRST_DATE 1500000000
#define WORD_COUNT 24

static const char *const english[WORD_COUNT] = {
    "the",    "harbour", "letter", "a",	    "signal", "of",	"journey",    "meeting",
    "budget", "is",	 "and",	   "patch", "garden", "winter", "report",     "to",
    "in",     "license", "was",	   "river", "paper",  "light",	"tomorrow's", "(again)",
};
static const char *const russian[WORD_COUNT] = {
    "письмо",  "и",    "весна",	 "в",	 "море",   "на",      "ёлка",	 "договор",
    "встреча", "с",    "бюджет", "это",	 "отчёт",  "сегодня", "завтра",	 "не",
    "поезд",   "окно", "река",	 "зима", "проект", "что",     "спасибо", "привет",
};
static const char *const chinese[WORD_COUNT] = {
    "会议", "我们", "明天", "邮件", "的",   "报告", "请",   "附件", "项目", "时间", "公司", "谢谢",
    "北京", "合同", "已经", "收到", "问题", "中",   "可以", "下周", "数据", "和",   "发送", "完成",
};
static const char *const japanese[WORD_COUNT] = {
    "会議",   "の",	    "手紙", "です", "お世話", "明日",	    "資料",	  "を",
    "東京",   "いたします", "確認", "は",   "メール", "送付",	    "予定",	  "に",
    "ご連絡", "ください",   "来週", "仕様", "テスト", "ありがとう", "ございます", "件",
};

/* Which charset a language's letters come in, and how often (in percent). */
struct charset {
	const char *name;
	int percent;
};
static const struct language {
	const char *const *words;
	const char *space;
	int percent;
	struct charset charsets[3];
} languages[] = {
    {english, " ", 70, {{"us-ascii", 45}, {"utf-8", 40}, {"iso-8859-1", 15}}},
    {russian, " ", 23, {{"utf-8", 70}, {"koi8-r", 15}, {"windows-1251", 15}}},
    {chinese, "", 4, {{"utf-8", 60}, {"gb2312", 40}, {NULL, 0}}},
    {japanese, "", 3, {{"utf-8", 50}, {"iso-2022-jp", 50}, {NULL, 0}}},
};

struct maker {
	uint64_t seed;
	long messages;
	const char *dir;
	const struct language *language;
	const char *charset;
	struct buf out;
};

static long below(struct maker *maker, long n)
{
	return chance_below(&maker->seed, n);
}

static void add_words(struct maker *maker, struct buf *out, long count)
{
	while (count-- > 0) {
		buf_add_str(out, maker->language->words[below(maker, WORD_COUNT)]);
		if (count)
			buf_add_str(out, maker->language->space);
	}
}

static void choose_language(struct maker *maker)
{
	const struct language *language = languages;
	const struct charset *charset;
	long dice = below(maker, 100);

	for (; dice >= language->percent; language++)
		dice -= language->percent;
	dice = below(maker, 100);
	for (charset = language->charsets; dice >= charset->percent; charset++)
		dice -= charset->percent;
	maker->language = language;
	maker->charset = charset->name;
}

/* TEXT, UTF-8, in the letter's charset. */
static void to_charset(struct maker *maker, struct buf *text)
{
	iconv_t cd = iconv_open(maker->charset, "UTF-8");
	struct buf other = BUF_INIT;
	char *in = text->data, *to;
	size_t left = text->len, room;

	buf_reserve(&other, left * 2 + 16);
	to = other.data;
	room = other.cap - 1;
	iconv(cd, &in, &left, &to, &room);
	iconv(cd, NULL, NULL, &to, &room);
	iconv_close(cd);
	other.len = (size_t)(to - other.data);
	buf_free(text);
	*text = other;
}

/* --- the header --------------------------------------------------------------------------------
 */

static void add_received(struct maker *maker, time_t date)
{
	static const char format[] =
	    "Received: from mx%ld.example.net (mx%ld.example.net [192.0.2.%ld])\n"
	    "\tby mail%ld.example.org (Postfix) with ESMTPS id %08lX%04lX\n"
	    "\tfor <user%ld@example.org>; Mon, %2ld Jan 2024 %02ld:%02ld:%02ld +0100 (CET)\n";
	long n = 2 + below(maker, 4);

	for (; n > 0; n--)
		buf_printf(&maker->out, format, n, n, below(maker, 250), below(maker, 9),
			   (long)(chance_next(&maker->seed) >> 32), below(maker, 65536), below(maker, 500),
			   1 + below(maker, 31), (long)(date / 3600 % 24), below(maker, 60),
			   below(maker, 60));
}

static void add_signature(struct maker *maker)
{
	int line, i;

	buf_add_str(&maker->out, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n"
				 "\td=example.net; s=mail; h=from:to:subject:date;\n\tb=");
	for (line = 0; line < 5; line++) {
		for (i = 0; i < 4; i++)
			buf_printf(&maker->out, "%016llx", (unsigned long long)chance_next(&maker->seed));
		buf_add_str(&maker->out, line < 4 ? "\n\t " : "\n");
	}
}

static struct address person(struct maker *maker, struct buf *name, struct buf *addr)
{
	buf_clear(name);
	buf_clear(addr);
	add_words(maker, name, 2);
	buf_printf(addr, "user%ld@example%ld.org", below(maker, 500), below(maker, 20));
	return (struct address){name->data, addr->data};
}

static void add_people(struct maker *maker, const char *field, size_t count)
{
	struct buf names[4] = {BUF_INIT}, addrs[4] = {BUF_INIT};
	struct address people[4];
	struct address_list list = {.items = people, .count = count};
	size_t i;

	for (i = 0; i < count; i++)
		people[i] = person(maker, &names[i], &addrs[i]);
	mime_write_address_field(&maker->out, field, &list);
	for (i = 0; i < count; i++) {
		buf_free(&names[i]);
		buf_free(&addrs[i]);
	}
}

static void add_subject(struct maker *maker)
{
	struct buf text = BUF_INIT;

	if (below(maker, 2))
		buf_add_str(&text, "Re: ");
	add_words(maker, &text, 3 + below(maker, 8));
	mime_write_text_field(&maker->out, "Subject", text.data);
	buf_free(&text);
}

static void add_date(struct maker *maker, time_t date)
{
	char text[80];
	struct tm tm;

	gmtime_r(&date, &tm);
	strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S +0000\n", &tm);
	buf_add_str(&maker->out, text);
}

static void add_ids(struct maker *maker, long n)
{
	long i, count = below(maker, 6);

	buf_printf(&maker->out, "Message-ID: <m%ld.%ld@bench.example>\n", n, FIRST_DATE + n);
	if (!count || n < 10)
		return;
	buf_printf(&maker->out, "In-Reply-To: <m%ld.%ld@bench.example>\nReferences:", n - 1,
		   FIRST_DATE + n - 1);
	for (i = count; i > 0; i--)
		buf_printf(&maker->out, " <m%ld.%ld@bench.example>\n", n - i, FIRST_DATE + n - i);
}

static void add_header(struct maker *maker, long n)
{
	time_t date = FIRST_DATE + n * 600 + below(maker, 600);

	buf_add_str(&maker->out, "Return-Path: <bounce@example.net>\n");
	add_received(maker, date);
	if (below(maker, 2))
		add_signature(maker);
	add_people(maker, "From", 1);
	add_people(maker, "To", 1 + (size_t)below(maker, 3));
	if (below(maker, 3) == 0)
		add_people(maker, "Cc", 1 + (size_t)below(maker, 4));
	add_subject(maker);
	add_date(maker, date);
	add_ids(maker, n);
	buf_add_str(&maker->out,
		    "MIME-Version: 1.0\nX-Mailer: Bench 1.0\nList-Id: <list.example.org>\n");
}

/* --- bodies ------------------------------------------------------------------------------------
 */

static void add_lines(struct maker *maker, struct buf *out, size_t size, const char *end)
{
	size_t stop = out->len + size;

	while (out->len < stop) {
		if (below(maker, 8) == 0)
			buf_add_str(out, "> ");
		add_words(maker, out, maker->language->space[0] ? 10 : 16);
		buf_add_str(out, end);
	}
}

static enum mime_encoding encoding_of(struct maker *maker)
{
	long dice = below(maker, 100);

	if (strcmp(maker->charset, "us-ascii") == 0 || strcmp(maker->charset, "iso-2022-jp") == 0)
		return dice < 75 ? MIME_7BIT : MIME_QUOTED_PRINTABLE;
	if (strcmp(maker->charset, "utf-8") == 0 && maker->language->words != english && dice < 50)
		return MIME_BASE64;
	return dice < 65 ? MIME_QUOTED_PRINTABLE : MIME_8BIT;
}

static void add_encoded(struct maker *maker, enum mime_encoding encoding, const struct buf *body)
{
	buf_printf(&maker->out, "Content-Transfer-Encoding: %s\n\n",
		   mime_write_encoding_name(encoding));
	mime_write_body(&maker->out, encoding, body->data, body->len);
}

static void add_text(struct maker *maker, size_t size)
{
	struct buf body = BUF_INIT;

	add_lines(maker, &body, size, "\n");
	to_charset(maker, &body);
	buf_printf(&maker->out, "Content-Type: text/plain; charset=%s\n", maker->charset);
	add_encoded(maker, encoding_of(maker), &body);
	buf_free(&body);
}

static void add_html(struct maker *maker, size_t size)
{
	struct buf body = BUF_INIT;

	buf_add_str(
	    &body,
	    "<html><head><style type=\"text/css\">p { margin: 0; color: #333 }</style></head>\n"
	    "<body bgcolor=\"#ffffff\"><table width=\"600\"><tr><td>\n");
	add_lines(maker, &body, size, "</p>\n<p style=\"font-family: Arial\">");
	buf_add_str(&body, "</p></td></tr></table></body></html>\n");
	to_charset(maker, &body);
	buf_printf(&maker->out, "Content-Type: text/html; charset=\"%s\"\n", maker->charset);
	add_encoded(maker, encoding_of(maker), &body);
	buf_free(&body);
}

static void add_alternative(struct maker *maker, size_t size)
{
	buf_add_str(&maker->out, "Content-Type: multipart/alternative; boundary=\"=_alt_42\"\n\n"
				 "--=_alt_42\n");
	add_text(maker, size * 2 / 5);
	buf_add_str(&maker->out, "\n--=_alt_42\n");
	add_html(maker, size * 3 / 5);
	buf_add_str(&maker->out, "\n--=_alt_42--\n");
}

static void add_attachment(struct maker *maker, size_t size)
{
	struct buf body = BUF_INIT, name = BUF_INIT;

	while (body.len < size) {
		uint64_t bytes = chance_next(&maker->seed);

		buf_add(&body, &bytes, sizeof bytes);
	}
	add_words(maker, &name, 2);
	buf_add_str(&name, ".pdf");
	buf_add_str(&maker->out, "Content-Type: application/pdf\nContent-Disposition: attachment");
	mime_write_param(&maker->out, "filename", name.data);
	buf_add_str(&maker->out, "\n");
	add_encoded(maker, MIME_BASE64, &body);
	buf_free(&body);
	buf_free(&name);
}

static void add_mixed(struct maker *maker, size_t size)
{
	buf_add_str(&maker->out, "Content-Type: multipart/mixed;\n boundary=\"----=_Part_7_1\"\n\n"
				 "------=_Part_7_1\n");
	if (below(maker, 2))
		add_alternative(maker, size / 2);
	else
		add_text(maker, size / 3);
	buf_add_str(&maker->out, "\n------=_Part_7_1\n");
	add_attachment(maker, size);
	buf_add_str(&maker->out, "\n------=_Part_7_1--\n");
}

/* --- files -------------------------------------------------------------------------------------
 */

static int write_file(struct maker *maker, long n)
{
	char path[4352];
	int fd;

	snprintf(path, sizeof path, "%s/%06ld.eml", maker->dir, n);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, maker->out.data, maker->out.len) != (ssize_t)maker->out.len ||
	    close(fd) < 0) {
		perror(path);
		return -1;
	}
	return 0;
}

/* Half of all letters are short, some are long. */
static size_t body_size(struct maker *maker)
{
	long dice = below(maker, 100);

	return (size_t)(dice < 50   ? 400 + below(maker, 1600)
			: dice < 90 ? 2000 + below(maker, 4500)
				    : 6000 + below(maker, 20000));
}

static int make_one(struct maker *maker, long n)
{
	long dice = below(maker, 100);

	buf_clear(&maker->out);
	choose_language(maker);
	add_header(maker, n);
	if (dice < 45)
		add_text(maker, body_size(maker));
	else if (dice < 80)
		add_alternative(maker, body_size(maker));
	else
		add_mixed(maker, body_size(maker));
	return write_file(maker, n);
}

static int usage(void)
{
	fputs("usage: make-mail [-n MESSAGES] [-s SEED] DIR\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct maker maker = {.seed = 1, .messages = 1000};
	int c, rc = 0;
	long n;

	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			maker.messages = atol(optarg);
		else if (c == 's')
			maker.seed = strtoull(optarg, NULL, 10);
		else
			return usage();
	}
	if (optind + 1 != argc)
		return usage();
	maker.dir = argv[optind];
	if (mkdir(maker.dir, 0700) < 0 && access(maker.dir, W_OK) < 0) {
		perror(maker.dir);
		return 1;
	}
	for (n = 0; rc == 0 && n < maker.messages; n++)
		rc = make_one(&maker, n);
	buf_free(&maker.out);
	return rc < 0;
}
