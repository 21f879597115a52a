/* Makes a Maildir of letters as people get them, for measuring: same seed, same bytes.
 *
 *	mailgen [-n LETTERS] [-s SEED] DIR
 *
 * 70 % English, 23 % Russian, 7 % Chinese and Japanese, words of made-up syllables as often as words are (Zipf);
 * plain text, alternative (text and HTML), HTML alone, mixed with attachments; as 7bit, 8bit, quoted-printable and
 * base64; UTF-8, Latin-1, KOI8-R; threads; about 17 KB a letter, 3 KB of them text. Words that are known to be in:
 *
 *	commonterm   in 45 % of the letters         halfcommon   in 10 %
 *	rarexNNNNNN  (number of the letter / 1000)  in one letter of a thousand, each its own
 *	uniqNNNNNN   in each letter its own, in the body; subjNNNNNN in each subject
 *	редкость     in 0.1 % (base64 or quoted-printable), htmlonlyword in 1 % (HTML alone), attachedword in 0.5 %
 *	             (a text file attached), 検索語 in 0.1 %
 * Nothing is synced. */
#include "config.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/chance.h"

#define FIRST_DATE 1400000000
#define RECENT	   3000
#define VOCABULARY 40000
#define WORD_ROOM  40
#define TEXT_ROOM  (1 << 20)

enum tongue { ENGLISH, RUSSIAN, CJK };

struct text {
	char data[TEXT_ROOM];
	size_t len;
};

struct maker {
	uint64_t seed;
	long letters, number;
	const char *dir;
	struct text letter, body, html, coded;
	char (*words[2])[WORD_ROOM];
};

static long below(struct maker *maker, long n)
{
	return chance_below(&maker->seed, n);
}

static void add_n(struct text *text, const char *bytes, size_t len)
{
	if (text->len + len >= TEXT_ROOM)
		return;
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

static void add(struct text *text, const char *bytes)
{
	add_n(text, bytes, strlen(bytes));
}

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *fmt, ...)
{
	char line[1000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	add(text, line);
}

/* --- words --- */

static const char *const syllables[2][24] = {
    {"ba", "con", "de", "er", "fi",  "ga",  "hu",  "in", "jo",	"ka", "le", "mo",
     "ne", "or",  "pi", "qu", "ral", "sen", "ter", "un", "ver", "wi", "ex", "zy"},
    {"ба", "кон", "де", "ер", "фи",  "га",  "ху",  "ин", "йо",	"ка", "ле", "мо",
     "не", "ор",  "пи", "же", "рал", "сен", "тер", "уш", "вер", "ви", "яс", "зы"},
};

static void make_words(struct maker *maker)
{
	for (int tongue = 0; tongue < 2; tongue++) {
		maker->words[tongue] = calloc(VOCABULARY, WORD_ROOM);
		for (long i = 0; i < VOCABULARY; i++)
			for (long k = 1 + (i > 20) + (i > 400) + below(maker, 2); k > 0; k--)
				strcat(maker->words[tongue][i], syllables[tongue][below(maker, 24)]);
	}
}

/* As often as words are: the n-th with about 1/n. */
static long zipf(struct maker *maker, long count)
{
	double u = (double)(chance_next(&maker->seed) >> 11) / 9007199254740992.0, span = 1;
	long n = 1;

	while (n * 2 < count) {
		n *= 2;
		span++;
	}
	n = 1L << (long)(u * span);
	n += below(maker, n) - 1;
	return n < count ? n : count - 1;
}

static void add_cjk(struct maker *maker, struct text *text)
{
	for (long i = 2 + below(maker, 6); i > 0; i--) {
		bool is_kana = below(maker, 4) == 0;
		uint32_t code = is_kana ? 0x3041 + (uint32_t)zipf(maker, 80) : 0x4e00 + (uint32_t)zipf(maker, 3000);
		char bytes[4] = {(char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3f)),
				 (char)(0x80 | (code & 0x3f)), '\0'};

		add(text, bytes);
	}
}

static void add_word(struct maker *maker, enum tongue tongue, struct text *text)
{
	if (tongue == CJK)
		add_cjk(maker, text);
	else
		add(text, maker->words[tongue][zipf(maker, VOCABULARY)]);
}

static void add_sentence(struct maker *maker, enum tongue tongue, struct text *text)
{
	for (long i = 5 + below(maker, 9); i > 0; i--) {
		add_word(maker, tongue, text);
		add(text, i > 1 ? (tongue == CJK ? "\xe3\x80\x81" : " ") : (tongue == CJK ? "\xe3\x80\x82" : "."));
	}
	add(text, "\n");
}

