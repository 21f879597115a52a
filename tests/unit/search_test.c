/* The index of words: words, files, joining, damage, and that it answers as the letters themselves do. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/mime/html_text.h"
#include "store/search/look.h"
#include "store/search/texts.h"
#include "store/search/texts_fill.h"
#include "tests/lib/temp.h"

#define KIND 7

struct world {
	char *dir, *box_path, *index;
	const char *places[1];
	struct words *words;
	struct texts_letter *letters;
	size_t count, cap;
	struct err err;
};

static int set_up(void **state)
{
	struct world *w = mem_alloc(sizeof *w);

	w->dir = temp_dir("search");
	w->box_path = path_join(w->dir, "box");
	w->index = path_join(w->dir, "index");
	w->places[0] = w->box_path;
	w->words = words_new();
	assert_int_equal(box_make(w->box_path, BOX_MAILDIR, NULL), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	temp_end(&w->dir);
	for (size_t i = 0; i < w->count; i++)
		free((char *)(uintptr_t)w->letters[i].key);
	free(w->letters);
	words_free(&w->words);
	free(w->box_path);
	free(w->index);
	free(w);
	return 0;
}

/* --- words --- */

static void add_word(void *arg, const struct word *word)
{
	struct buf *out = arg;

	buf_printf(out, "%s%u:%.*s%s", out->len ? " " : "", word->place, (int)word->len, word->text,
		   word->is_pair ? "+" : "");
}

