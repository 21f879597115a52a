#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/mem.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "ui/render/doc.h"
#include "ui/render/html.h"
#include "store/mime/html_token.h"
#include "ui/render/text.h"
#include "ui/screen/wrap.h"

/* The doc as it would be drawn WIDTH wide. */
static char *drawn(struct doc *doc, int width)
{
	struct buf out = BUF_INIT;
	struct canvas *canvas = canvas_new(width, 1);
	struct doc_pos pos = {0, 0};

	doc_fold(doc, doc->is_folded);
	for (bool more = doc->shown_count > 0; more; more = doc_next(doc, &pos, width, 72)) {
		char *row;

		canvas_clear(canvas);
		doc_draw_row(doc, pos, canvas, (struct rect){0, 0, width, 1}, 72);
		row = canvas_row(canvas, 0);
		buf_add_str(&out, row);
		buf_add_char(&out, '\n');
		free(row);
	}
	canvas_free(&canvas);
	return buf_take(&out);
}

static void assert_html(const char *html, const char *expected)
{
	struct doc *doc = doc_new();
	char *text;

	html_render(doc, html, strlen(html), 40);
	text = drawn(doc, 40);
	assert_string_equal(text, expected);
	free(text);
	doc_free(&doc);
}

static void assert_plain(const char *plain, const char *expected)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	char *text;

	text_render(doc, plain, strlen(plain), &kind);
	text = drawn(doc, 40);
	assert_string_equal(text, expected);
	free(text);
	doc_free(&doc);
}

static size_t deceptions(const char *before, int times, const char *shown)
{
	struct doc *doc = doc_new();
	struct buf html = BUF_INIT;
	size_t count = 0;

	buf_add_str(&html, "<a href='https://evil.example/'>");
	while (times--)
		buf_add_str(&html, before);
	buf_printf(&html, "%s</a>", shown);
	html_render(doc, buf_str(&html), html.len, 60);
	for (size_t i = 0; i < doc->link_count; i++)
		count += doc->link_texts[i].deceives;
	buf_free(&html);
	doc_free(&doc);
	return count;
}

/* What is not seen does not hide it. */
static void a_link_that_deceives_is_found_out(void **state)
{
	(void)state;
	assert_int_equal(deceptions("", 0, "our page"), 0);
	assert_int_equal(deceptions("", 0, "https://bank.example"), 1);
	assert_int_equal(deceptions(" ", 5000, "https://bank.example"), 1);
	assert_int_equal(deceptions("&nbsp;", 5000, "https://bank.example"), 1);
	assert_int_equal(deceptions("&#8203;\n", 5000, "bank.com"), 1);
	assert_int_equal(deceptions("<b>\n</b>", 5000, "bank.com"), 1);
	assert_int_equal(deceptions("", 0, "https:&#8203;//ba&shy;nk.example"), 1);
}

static void paragraphs_and_blanks(void **state)
{
	(void)state;
	assert_html("<p>One\n two<p>three &amp; four<br>five</p><div>six</div><div>seven</div>",
		    "One two\n\nthree & four\nfive\n\nsix\nseven\n");
	assert_html("a<b>b</b> <i>c</i>&nbsp;&nbsp;d", "ab c  d\n");
	assert_html("1 < 2 <3 & 4 &lt;b&gt; &copy &notit; &#8364; &#x80;",
		    "1 < 2 <3 & 4 <b> \xc2\xa9 \xc2\xacit; \xe2\x82\xac \xe2\x82\xac\n");
}