static void add_known(struct maker *maker, enum tongue tongue, struct text *text)
{
	put(text, "uniq%06ld", maker->number);
	if (below(maker, 100) < 45)
		add(text, " commonterm");
	if (below(maker, 100) < 10)
		add(text, " halfcommon");
	if (maker->number % 1000 == 7)
		put(text, " rarex%06ld", maker->number / 1000);
	if (tongue == RUSSIAN && below(maker, 230) == 0)
		add(text, " редкость");
	if (tongue == CJK && below(maker, 70) == 0)
		add(text, " 検索語");
	add(text, "\n");
}

static void make_body(struct maker *maker, enum tongue tongue)
{
	long wanted = 400 + below(maker, 4000), known = below(maker, wanted);
	bool is_known = false;

	maker->body.len = 0;
	while ((long)maker->body.len < wanted) {
		if (!is_known && (long)maker->body.len >= known) {
			add_known(maker, tongue, &maker->body);
			is_known = true;
		}
		add_sentence(maker, tongue, &maker->body);
		if (below(maker, 6) == 0)
			add(&maker->body, "\n> ");
	}
	if (!is_known)
		add_known(maker, tongue, &maker->body);
}

static void make_html(struct maker *maker)
{
	struct text *html = &maker->html;
	const char *at = maker->body.data, *end;

	html->len = 0;
	add(html, "<html><head><style>body { font-family: sans-serif }</style></head><body>\n");
	for (; (end = strchr(at, '\n')); at = end + 1) {
		add(html, "<p style=\"margin:0\">");
		for (; at < end; at++)
			add_n(html, *at == '>' ? "&gt;" : at, *at == '>' ? 4 : 1);
		add(html, "</p>\n");
	}
	if (below(maker, 100) == 0)
		add(html, "<div>html<b>only</b>word</div>\n");
	add(html, "</body></html>\n");
}

/* --- how it is sent --- */

static void code_base64(struct text *out, const char *bytes, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	out->len = 0;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t n = (uint32_t)(unsigned char)bytes[i] << 16;
		char four[5] = "";

		n |= i + 1 < len ? (uint32_t)(unsigned char)bytes[i + 1] << 8 : 0;
		n |= i + 2 < len ? (unsigned char)bytes[i + 2] : 0;
		for (int k = 0; k < 4; k++)
			four[k] = letters[n >> (18 - 6 * k) & 63];
		if (i + 1 >= len)
			four[2] = '=';
		if (i + 2 >= len)
			four[3] = '=';
		add(out, four);
		if (i % 57 == 54)
			add(out, "\n");
	}
	add(out, "\n");
}

static void code_quoted(struct text *out, const char *bytes, size_t len)
{
	size_t column = 0;

	out->len = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (column > 70 && c != '\n') {
			add(out, "=\n");
			column = 0;
		}
		if (c == '\n' || (c >= ' ' && c < 127 && c != '='))
			add_n(out, bytes + i, 1), column++;
		else
			put(out, "=%02X", c), column += 3;
		if (c == '\n')
			column = 0;
	}
}

static void add_part(struct maker *maker, const char *type, const struct text *text)
{
	long how = below(maker, 4);

	put(&maker->letter, "Content-Type: %s; charset=utf-8\nContent-Transfer-Encoding: %s\n\n", type,
	    how == 0 ? "base64" : how == 1 ? "quoted-printable" : "8bit");
	if (how == 0)
		code_base64(&maker->coded, text->data, text->len);
	else if (how == 1)
		code_quoted(&maker->coded, text->data, text->len);
	add(&maker->letter, how < 2 ? maker->coded.data : text->data);
}

static void add_attachment(struct maker *maker)
{
	struct text *letter = &maker->letter;
	long size = 20000 + below(maker, 180000);
	char *bytes;

	if (below(maker, 25) == 0) {
		put(letter, "Content-Type: text/plain; name=\"notes-%ld.txt\"\nContent-Disposition: attachment;\n"
			    " filename=\"notes-%ld.txt\"\nContent-Transfer-Encoding: base64\n\n",
		    maker->number, maker->number);
		code_base64(&maker->coded, "An attachedword in a file.\n", 27);
		add(letter, maker->coded.data);
		return;
	}
	bytes = malloc((size_t)size);
	for (long i = 0; i + 8 <= size; i += 8) {
		uint64_t word = chance_next(&maker->seed);

		memcpy(bytes + i, &word, 8);
	}
	put(letter, "Content-Type: image/jpeg; name=\"picture-%ld.jpg\"\nContent-Transfer-Encoding: base64\n\n",
	    maker->number);
	code_base64(&maker->coded, bytes, (size_t)(size / 8 * 8));
	add(letter, maker->coded.data);
	free(bytes);
}