static void assert_words(struct world *w, const char *text, const char *expected)
{
	struct buf out = BUF_INIT;
	uint32_t place = 0;

	words_read(w->words, text, strlen(text), &place, add_word, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void texts_are_words(void **state)
{
	struct world *w = *state;

	assert_words(w, "", "");
	assert_words(w, " ,.-", "");
	assert_words(w, "Hello, World-2 x", "0:hello 1:world 2:2 3:x");
	assert_words(w, "anna@mail.example.org", "0:anna 1:mail 2:example 3:org");
	assert_words(w, "ЁЛКА ёж Йод и\xcc\x86од", "0:елка 1:еж 2:йод 3:йод");
	assert_words(w, "Straße naïve e\xcc\x81t\xc3\xa9 \xef\xac\x81n", "0:strasse 1:naive 2:ete 3:fin");
	assert_words(w, "so\xc2\xad" "ft", "0:soft");
	assert_words(w, "検索語", "0:検索+ 1:索語+ 2:語+");
	assert_words(w, "a検b", "0:a 1:検+ 2:b");
	assert_words(w, "한국어 abc", "0:한국+ 1:국어+ 2:어+ 3:abc");
	assert_words(w, "bad\xff\xfe" "bytes \xc3", "0:bad 1:bytes");
	assert_words(w, "Ａｂｃ１", "0:abc1");
}

static void long_words_are_cut(void **state)
{
	struct world *w = *state;
	char text[300], expected[100] = "0:";

	memset(text, 'x', sizeof text);
	text[299] = '\0';
	memset(expected + 2, 'x', WORD_MAX);
	expected[2 + WORD_MAX] = '\0';
	assert_words(w, text, expected);
}

static void html_becomes_text(void **state)
{
	struct buf out = BUF_INIT;
	struct world *w = *state;
	static const char html[] = "<title>T</title><style>p{}</style><p>A<b>b</b>c &eacute;t&#233;"
				   "<script>no()</script><td>x</td><td>y</td><!-- gone --><br>z";

	html_add_words(&out, html, sizeof html - 1);
	assert_words(w, buf_str(&out), "0:t 1:abc 2:ete 3:x 4:y 5:z");
	buf_free(&out);
}

/* --- letters --- */

static void put(struct world *w, const char *text)
{
	struct box *box = box_open(w->box_path, false, &w->err);
	struct buf key = BUF_INIT;
	struct box_delivery delivery = {.data = text, .len = strlen(text), .fd = -1};

	assert_non_null(box);
	assert_int_equal(box_deliver(box, &delivery, &key, &w->err), 0);
	box_close(&box);
	if (w->count >= w->cap) {
		w->cap = w->cap ? w->cap * 2 : 8;
		w->letters = mem_resize(w->letters, w->cap, sizeof *w->letters);
	}
	w->letters[w->count] = (struct texts_letter){.id = (uint32_t)w->count + 1, .key = buf_take(&key)};
	w->count++;
}

static void put_all(struct world *w)
{
	put(w, "From: Lena Wolf <lena@north.example>\nTo: me@localhost\nSubject: Saturday at the lake\n\n"
	       "Who brings the tent? I have two tents.\n");
	put(w, "From: =?utf-8?B?0J7Qu9C10LM=?= <oleg@mail.example>\nCc: anna@river.example\n"
	       "Subject: =?koi8-r?B?8NLJ18XU?=\nContent-Type: text/plain; charset=koi8-r\n"
	       "Content-Transfer-Encoding: base64\n\n8NLJ18XUINPP08XELCDGz9LNwQo=\n");
	put(w, "From: a@b\nSubject: page\nContent-Type: text/html; charset=utf-8\n"
	       "Content-Transfer-Encoding: quoted-printable\n\n"
	       "<p>hidden=20<b>tr</b>easure caf=C3=A9</p><style>styled</style>\n");
	put(w, "From: a@b\nSubject: two\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nbody one\n--x\n"
	       "Content-Type: text/plain; name=plan.txt\nContent-Disposition: attachment; filename=\"Budget "
	       "2027.txt\"\nContent-Transfer-Encoding: base64\n\nYXR0YWNoZWQgd29yZHMK\n--x--\n");
	put(w, "From: a@b\nSubject: =?utf-8?B?5qSc57Si6Kqe?=\nContent-Type: text/plain; charset=utf-8\n\n"
	       "これは検索語です\n");
	put(w, "From: a@b\nSubject: tent lake\n\ntent lake tent at lake; body-one\n");
}

static struct texts_job job_of(const struct world *w)
{
	return (struct texts_job){.dir = w->index,
				  .kind = KIND,
				  .places = w->places,
				  .place_count = 1,
				  .letters = w->letters,
				  .letter_count = w->count,
				  .whole_to = (uint32_t)w->count + 1,
				  .processes = 1};
}

static void fill(struct world *w, int processes)
{
	struct texts_job job = job_of(w);

	job.processes = processes;
	if (texts_fill(&job, &w->err) < 0)
		print_message("# %s\n", w->err.text);
	assert_int_equal(w->err.kind, ERR_NONE);
}

/* Letters one by one, so that there are many files. */
static void fill_one_by_one(struct world *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct texts_job job = job_of(w);

		job.letters += i;
		job.letter_count = 1;
		assert_int_equal(texts_fill(&job, &w->err), 0);
	}
}

static struct wish *wish_of(struct world *w, const char *fields, enum wish_ends ends, const char *text)
{
	struct buf spelled = BUF_INIT;
	struct wish *wish;

	wish_spell(&spelled, fields, ends, text);
	wish = wish_new(w->words, buf_str(&spelled));
	buf_free(&spelled);
	return wish;
}

static void say_found(struct world *w, const struct bits *found, struct buf *out)
{
	for (int64_t id = 0; id <= (int64_t)w->count; id++)
		if (bits_has(found, id))
			buf_printf(out, "%s%d", out->len ? " " : "", (int)id);
}

static void say_looked(struct world *w, const struct wish *wish, struct buf *out)
{
	struct letter_opener *opener = letter_opener_new(w->places, 1);
	struct look *look = look_new(w->words, &wish, 1);
	struct box_message message;

	for (size_t i = 0; i < w->count; i++) {
		assert_int_equal(letter_opener_open(opener, &w->letters[i], &message), 0);
		if (look_at(look, &message))
			buf_printf(out, "%s%u", out->len ? " " : "", w->letters[i].id);
		box_message_close(&message);
	}
	look_free(&look);
	letter_opener_free(&opener);
}

static const struct {
	const char *fields;
	enum wish_ends ends;
	const char *text, *ids;
} questions[] = {
    {"ftcsbn", ENDS_WHOLE, "tent", "1 6"},
    {"ftcsbn", ENDS_WHOLE, "TENTS", "1"},
    {"ftcsbn", ENDS_BEGINS, "ten", "1 6"},
    {"ftcsbn", ENDS_WHOLE, "ten", ""},
    {"ftcsbn", ENDS_INSIDE, "ent", "1 6"},
    {"ftcsbn", ENDS_INSIDE, "turday at", "1"},
    {"s", ENDS_WHOLE, "tent", "6"},
    {"b", ENDS_WHOLE, "tent lake", "6"},
    {"b", ENDS_WHOLE, "at lake", "6"},
    {"b", ENDS_WHOLE, "lake lake", ""},
    {"ftcsbn", ENDS_WHOLE, "lena@north.example", "1"},
    {"ftcsbn", ENDS_WHOLE, "north.example", "1"},
    {"ftcsbn", ENDS_WHOLE, "example", "1 2"},
    {"f", ENDS_WHOLE, "олег", "2"},
    {"c", ENDS_WHOLE, "anna", "2"},
    {"t", ENDS_WHOLE, "anna", ""},
    {"s", ENDS_WHOLE, "привет", "2"},
    {"b", ENDS_WHOLE, "привет сосед", "2"},
    {"b", ENDS_WHOLE, "treasure", "3"},
    {"b", ENDS_WHOLE, "hidden treasure CAFE", "3"},
    {"b", ENDS_WHOLE, "styled", ""},
    {"n", ENDS_WHOLE, "budget 2027", "4"},
    {"b", ENDS_WHOLE, "attached", "4"},
    {"b", ENDS_WHOLE, "one attached", ""},
    {"b", ENDS_WHOLE, "body one", "4 6"},
    {"ftcsbn", ENDS_WHOLE, "検索語", "5"},
    {"ftcsbn", ENDS_WHOLE, "索", "5"},
    {"b", ENDS_WHOLE, "です", "5"},
    {"b", ENDS_WHOLE, "検語", ""},
    {"s", ENDS_WHOLE, "語", "5"},
    {"ftcsbn", ENDS_WHOLE, "?!", ""},
    {"ftcsbn", ENDS_WHOLE, "\xff\xfe", ""},
};

/* As the index answers, whatever its files are. */
static void ask_all(struct world *w)
{
	struct texts *texts = texts_open(w->index, KIND);

	for (size_t i = 0; i < w->count; i++)
		assert_true(bits_has(texts_covered(texts), w->letters[i].id));
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct wish *wish =
		    wish_of(w, questions[i].fields, questions[i].ends, questions[i].text);
		struct bits found = BITS_INIT;
		struct buf ids = BUF_INIT;

		assert_true(texts_find(texts, wish, &found));
		say_found(w, &found, &ids);
		if (strcmp(buf_str(&ids), questions[i].ids) != 0)
			print_message("# index: %s\n", questions[i].text);
		assert_string_equal(buf_str(&ids), questions[i].ids);
		buf_free(&ids);
		bits_free(&found);
		wish_free(&wish);
	}
	texts_close(&texts);
}