static void lists_and_quotes(void **state)
{
	(void)state;
	assert_html("<ul><li>one<li>two<ol><li>a<li>b</ol></ul>end",
		    "• one\n• two\n  1. a\n  2. b\n\nend\n");
	assert_html("<ol reversed><li>a<li>b<ul><li>x<li>y</ul><ol><li>z</ol><li>c</ol>",
		    "3. a\n2. b\n  – x\n  – y\n  1. z\n1. c\n");
	assert_html("<ol reversed start=1 type=a><li>a<li>b<li>c</ol>", "a. a\n0. b\n-1. c\n");
	assert_html("<ol reversed start=5><li>a<li>b</ol><ol start=5><li>c</ol>", "5. a\n4. b\n\n5. c\n");
	assert_html("<ul><li><input type=checkbox disabled> tent<li><input TYPE='Checkbox' checked=''>pegs</ul>"
		    "<input name=x>end<input type=checkbox style='display:none'>",
		    "• [ ] tent\n• [x] pegs\n\nend\n");
	assert_html("x<blockquote>quoted<blockquote>deep</blockquote></blockquote>y",
		    "x\n\n┃ quoted\n┃\n┃ ┃ deep\n\ny\n");
	assert_html("<ul><li>a long item that does not fit into one row of this",
		    "• a long item that does not fit into one\n  row of this\n");
}

static void links_have_numbers(void **state)
{
	(void)state;
	assert_html("see <a href=\"https://a.example/x?a=1&amp;b=2\">here</a> and <a "
		    "href='http://b.example/'>b.example</a>.",
		    "see here[1] and b.example[2].\n\n[1] https://a.example/x?a=1&b=2\n");
	assert_html("<a href=javascript:alert(1)>no</a>", "no\n");
}

static void a_link_that_is_a_picture_is_not_lost(void **state)
{
	(void)state;
	assert_html("<a href=https://shop.example/a><img src=http://t.ex/1.jpg></a>"
		    "<a href=https://b.example/><img src=http://t.ex/2.jpg alt=''> </a>",
		    "[shop.example][1] [b.example][2]\n\n[1] https://shop.example/a\n"
		    "\n2 pictures were not loaded.\n");
	assert_html("<a href=mailto:a@b.example><img src=http://t.ex/1.jpg></a>",
		    "[picture][1]\n\n[1] mailto:a@b.example\n\n1 picture was not loaded.\n");
	assert_html("<a href=https://a.example/><img src=http://t.ex/1.jpg>words</a> x"
		    "<a href=https://b.example/><img src=http://t.ex/p.gif width=1 height=1></a>",
		    "words[1] x\n\n[1] https://a.example/\n\n1 picture was not loaded.\n"
		    "1 tracking picture from t.ex was not\nloaded.\n");
}

static void what_is_hidden_is_not_shown(void **state)
{
	(void)state;
	assert_html("<title>t</title><style>p{}</style><script>if (a<b) x('</p>')</script>"
		    "<div style='DISPLAY : none'>secret<div>x</div></div>seen"
		    "<!-- a > b --><!--[if mso]><p>word<![endif]-->"
		    "<span style=\"font-size:0px\">tiny</span><span hidden>h</span>",
		    "seen\n");
	assert_html("a<img src=http://t.ex/p.gif width=1 height=1>"
		    "<img src=http://t.ex/big.png alt='A boat'>",
		    "aA boat\n\n1 picture was not loaded.\n1 tracking picture from t.ex was not\nloaded.\n");
}

static void tables_of_data_have_columns(void **state)
{
	(void)state;
	assert_html("<table><tr><th>What</th><th align=right>Price</th></tr>"
		    "<tr><td>Tea</td><td align=right>3.20</td></tr>"
		    "<tr><td>Coffee beans</td><td align=right>12.00</td></tr></table>",
		    "What          Price\nTea            3.20\nCoffee beans  12.00\n");
	assert_html("<table><tr><td><table><tr><td>left</td></tr></table></td><td>right</td></tr>"
		    "</table>",
		    "left  right\n");
}