/* The body in one of the ways letters have it. */
static void add_content(struct maker *maker)
{
	struct text *letter = &maker->letter;
	long how = below(maker, 100);

	add(letter, "MIME-Version: 1.0\n");
	if (how < 45) {
		add_part(maker, "text/plain", &maker->body);
	} else if (how < 55) {
		make_html(maker);
		add_part(maker, "text/html", &maker->html);
	} else if (how < 85) {
		make_html(maker);
		add(letter, "Content-Type: multipart/alternative; boundary=\"=_alt\"\n\n--=_alt\n");
		add_part(maker, "text/plain", &maker->body);
		add(letter, "\n--=_alt\n");
		add_part(maker, "text/html", &maker->html);
		add(letter, "\n--=_alt--\n");
	} else {
		add(letter, "Content-Type: multipart/mixed; boundary=\"=_mix\"\n\n--=_mix\n");
		add_part(maker, "text/plain", &maker->body);
		add(letter, "\n--=_mix\n");
		add_attachment(maker);
		add(letter, "\n--=_mix--\n");
	}
}

static void add_subject(struct maker *maker, enum tongue tongue, bool is_reply)
{
	struct text *letter = &maker->letter, *text = &maker->html;

	text->len = 0;
	add_word(maker, tongue, text);
	add(text, " ");
	add_word(maker, tongue, text);
	put(text, " subj%06ld", maker->number);
	add(letter, is_reply ? "Subject: Re: " : "Subject: ");
	if (tongue == ENGLISH) {
		add(letter, text->data);
	} else {
		code_base64(&maker->coded, text->data, text->len);
		maker->coded.data[strcspn(maker->coded.data, "\n")] = '\0';
		put(letter, "=?utf-8?B?%s?=", maker->coded.data);
	}
	add(letter, "\n");
}

static const char *const people[] = {"Lena Wolf <lena@north.example>",	"Oleg Petrov <oleg.petrov@mail.example>",
				     "Ada Byrne <ada@engine.example>",	"Ivan <ivan@river.example>",
				     "Mei Lin <mei-lin@paper.example>", "Jo Smith <jo@harbour.example>",
				     "Nora Berg <nora@fjord.example>",	"Tom Ode <tom@coffee.example>"};

static void make_letter(struct maker *maker)
{
	long pick = below(maker, 100), date = FIRST_DATE + maker->number * 300;
	enum tongue tongue = pick < 70 ? ENGLISH : pick < 93 ? RUSSIAN : CJK;
	bool is_reply = maker->number > 0 && below(maker, 10) < 6;
	struct text *letter = &maker->letter;
	time_t t = date;
	char stamp[64];
	struct tm tm;

	letter->len = 0;
	gmtime_r(&t, &tm);
	strftime(stamp, sizeof stamp, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	put(letter, "From: %s\n", people[below(maker, 8)]);
	put(letter, "To: %s, list%ld@lists.example\n", people[below(maker, 8)], below(maker, 40));
	put(letter, "Date: %s\nMessage-ID: <%ld.%llx@bench.example>\n", stamp, maker->number,
	    (unsigned long long)maker->number * 7919);
	if (is_reply) {
		long back = 1 + below(maker, maker->number < RECENT ? maker->number : RECENT);
		long parent = maker->number - back;

		put(letter, "In-Reply-To: <%ld.%llx@bench.example>\n", parent,
		    (unsigned long long)parent * 7919);
	}
	add_subject(maker, tongue, is_reply);
	make_body(maker, tongue);
	add_content(maker);
}

static int write_letter(struct maker *maker)
{
	bool is_seen = below(maker, 100) < 95;
	char path[4200];
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "%s/cur/%ld.M%ld.bench:2,%s", maker->dir, FIRST_DATE + maker->number * 300,
		 maker->number, is_seen ? "S" : "");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	n = write(fd, maker->letter.data, maker->letter.len);
	close(fd);
	return n == (ssize_t)maker->letter.len ? 0 : -1;
}

static int make_dirs(const char *dir)
{
	static const char *const names[] = {"", "/cur", "/new", "/tmp"};
	char path[4200];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s%s", dir, names[i]);
		mkdir(path, 0700);
	}
	return access(path, W_OK);
}

int main(int argc, char **argv)
{
	struct maker *maker = calloc(1, sizeof *maker);
	int c;

	maker->letters = 10000;
	maker->seed = 1;
	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			maker->letters = atol(optarg);
		else if (c == 's')
			maker->seed = (uint64_t)atoll(optarg);
		else
			return 2;
	}
	maker->dir = argv[optind];
	if (!maker->dir || make_dirs(maker->dir) < 0)
		return 2;
	make_words(maker);
	for (; maker->number < maker->letters; maker->number++) {
		make_letter(maker);
		if (write_letter(maker) < 0) {
			perror(maker->dir);
			return 1;
		}
	}
	return 0;
}
