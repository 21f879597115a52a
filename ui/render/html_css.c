#include "config.h"

#include "ui/render/html_css.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/mem.h"

#define RULES_MAX   2000 /* of all sheets, each selector one */
#define CLASSES_MAX 16 /* of one element */
#define TINY	    2  /* pixels */
#define CLOSE	    5  /* of them, between paragraphs that are one */

enum key_kind { KEY_ELEMENT, KEY_CLASS, KEY_ID };

struct html_rule {
	enum key_kind kind;
	struct span key, element; /* of p.class: class, p */
	struct html_look look;
	size_t order;
};

const struct html_look html_look_unset = {.colour = HTML_COLOUR_UNSET, .ground = HTML_COLOUR_UNSET};

/* --- colours --- */

static const struct {
	const char *name;
	int32_t colour;
} colours[] = {
	{"white", 0xffffff},	  {"black", 0},		{"red", 0xff0000},   {"blue", 0x0000ff},
	{"green", 0x008000},	  {"gray", 0x808080},	{"grey", 0x808080},  {"yellow", 0xffff00},
	{"silver", 0xc0c0c0},	  {"navy", 0x000080},	{"maroon", 0x800000}, {"orange", 0xffa500},
	{"snow", 0xfffafa},	  {"ivory", 0xfffff0},	{"purple", 0x800080}, {"teal", 0x008080},
	{"whitesmoke", 0xf5f5f5}, {"windowtext", 0},	{"window", 0xffffff}, {"olive", 0x808000},
	{"ghostwhite", 0xf8f8ff}, {"lime", 0x00ff00},	{"aqua", 0x00ffff},   {"fuchsia", 0xff00ff},
	{"transparent", HTML_COLOUR_UNSET},		{"inherit", HTML_COLOUR_UNSET},
	{"initial", HTML_COLOUR_UNSET},			{"none", HTML_COLOUR_UNSET},
};