/* Too many columns to stand side by side: one row of the table stays one paragraph. */
static void tables_that_are_too_wide_keep_their_rows(void **state)
{
	struct buf html = BUF_INIT, want = BUF_INIT;

	(void)state;
	buf_add_str(&html, "<table>");
	for (int row = 0; row < 2; row++) {
		buf_add_str(&html, "<tr>");
		for (int i = 1; i <= 30; i++)
			buf_printf(&html, "<td>%d</td>", row * 100 + i);
	}
	buf_add_str(&html, "</table>");
	assert_html(buf_str(&html), "1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |\n"
				    "11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 |\n"
				    "19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 |\n27 | 28 | 29 | 30\n\n"
				    "101 | 102 | 103 | 104 | 105 | 106 | 107\n| 108 | 109 | 110 | 111 | 112 | 113 |\n"
				    "114 | 115 | 116 | 117 | 118 | 119 | 120\n| 121 | 122 | 123 | 124 | 125 | 126 |\n"
				    "127 | 128 | 129 | 130\n");
	buf_clear(&html);
	buf_add_str(&html, "<table><tr>");
	for (int i = 1; i <= 30; i++)
		buf_printf(&html, "<th>n%d</th>", i);
	for (int row = 0; row < 2; row++) {
		buf_add_str(&html, "<tr>");
		for (int i = 1; i <= 30; i++) {
			buf_printf(&html, "<td>%d</td>", row * 100 + i);
			buf_printf(&want, "%sn%d: %d\n", row && i == 1 ? "\n" : "", i, row * 100 + i);
		}
	}
	assert_html(buf_str(&html), buf_str(&want));
	buf_free(&html);
	buf_free(&want);
}

/* The addresses that TEXT links to, each with the number of its pieces. */
static void assert_links(const char *plain, const char *expected)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	struct buf out = BUF_INIT;

	text_render(doc, plain, strlen(plain), &kind);
	for (size_t i = 0; i < doc->link_count; i++) {
		int pieces = 0;

		for (size_t n = 0; n < doc->count; n++)
			for (uint32_t k = 0; k < doc->lines[n].run_count; k++)
				pieces += doc->lines[n].runs[k].link == i + 1;
		buf_printf(&out, "%s %d\n", doc->links[i], pieces);
	}
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
	doc_free(&doc);
}

/* RFC 3986, appendix C: in angle brackets the end of a line is none of the address. */
static void an_address_in_brackets_goes_on_over_lines(void **state)
{
	(void)state;
	assert_links("see <https://a.example/one/\ntwo/three> and\nhttps://b.example/x\ny",
		     "https://a.example/one/two/three 2\nhttps://b.example/x 1\n");
	assert_links("> <URL:https://a.example/one.\r\n>   two\n> three>, www.b.example/\n",
		     "https://a.example/one.twothree 3\nhttp://www.b.example/ 1\n");
	assert_links("<https://a.example/one\nand more words>", "https://a.example/one 1\n");
	assert_links("<https://a.example/one\n\ntwo>", "https://a.example/one 1\n");
	assert_links("<https://a.example/one\n> two>", "https://a.example/one 1\n");
	assert_links("<https://a.example/one> x\ntwo>", "https://a.example/one 1\n");
	assert_links("<https://a.example/one\ntwo", "https://a.example/one 1\n");
	assert_links("https://a.example/one\ntwo>", "https://a.example/one 1\n");
}

static void a_link_in_plain_text_that_deceives_is_marked(void **state)
{
	(void)state;
	assert_plain("see https://p\xd0\xb0ypal.example/x now",
		     "see https://p\xd0\xb0ypal.example/x[goes to\nxn--pypal-4ve.example] now\n");
	assert_plain("https://bank.example@evil.example/",
		     "https://bank.example@evil.example/[goes\nto evil.example]\n");
	assert_plain("https://www.example.org mailto:anna@bank.com",
		     "https://www.example.org\nmailto:anna@bank.com\n");
}