static void letters_answer(void **state)
{
	struct world *w = *state;

	put_all(w);
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct wish *wish =
		    wish_of(w, questions[i].fields, questions[i].ends, questions[i].text);
		struct buf ids = BUF_INIT;

		say_looked(w, wish, &ids);
		if (strcmp(buf_str(&ids), questions[i].ids) != 0)
			print_message("# letters: %s\n", questions[i].text);
		assert_string_equal(buf_str(&ids), questions[i].ids);
		buf_free(&ids);
		wish_free(&wish);
	}
}

/* A letter is read around the bytes alone; these stand within other words first. */
static void letters_answer_beside_others(void **state)
{
	static const struct {
		enum wish_ends ends;
		const char *text, *ids;
	} asked[] = {
	    {ENDS_WHOLE, "moor", "2"},	{ENDS_BEGINS, "moor", "1 2"}, {ENDS_BEGINS, "moorl", "1"},
	    {ENDS_INSIDE, "amo", "1 2"}, {ENDS_WHOLE, "fen", "2"},
	};
	struct world *w = *state;

	put(w, "From: a@b\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
	       "moorland amoor moorд дmoor fens\n");
	put(w, "From: a@b\nSubject: x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\namoor; moors\n--x\n\n"
	       "a fen, дmoors=MOOR\n--x--\n");
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		struct wish *wish = wish_of(w, "b", asked[i].ends, asked[i].text);
		struct buf ids = BUF_INIT;

		say_looked(w, wish, &ids);
		assert_string_equal(buf_str(&ids), asked[i].ids);
		buf_free(&ids);
		wish_free(&wish);
	}
}

static void the_index_answers(void **state)
{
	struct world *w = *state;

	put_all(w);
	fill(w, 1);
	ask_all(w);
}

static void joined_files_answer_the_same(void **state)
{
	struct world *w = *state;

	put_all(w);
	put_all(w); /* twice, the first ones are asked for */
	fill_one_by_one(w);
	for (; w->count > 6; w->count--)
		free((char *)(uintptr_t)w->letters[w->count - 1].key);
	struct texts *texts = texts_open(w->index, KIND);
	assert_int_equal(bits_count(texts_covered(texts)), 12);
	assert_int_equal(texts_whole_to(texts), 13);
	texts_close(&texts);

	struct bits alive = BITS_INIT; /* the others are gone: a third and more of what each file has */
	for (uint32_t id = 1; id <= 6; id++)
		bits_set(&alive, id);
	for (int round = 0; round < 12; round++) {
		struct texts_job job = job_of(w);

		job.alive = &alive;
		job.letter_count = 0;
		assert_int_equal(texts_fill(&job, &w->err), 0);
	}
	bits_free(&alive);
	texts = texts_open(w->index, KIND);
	assert_true(bits_count(texts_covered(texts)) < 12);
	texts_close(&texts);
	ask_all(w);
}