static int hex_digit(char c)
{
	c = char_lower(c);
	if (char_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int32_t hex_colour(struct span value)
{
	int32_t colour = 0;
	size_t len = 0;

	while (len < value.len && hex_digit(value.data[len]) >= 0)
		len++;
	if (len != 3 && len != 6)
		return HTML_COLOUR_UNKNOWN;
	for (size_t i = 0; i < 6; i++)
		colour = colour * 16 + hex_digit(value.data[len == 3 ? i / 2 : i]);
	return colour;
}

/* "rgb(1, 2, 3)", "rgba(1, 2, 3, 0)" */
static int32_t function_colour(struct span value)
{
	int numbers[4] = {0, 0, 0, 1};
	int count = 0;
	bool is_alpha_zero = true;

	for (size_t i = 0; i < value.len && count < 4; i++) {
		int number = 0;

		if (!char_is_digit(value.data[i]))
			continue;
		for (; i < value.len && (char_is_digit(value.data[i]) || value.data[i] == '.'); i++) {
			if (count == 3 && value.data[i] >= '1' && value.data[i] <= '9')
				is_alpha_zero = false;
			if (value.data[i] != '.' && number < 1000)
				number = number * 10 + value.data[i] - '0';
		}
		numbers[count++] = number > 255 ? 255 : number;
	}
	if (count == 4 && is_alpha_zero)
		return HTML_COLOUR_UNSET;
	return count >= 3 ? numbers[0] << 16 | numbers[1] << 8 | numbers[2] : HTML_COLOUR_UNKNOWN;
}

int32_t html_colour(struct span value)
{
	value = span_trim(value);
	if (!value.len)
		return HTML_COLOUR_UNSET;
	if (value.data[0] == '#')
		return hex_colour((struct span){value.data + 1, value.len - 1});
	if (span_starts_nocase(value, "rgb"))
		return function_colour(value);
	for (size_t i = 0; i < ARRAY_COUNT(colours); i++)
		if (span_equal_nocase(value, colours[i].name))
			return colours[i].colour;
	/* old pages leave the # away */
	return value.len == 6 ? hex_colour(value) : HTML_COLOUR_UNKNOWN;
}

/* background: #fff url(x) no-repeat. A picture hides what lies under it. */
static int32_t ground(struct span value)
{
	struct span word, rest = value;
	int32_t colour = HTML_COLOUR_UNSET, one;

	for (size_t i = 0; i + 4 <= value.len; i++)
		if (span_starts_nocase((struct span){value.data + i, 4}, "url(") ||
		    span_starts_nocase((struct span){value.data + i, 4}, "grad"))
			return HTML_COLOUR_UNKNOWN;
	if (span_starts_nocase(value, "rgb"))
		return html_colour(value);
	while (span_split(&rest, ' ', &word)) {
		one = html_colour(word);
		if (one >= 0)
			colour = one;
		else if (one == HTML_COLOUR_UNKNOWN && colour == HTML_COLOUR_UNSET && word.len > 3 &&
			 word.data[0] == '#')
			colour = one;
	}
	return colour;
}

/* --- declarations --- */

static unsigned char answer(bool is)
{
	return is ? ANSWER_YES : ANSWER_NO;
}

static bool holds(struct span value, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= value.len; i++)
		if (span_starts_nocase((struct span){value.data + i, len}, word))
			return true;
	return false;
}

/* A length in hundredths of a pixel; -1 for none. em and % are far from zero unless they are zero. */
static long length_of(struct span value)
{
	long number = 0, part = 0, scale = 100;
	size_t at = 0;

	if (!value.len || (!char_is_digit(value.data[0]) && value.data[0] != '.'))
		return -1;
	for (; at < value.len && char_is_digit(value.data[at]); at++)
		number = number < 100000 ? number * 10 + value.data[at] - '0' : number;
	if (at < value.len && value.data[at] == '.')
		for (at++; at < value.len && char_is_digit(value.data[at]); at++)
			part += scale > 1 ? (value.data[at] - '0') * (scale /= 10) : 0;
	number = number * 100 + part;
	value = (struct span){value.data + at, value.len - at};
	if (span_starts_nocase(value, "em") || span_starts_nocase(value, "rem") ||
	    span_starts_nocase(value, "%"))
		return number * 16;
	return number;
}

static bool is_zero(struct span value)
{
	return length_of(value) == 0;
}

static unsigned char display_of(struct span value)
{
	if (span_starts_nocase(value, "none"))
		return DISPLAY_NONE;
	if (span_starts_nocase(value, "inline-"))
		return DISPLAY_INLINE_BLOCK;
	if (span_starts_nocase(value, "inline"))
		return DISPLAY_INLINE;
	return span_starts_nocase(value, "block") ? DISPLAY_BLOCK : DISPLAY_UNSET;
}

static unsigned char align_of(struct span value)
{
	if (span_starts_nocase(value, "right") || span_starts_nocase(value, "end"))
		return ALIGN_RIGHT;
	return span_starts_nocase(value, "center") ? ALIGN_CENTER : ALIGN_LEFT;
}

static unsigned char script_of(struct span value)
{
	if (span_equal_nocase(value, "super"))
		return SCRIPT_RAISED;
	return span_equal_nocase(value, "sub") ? SCRIPT_LOWERED : SCRIPT_UNSET;
}

static bool is_bold(struct span value)
{
	return span_starts_nocase(value, "bold") ||
	       (value.len == 3 && value.data[0] >= '6' && value.data[0] <= '9');
}

static unsigned char level_of(struct span value)
{
	for (size_t i = 0; i + 6 <= value.len; i++)
		if (span_starts_nocase((struct span){value.data + i, 6}, "level") &&
		    char_is_digit(value.data[i + 5]))
			return (unsigned char)(value.data[i + 5] - '0');
	return 1;
}

static void read_word_list(struct html_look *look, struct span value)
{
	if (span_starts_nocase(value, "ignore"))
		look->is_word_marker = ANSWER_YES;
	else if (holds(value, "level"))
		look->word_level = level_of(value);
}

static void read_size(struct html_look *look, struct span value)
{
	long length = length_of(value);

	if (length >= 0)
		look->has_no_size = answer(length <= 100);
	else if (value.len)
		look->has_no_size = ANSWER_NO;
}

static void read_tiny(struct html_look *look, struct span value)
{
	long length = length_of(value);

	if (length >= 0 && length <= TINY * 100)
		look->is_tiny = ANSWER_YES;
}

static void read_colours(struct html_look *look, struct span name, struct span value)
{
	if (span_equal_nocase(name, "color"))
		look->colour = html_colour(value);
	else if (span_equal_nocase(name, "background-image") && !span_starts_nocase(value, "none"))
		look->ground = HTML_COLOUR_UNKNOWN;
	else if (span_equal_nocase(name, "background-color") || span_equal_nocase(name, "background"))
		look->ground = ground(value);
}

static void read_letters(struct html_look *look, struct span name, struct span value)
{
	if (span_equal_nocase(name, "font-size"))
		read_size(look, value);
	else if (span_equal_nocase(name, "font-weight"))
		look->is_bold = answer(is_bold(value));
	else if (span_equal_nocase(name, "font-style"))
		look->is_italic = answer(span_starts_nocase(value, "italic"));
	else if (span_equal_nocase(name, "vertical-align"))
		look->script = script_of(value);
	else if (span_equal_nocase(name, "font-family"))
		look->is_wingdings = answer(span_starts_nocase(value, "wingdings"));
	else if (span_starts_nocase(name, "text-decoration"))
		look->is_struck = answer(holds(value, "line-through"));
	else if (span_equal_nocase(name, "text-align"))
		look->align = align_of(value);
	else if (span_equal_nocase(name, "white-space"))
		look->is_pre = answer(span_starts_nocase(value, "pre"));
}

/* margin: TOP RIGHT BOTTOM LEFT */
static void read_margin(struct html_look *look, struct span value)
{
	struct span word, rest = value;
	long room = 0, length;

	for (int i = 0; i < 4 && span_split(&rest, ' ', &word); i++) {
		length = word.len ? length_of(word) : -1;
		if (i % 2 == 0 && length > 0)
			room += length;
	}
	look->is_close = answer(room < CLOSE * 100);
}

static void read_room(struct html_look *look, struct span name, struct span value)
{
	if (span_equal_nocase(name, "margin"))
		read_margin(look, value);
	else if (span_equal_nocase(name, "margin-bottom") || span_equal_nocase(name, "margin-top"))
		look->is_close = length_of(value) >= CLOSE * 100 ? ANSWER_NO : look->is_close;
	else if (span_starts_nocase(name, "padding") && length_of(value) >= CLOSE * 100)
		look->is_close = ANSWER_NO;
}

static void read_box(struct html_look *look, struct span name, struct span value)
{
	if (span_equal_nocase(name, "display"))
		look->display = display_of(value);
	else if (span_equal_nocase(name, "visibility"))
		look->is_invisible = answer(!span_starts_nocase(value, "visible"));
	else if (span_equal_nocase(name, "mso-hide"))
		look->is_hidden = answer(span_starts_nocase(value, "all"));
	else if (span_equal_nocase(name, "max-height") || span_equal_nocase(name, "opacity"))
		look->is_hidden = is_zero(value) ? ANSWER_YES : look->is_hidden;
	else if (span_equal_nocase(name, "width") || span_equal_nocase(name, "height"))
		read_tiny(look, value);
	else if (span_starts_nocase(name, "list-style"))
		look->has_no_marker = answer(holds(value, "none"));
	else if (span_equal_nocase(name, "mso-list"))
		read_word_list(look, value);
}

/* border-top: solid #E1E1E1 1.0pt; a border all around replaces it. */
static void read_border(struct html_look *look, struct span name, struct span value)
{
	struct span word, rest = value;
	bool is_drawn = holds(value, "solid") || holds(value, "double");

	if (!span_equal_nocase(name, "border-top")) {
		if (span_equal_nocase(name, "border"))
			look->has_line_above = ANSWER_NO;
		return;
	}
	while (span_split(&rest, ' ', &word))
		is_drawn &= length_of(word) != 0;
	look->has_line_above = answer(is_drawn);
}

static void read_declaration(struct html_look *look, struct span name, struct span value)
{
	if (!name.len || name.len > 32)
		return;
	switch (char_lower(name.data[0])) {
	case 'b':
		read_border(look, name, value);
		read_colours(look, name, value);
		break;
	case 'c':
		read_colours(look, name, value);
		break;
	case 'f':
	case 't':
		read_letters(look, name, value);
		break;
	case 'v':
	case 'w':
		read_letters(look, name, value);
		read_box(look, name, value);
		break;
	case 'p':
		read_room(look, name, value);
		break;
	case 'm':
		read_room(look, name, value);
		read_box(look, name, value);
		break;
	case 'd':
	case 'o':
	case 'h':
	case 'l':
		read_box(look, name, value);
		break;
	}
}

void html_look_read(struct html_look *look, struct span declarations)
{
	struct span declaration;

	while (span_split(&declarations, ';', &declaration)) {
		size_t colon = span_find(declaration, 0, ':');

		if (colon < declaration.len)
			read_declaration(look, span_trim((struct span){declaration.data, colon}),
					 span_trim((struct span){declaration.data + colon + 1,
								 declaration.len - colon - 1}));
	}
}

#define OVER(member)                                                                               \
	do {                                                                                       \
		if (over->member)                                                                  \
			look->member = over->member;                                               \
	} while (0)

void html_look_over(struct html_look *look, const struct html_look *over)
{
	OVER(display);
	OVER(align);
	OVER(is_invisible);
	OVER(is_bold);
	OVER(is_italic);
	OVER(has_no_size);
	OVER(is_hidden);
	OVER(is_pre);
	OVER(is_struck);
	OVER(has_no_marker);
	OVER(is_tiny);
	OVER(is_word_marker);
	OVER(word_level);
	OVER(is_wingdings);
	OVER(script);
	OVER(is_close);
	OVER(has_line_above);
	if (over->colour != HTML_COLOUR_UNSET)
		look->colour = over->colour;
	if (over->ground != HTML_COLOUR_UNSET)
		look->ground = over->ground;
}

/* --- sheets --- */

static bool is_name_char(char c)
{
	return char_is_alnum(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static size_t name_end(struct span text, size_t at)
{
	while (at < text.len && is_name_char(text.data[at]))
		at++;
	return at;
}

/* false: not simple. */
static bool read_selector(struct span text, struct html_rule *rule)
{
	size_t end;

	text = span_trim(text);
	end = name_end(text, 0);
	rule->element = (struct span){text.data, end};
	rule->kind = KEY_ELEMENT;
	rule->key = rule->element;
	if (end < text.len && (text.data[end] == '.' || text.data[end] == '#')) {
		size_t from = end + 1;

		rule->kind = text.data[end] == '.' ? KEY_CLASS : KEY_ID;
		end = name_end(text, from);
		rule->key = (struct span){text.data + from, end - from};
	}
	return end == text.len && rule->key.len;
}

static bool says_something(const struct html_look *look)
{
	return memcmp(look, &html_look_unset, sizeof *look) != 0;
}

static void add_rules(struct html_css *css, struct span selectors, struct span body)
{
	struct html_rule rule = {.look = html_look_unset};
	struct span selector;

	html_look_read(&rule.look, body);
	if (!says_something(&rule.look))
		return;
	while (span_split(&selectors, ',', &selector)) {
		if (!read_selector(selector, &rule) || css->read >= RULES_MAX) {
			css->has_other_colours |= rule.look.colour != HTML_COLOUR_UNSET ||
						  rule.look.ground != HTML_COLOUR_UNSET;
			continue;
		}
		rule.order = css->read++;
		ARRAY_ROOM(css->rules, css->count, css->cap);
		css->rules[css->count++] = rule;
		css->is_sorted = false;
	}
}

/* Comments, and the marks of HTML comments around old sheets, become blanks. */
static struct span without_comments(struct span sheet, struct arena *arena)
{
	char *copy = arena_strndup(arena, sheet.data, sheet.len);
	bool is_inside = false;

	for (size_t i = 0; i < sheet.len; i++) {
		bool begins = sheet.len - i >= 2 && !memcmp(sheet.data + i, "/*", 2);
		bool ends = sheet.len - i >= 2 && !memcmp(sheet.data + i, "*/", 2);

		if (!is_inside && sheet.len - i >= 4 && !memcmp(sheet.data + i, "<!--", 4))
			memcpy(copy + i, "    ", 4);
		if (!is_inside && sheet.len - i >= 3 && !memcmp(sheet.data + i, "-->", 3))
			memcpy(copy + i, "   ", 3);
		is_inside = is_inside ? !ends : begins;
		if (is_inside || ends)
			copy[i] = ' ';
		if (ends) {
			copy[++i] = ' ';
		}
	}
	return (struct span){copy, sheet.len};
}

/* Behind an @rule that begins at AT: its block whole, or its semicolon. */
static size_t skip_at_rule(struct span sheet, size_t at)
{
	int depth = 0;

	for (; at < sheet.len; at++) {
		if (sheet.data[at] == ';' && !depth)
			return at + 1;
		if (sheet.data[at] == '{')
			depth++;
		if (sheet.data[at] == '}' && --depth <= 0)
			return at + 1;
	}
	return at;
}

void html_css_read(struct html_css *css, struct span sheet, struct arena *arena)
{
	size_t at = 0, open, close;

	sheet = without_comments(sheet, arena);
	while (at < sheet.len) {
		if (char_is_space(sheet.data[at]) || sheet.data[at] == '}' || sheet.data[at] == ';') {
			at++;
			continue;
		}
		if (sheet.data[at] == '@') {
			at = skip_at_rule(sheet, at);
			continue;
		}
		open = span_find(sheet, at, '{');
		if (open >= sheet.len)
			return;
		close = span_find(sheet, open, '}');
		add_rules(css, (struct span){sheet.data + at, open - at},
			  (struct span){sheet.data + open + 1, close - open - 1});
		at = close + 1;
	}
}

static int compare_spans(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		int order = (unsigned char)char_lower(a.data[i]) - (unsigned char)char_lower(b.data[i]);

		if (order)
			return order;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_keys(const struct html_rule *a, const struct html_rule *b)
{
	return a->kind != b->kind ? (int)a->kind - (int)b->kind : compare_spans(a->key, b->key);
}

static int compare_selectors(const struct html_rule *a, const struct html_rule *b)
{
	int order = compare_keys(a, b);

	return order ? order : compare_spans(a->element, b->element);
}

static int compare_rules(const void *a, const void *b)
{
	const struct html_rule *left = a, *right = b;
	int order = compare_selectors(left, right);

	return order ? order : left->order < right->order ? -1 : 1;
}

/* Sorted, rules with the same selector joined: so an element meets few, however many there are. */
static void sort_rules(struct html_css *css)
{
	size_t kept = 0;

	qsort(css->rules, css->count, sizeof *css->rules, compare_rules);
	for (size_t i = 0; i < css->count; i++) {
		struct html_rule *last = kept ? &css->rules[kept - 1] : NULL;

		if (last && !compare_selectors(last, &css->rules[i]))
			html_look_over(&last->look, &css->rules[i].look);
		else
			css->rules[kept++] = css->rules[i];
	}
	css->count = kept;
	css->is_sorted = true;
}

static void apply_rule(const struct html_css *css, const struct html_rule *wanted, struct html_look *look)
{
	size_t low = 0, high = css->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_selectors(&css->rules[middle], wanted);

		if (!order) {
			html_look_over(look, &css->rules[middle].look);
			return;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
}

/* ".key" and "element.key": not one look more, as a sheet may name the key with thousands of elements. */
static void apply_key(const struct html_css *css, enum key_kind kind, struct span key,
		      struct span element, struct html_look *look)
{
	struct html_rule wanted = {.kind = kind, .key = key, .element = SPAN("")};

	apply_rule(css, &wanted, look);
	wanted.element = element;
	if (element.len)
		apply_rule(css, &wanted, look);
}

void html_css_apply(struct html_css *css, const char *element, struct span classes, struct span id,
		    struct html_look *look)
{
	struct span name = span_of(element), word;

	if (!css->count)
		return;
	if (!css->is_sorted)
		sort_rules(css);
	apply_key(css, KEY_ELEMENT, name, name, look);
	for (int i = 0; i < CLASSES_MAX && span_split(&classes, ' ', &word); i++) {
		word = span_trim(word);
		if (word.len)
			apply_key(css, KEY_CLASS, word, name, look);
	}
	if (id.len)
		apply_key(css, KEY_ID, span_trim(id), name, look);
}

void html_css_free(struct html_css *css)
{
	free(css->rules);
	*css = (struct html_css){0};
}