static void odd_markup_is_no_trouble(void **state)
{
	(void)state;
	assert_html("a<b", "a\n");
	assert_html("a<!--", "a\n");
	assert_html("a<p class=\"x", "a\n");
	assert_html("</p></table></td>a</>b<//c>d<?x?>e", "abde\n");
	assert_html("<a<b>x", "x\n");
	assert_html("a<!-->b<!--->c<!--x--!>d", "abcd\n");
	assert_html("<p \x1b]52;c;x\x07>\x1b[2Jq&#27;r", "\xef\xbf\xbd[2Jq\xef\xbf\xbdr\n");
	assert_html("", "");
}

static void attributes_as_browsers_read_them(void **state)
{
	struct html_reader reader;
	struct html_token token;
	const char *tag = "<A b=1 C = 'x>y' d e=\"&amp;\" =f/>";

	(void)state;
	html_reader_init(&reader, tag, strlen(tag));
	assert_int_equal(html_next(&reader, &token), HTML_OPEN);
	assert_int_equal(token.attribute_count, 5);
	assert_true(span_equal(html_attribute(&token, "c"), SPAN("x>y")));
	assert_true(span_equal(token.attributes[4].name, SPAN("=f")));
	assert_true(token.closes_itself);
	assert_int_equal(html_next(&reader, &token), HTML_END);
}

/* Nesting, unclosed things, many links: all linear. */
static void a_hostile_page_takes_no_time(void **state)
{
	static const char *const pieces[] = {"<div>", "<table><tr><td>", "<a href=http://x/>a",
					     "</b>", "<!--", "<b x=\"", "&amp", "<ul><li>",
					     "<p><font><span>x</p>", "<td>", "&#", "<"};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct buf page = BUF_INIT;
		struct doc *doc = doc_new();
		clock_t start = clock();

		while (page.len < 400000)
			buf_add_str(&page, pieces[i]);
		html_render(doc, page.data, page.len, 80);
		assert_true(clock() - start < 30 * CLOCKS_PER_SEC);
		doc_free(&doc);
		buf_free(&page);
	}
}

/* Each value was looked through to the end of the page for a tag in it. */
static void a_tag_of_many_values_takes_no_time(void **state)
{
	struct buf page = BUF_INIT;
	struct doc *doc = doc_new();
	clock_t start = clock();

	(void)state;
	while (page.len < 4000000)
		buf_add_str(&page, "<p title='");
	html_render(doc, page.data, page.len, 80);
	assert_true(clock() - start < 30 * CLOCKS_PER_SEC);
	doc_free(&doc);
	buf_free(&page);
}

static void quotes_signature_and_patches(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	const char *text = "hi\n> one\n>> two\n>From here\ndiff --git a b\n+new\n-old\n@@ x\n"
			   "-- \nme\n\n";

	(void)state;
	text_render(doc, text, strlen(text), &kind);
	assert_int_equal(doc->count, 10);
	assert_int_equal(doc->lines[1].depth, 1);
	assert_int_equal(doc->lines[2].depth, 2);
	assert_string_equal(doc->lines[3].text, "From here");
	assert_int_equal(doc->lines[5].style, STYLE_ADDED);
	assert_int_equal(doc->lines[6].style, STYLE_REMOVED);
	assert_int_equal(doc->lines[7].style, STYLE_HUNK);
	assert_int_equal(doc->lines[9].style, STYLE_SIGNATURE);
	doc_free(&doc);
}

static void quotes_end_at_a_hundred_marks(void **state)
{
	char marks[1000];
	int depth;

	(void)state;
	memset(marks, '>', sizeof marks);
	assert_int_equal(wrap_quote(marks, sizeof marks, &depth), WRAP_QUOTE_MAX);
	assert_int_equal(depth, WRAP_QUOTE_MAX);
}

static void controls_are_inert(void **state)
{
	(void)state;
	assert_plain("a\x1b[31mb\tc\x07\r\n", "ab      c\xef\xbf\xbd\n");
	assert_plain("> > q", "┃ ┃ q\n");
}