static void several_processes_fill_it(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 8; i++)
		put_all(w);
	fill(w, 2);
	struct texts *texts = texts_open(w->index, KIND);
	struct wish *wish = wish_of(w, "b", ENDS_WHOLE, "treasure");
	struct bits found = BITS_INIT;

	assert_int_equal(bits_count(texts_covered(texts)), 48);
	assert_true(texts_find(texts, wish, &found));
	assert_int_equal(bits_count(&found), 8);
	bits_free(&found);
	wish_free(&wish);
	texts_close(&texts);
}

/* --- damage --- */

static char *only_file(struct world *w)
{
	DIR *dir = opendir(w->index);
	struct dirent *entry;
	char *path = NULL;

	while ((entry = readdir(dir)))
		if (str_ends(entry->d_name, ".words")) {
			assert_null(path);
			path = path_join(w->index, entry->d_name);
		}
	closedir(dir);
	assert_non_null(path);
	return path;
}

/* What the index says is right for the letters it says it has; it may have none. */
static void assert_never_wrong(struct world *w)
{
	struct texts *texts = texts_open(w->index, KIND);

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct wish *wish =
		    wish_of(w, questions[i].fields, questions[i].ends, questions[i].text);
		struct bits found = BITS_INIT;
		struct buf ids = BUF_INIT;

		texts_find(texts, wish, &found);
		say_found(w, &found, &ids);
		if (bits_count(texts_covered(texts)))
			assert_string_equal(buf_str(&ids), questions[i].ids);
		else
			assert_string_equal(buf_str(&ids), "");
		buf_free(&ids);
		bits_free(&found);
		wish_free(&wish);
	}
	texts_close(&texts);
}

static void a_cut_file_is_no_file(void **state)
{
	struct world *w = *state;
	struct buf whole = BUF_INIT;
	char *path;

	put_all(w);
	fill(w, 1);
	path = only_file(w);
	assert_int_equal(file_read(path, &whole, 0, NULL), 0);
	for (size_t len = 0; len < whole.len; len += 1 + whole.len / 97) {
		assert_int_equal(file_replace(path, whole.data, len, NULL), 0);
		assert_never_wrong(w);
	}
	fill(w, 1);
	ask_all(w);
	free(path);
	buf_free(&whole);
}

static void a_changed_byte_is_found_out(void **state)
{
	struct world *w = *state;
	struct buf whole = BUF_INIT;
	char *path;

	put_all(w);
	fill(w, 1);
	path = only_file(w);
	assert_int_equal(file_read(path, &whole, 0, NULL), 0);
	for (size_t at = 0; at < whole.len; at += 1 + whole.len / 211) {
		whole.data[at] = (char)(whole.data[at] ^ 0x41);
		assert_int_equal(file_replace(path, whole.data, whole.len, NULL), 0);
		whole.data[at] = (char)(whole.data[at] ^ 0x41);
		assert_never_wrong(w);
	}
	unlink(path);
	fill(w, 1);
	ask_all(w);
	free(path);
	buf_free(&whole);
}

static void files_of_another_kind_go(void **state)
{
	struct world *w = *state;
	struct texts *texts;

	put_all(w);
	fill(w, 1);
	texts = texts_open(w->index, KIND + 1);
	assert_int_equal(bits_count(texts_covered(texts)), 0);
	assert_int_equal(texts_whole_to(texts), 0);
	texts_close(&texts);
}

/* A letter may lie on a server only, or be away for a moment. */
static void what_cannot_be_read_is_remembered(void **state)
{
	struct world *w = *state;
	struct bits alive = BITS_INIT;
	struct texts_job job;
	struct texts *texts;
	const char *key;

	put_all(w);
	for (uint32_t id = 1; id <= 6; id++)
		bits_set(&alive, id);
	job = job_of(w);
	job.alive = &alive;
	key = w->letters[2].key;
	w->letters[2].key = "nosuchletter";
	assert_int_equal(texts_fill(&job, &w->err), 0);
	texts = texts_open(w->index, KIND);
	assert_int_equal(texts_whole_to(texts), 7);
	assert_int_equal(bits_count(texts_skipped(texts)), 1);
	assert_true(bits_has(texts_skipped(texts), 3));
	texts_close(&texts);
	w->letters[2].key = key;
	job.letters += 2;
	job.letter_count = 1;
	assert_int_equal(texts_fill(&job, &w->err), 0);
	texts = texts_open(w->index, KIND);
	assert_int_equal(texts_whole_to(texts), 7);
	assert_int_equal(bits_count(texts_skipped(texts)), 0);
	texts_close(&texts);
	bits_free(&alive);
	ask_all(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(texts_are_words, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(long_words_are_cut, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(html_becomes_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(letters_answer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(letters_answer_beside_others, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_index_answers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(joined_files_answer_the_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(several_processes_fill_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_cut_file_is_no_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_changed_byte_is_found_out, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(files_of_another_kind_go, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_cannot_be_read_is_remembered, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