static void what_terminals_obey_is_taken_out_whole(void **state)
{
	(void)state;
	assert_plain("\x1b[1;31mred\x1b[0m \x1b(Bplain \xc2\x9b" "32mgreen", "red plain green\n");
	assert_plain("\x1b]0;title\x07" "a\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\", "alink\n");
	assert_plain("a\x1b]0;no end\nb", "a0;no end\nb\n");
	assert_plain("N\bNA\bAM\bME\bE _\bx", "NAME x\n");
	assert_plain("secret\b\b\b", "secret\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n");
	assert_plain("x\x1b[", "x\n");
	assert_plain("x\x1b", "x\n");
}

static void initials_in_front_are_quotes_where_they_repeat(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	const char *text = "JD> one\nJD> two\nA> b\nHTML>\n";

	(void)state;
	text_render(doc, text, strlen(text), &kind);
	assert_int_equal(doc->lines[0].style, STYLE_QUOTE_1);
	assert_int_equal(doc->lines[1].style, STYLE_QUOTE_1);
	assert_int_equal(doc->lines[2].style, STYLE_NORMAL);
	assert_int_equal(doc->lines[3].style, STYLE_NORMAL);
	doc_free(&doc);
}

/* Time of the processor, and much of it: a busy machine is no fault of ours; what is not linear takes hours. */
static void time_text(const char *bit, size_t count, const char *tail)
{
	struct text_kind kind = {.is_flowed = true, .is_delsp = true, .is_emphatic = true};
	struct doc *doc = doc_new();
	struct canvas *canvas = canvas_new(80, 1);
	struct buf text = BUF_INIT;
	struct doc_pos pos = {0, 0};
	clock_t start = clock();

	for (size_t i = 0; i < count; i++)
		buf_add_str(&text, bit);
	buf_add_str(&text, tail);
	for (int flowed = 0; flowed < 2; flowed++) {
		kind.is_flowed = flowed;
		text_render(doc, text.data, text.len, &kind);
	}
	doc_fold(doc, false);
	for (int i = 0; i < 50 && doc->shown_count; i++) {
		doc_draw_row(doc, pos, canvas, (struct rect){0, 0, 80, 1}, 80);
		doc_mark_row(doc, pos, "needle", canvas, (struct rect){0, 0, 80, 1}, 80);
		doc_next(doc, &pos, 80, 80);
	}
	assert_true(clock() - start < 30 * CLOCKS_PER_SEC);
	canvas_free(&canvas);
	doc_free(&doc);
	buf_free(&text);
}

/* PROMISES 28: what repeats a million times costs its length */
static void row_28_no_text_is_slow(void **state)
{
	static const struct {
		const char *bit;
		size_t count;
	} bombs[] = {
	    {">", 1 << 20},	     {"> ", 1 << 19},	     {"Re: ", 100000},
	    {"http://a))))", 80000}, {"www.www.", 130000},   {"mailto:a", 130000},
	    {"\x1b]", 500000},	     {"\x1b[", 500000},      {"a\b", 500000},
	    {"A>", 500000},	     {"*a_", 300000},	     {"\xd7\x90 (", 250000},
	    {"a\xcc\x81", 300000},   {"z\xe2\x80\x8d", 200000}, {"\t", 1 << 20},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bombs); i++) {
		time_text(bombs[i].bit, bombs[i].count, "");
		time_text(bombs[i].bit, bombs[i].count, "\n-- \n");
	}
}

static void a_web_address_is_a_link_of_the_terminal(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	struct canvas *canvas = canvas_new(20, 2);
	const char *text = "see www.a.example/averylongone.";

	(void)state;
	text_render(doc, text, strlen(text), &kind);
	doc_fold(doc, false);
	doc_draw_row(doc, (struct doc_pos){0, 0}, canvas, (struct rect){0, 0, 40, 1}, 0);
	for (int x = 0; x < 20; x++) {
		const char *url = canvas_link_url(canvas, canvas_cell(canvas, x, 0)->link);

		assert_int_equal(url && !strcmp(url, "http://www.a.example/averylongone"), x >= 4);
	}
	canvas_free(&canvas);
	doc_free(&doc);
}

static void emphasis_is_drawn_when_asked_for(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_emphatic = true};
	const char *text = "*a b* 2*3*4 /etc/x/ (_so_) http://x.example/_a_ **no** * no * _y_\n*x*";

	(void)state;
	text_render(doc, text, strlen(text), &kind);
	assert_int_equal(doc->lines[0].run_count, 4);
	assert_int_equal(doc->lines[0].runs[0].style, STYLE_BOLD);
	assert_int_equal(doc->lines[0].runs[0].len, 5);
	assert_int_equal(doc->lines[0].runs[1].style, STYLE_ITALIC);
	assert_int_equal(doc->lines[0].runs[2].style, STYLE_LINK);
	assert_int_equal(doc->lines[0].runs[3].start, 62);
	assert_int_equal(doc->lines[1].run_count, 1);
	kind.is_emphatic = false;
	text_render(doc, "*x*", 3, &kind);
	assert_int_equal(doc->lines[2].run_count, 0);
	doc_free(&doc);
}

/* PROMISES 25 */
static void row_25_nothing_behind_a_nul_is_lost(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};

	(void)state;
	text_render(doc, "a\0b\n\0\nc", 7, &kind);
	assert_int_equal(doc->count, 3);
	assert_string_equal(doc->lines[0].text, "a\xef\xbf\xbd" "b");
	assert_string_equal(doc->lines[2].text, "c");
	doc_free(&doc);
}

static void long_lines_wrap(void **state)
{
	(void)state;
	assert_plain("> aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeee",
		     "┃ aaaaaaaaa bbbbbbbbb ccccccccc\n┃ ddddddddd eeeee\n");
}

static void addresses_of_the_web(void **state)
{
	const char *text = "see <https://a.example/x_(y)>, (http://b.example/z). no://x mailto:me@x";
	size_t at, from = 0, len;

	(void)state;
	len = text_find_url(text, strlen(text), from, &at);
	assert_int_equal(at, 5);
	assert_int_equal(len, strlen("https://a.example/x_(y)"));
	len = text_find_url(text, strlen(text), from = at + len, &at);
	assert_memory_equal(text + at, "http://b.example/z", len);
	len = text_find_url(text, strlen(text), from = at + len, &at);
	assert_memory_equal(text + at, "mailto:me@x", len);
	assert_int_equal(text_find_url(text, strlen(text), at + len, &at), 0);
	text = "awww.no.example, www.yes.example/a. www.no";
	len = text_find_url(text, strlen(text), 0, &at);
	assert_memory_equal(text + at, "www.yes.example/a", len);
	assert_int_equal(text_find_url(text, strlen(text), at + len, &at), 0);
}

static void assert_found(const char *text, const char *url)
{
	size_t at, len = text_find_url(text, strlen(text), 0, &at);
	char *found = mem_strndup(text + at, len);

	assert_string_equal(found, url);
	free(found);
}

static void an_address_ends_before_the_marks_around_it(void **state)
{
	(void)state;
	assert_found("(http://a.example/x(y))", "http://a.example/x(y)");
	assert_found("([see www.a.example/x])", "www.a.example/x");
	assert_found("“http://a.example/x”", "http://a.example/x");
	assert_found("«www.a.example»", "www.a.example");
	assert_found("http://a.example/x… and", "http://a.example/x");
	assert_found("请看http://a.example/x。谢谢", "http://a.example/x");
	assert_found("http://münchen.example/ü", "http://münchen.example/ü");
}

static void quotes_fold_to_a_line(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	char *text;

	(void)state;
	text_render(doc, "a\n> 1\n> 2\n> 3\nb\n> 4\nc", 21, &kind);
	doc->is_folded = true;
	text = drawn(doc, 40);
	assert_string_equal(text, "a\n... 3 quoted lines\nb\n┃ 4\nc\n");
	free(text);
	doc_free(&doc);
}

static void a_quote_folds_by_itself(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	const char *text = "a\n> 1\n> 2\nb\n> 3\n>> 4\n> 5\n> 6\nc\n> 7";

	(void)state;
	text_render(doc, text, strlen(text), &kind);
	doc_fold(doc, false);
	assert_int_equal(doc_fold_quote(doc, 0), -1);
	assert_int_equal(doc_fold_quote(doc, 9), -1);
	assert_int_equal(doc_fold_quote(doc, 6), 4);
	assert_int_equal(doc->shown_count, 7);
	assert_int_equal(doc_fold_quote(doc, 1), 1);
	assert_int_equal(doc->shown_count, 6);
	assert_string_equal(doc->shown[3].text, "... 4 quoted lines");
	assert_int_equal(doc_fold_quote(doc, 3), 3);
	assert_int_equal(doc->shown_count, 9);
	doc_free(&doc);
}

static void rows_go_back_as_they_came(void **state)
{
	struct doc *doc = doc_new();
	struct text_kind kind = {.is_flowed = false};
	struct doc_pos seen[400], pos = {0, 0};
	struct buf text = BUF_INIT;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		buf_printf(&text, "%s line %d of some words that wrap here and there %s\n",
			   i % 3 ? "" : "> >", i, i % 5 ? "" : "averyveryverylongwordindeedaword");
	text_render(doc, text.data, text.len, &kind);
	doc_fold(doc, false);
	do
		seen[count++] = pos;
	while (doc_next(doc, &pos, 25, 72) && count < 400);
	while (count-- > 0) {
		assert_int_equal(seen[count].line, pos.line);
		assert_int_equal(seen[count].at, pos.at);
		assert_int_equal(doc_before(doc, &pos, 25, 72), count > 0);
	}
	buf_free(&text);
	doc_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_and_blanks),
		cmocka_unit_test(a_link_that_deceives_is_found_out),
		cmocka_unit_test(lists_and_quotes),
		cmocka_unit_test(links_have_numbers),
		cmocka_unit_test(a_link_that_is_a_picture_is_not_lost),
		cmocka_unit_test(what_is_hidden_is_not_shown),
		cmocka_unit_test(tables_of_data_have_columns),
		cmocka_unit_test(an_address_in_brackets_goes_on_over_lines),
		cmocka_unit_test(a_link_in_plain_text_that_deceives_is_marked),
		cmocka_unit_test(tables_that_are_too_wide_keep_their_rows),
		cmocka_unit_test(odd_markup_is_no_trouble),
		cmocka_unit_test(attributes_as_browsers_read_them),
		cmocka_unit_test(a_hostile_page_takes_no_time),
		cmocka_unit_test(a_tag_of_many_values_takes_no_time),
		cmocka_unit_test(quotes_signature_and_patches),
		cmocka_unit_test(quotes_end_at_a_hundred_marks),
		cmocka_unit_test(controls_are_inert),
		cmocka_unit_test(what_terminals_obey_is_taken_out_whole),
		cmocka_unit_test(initials_in_front_are_quotes_where_they_repeat),
		cmocka_unit_test(a_web_address_is_a_link_of_the_terminal),
		cmocka_unit_test(emphasis_is_drawn_when_asked_for),
		cmocka_unit_test(row_25_nothing_behind_a_nul_is_lost),
		cmocka_unit_test(row_28_no_text_is_slow),
		cmocka_unit_test(long_lines_wrap),
		cmocka_unit_test(addresses_of_the_web),
		cmocka_unit_test(an_address_ends_before_the_marks_around_it),
		cmocka_unit_test(quotes_fold_to_a_line),
		cmocka_unit_test(a_quote_folds_by_itself),
		cmocka_unit_test(rows_go_back_as_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
