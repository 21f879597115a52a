#include "config.h"

#include "ui/render/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/render/html_private.h"
#include "ui/render/html_url.h"

#define DEPTH_MAX 400 /* open elements; deeper ones are only counted */
#define LIST_STEP 2   /* columns */
#define STRUCK_MARK "~" /* around an old price: colour alone would not say it */

#define LOOK_AHEAD_MAX (1u << 20) /* bytes of a page that are read before their turn, in all */

enum trait {
	BLOCK = 1,	/* on lines of its own */
	SPACED = 2,	/* and blank lines around */
	VOID = 4,	/* has no end */
	HIDDEN = 8,	/* what is in it is not shown */
	BOLD = 16,
	ITALIC = 32,
	CELL = 64,
	PRE = 128,
	BARRIER = 256,	/* end tags within do not reach out of it */
	STRUCK = 512,
	RAISED = 1024,
	LOWERED = 2048,
};

enum kind {
	OTHER, A, BASE, BLOCKQUOTE, BODY, BR, CENTER, DD, DT, FONT, HR, IMG, INPUT, LI, OL, OPTION, P, Q, SECTION,
	STYLE, TABLE, TD, TH, TR, UL, KINDS,
};

/* Sorted by name. */
static const struct element {
	const char *name;
	unsigned traits;
	enum kind kind;
} elements[] = {
	{"a", 0, A},
	{"address", BLOCK, OTHER},
	{"area", VOID, OTHER},
	{"article", BLOCK | SPACED, OTHER},
	{"aside", BLOCK | SPACED, OTHER},
	{"audio", HIDDEN, OTHER},
	{"b", BOLD, OTHER},
	{"base", VOID, BASE},
	{"blockquote", BLOCK | SPACED, BLOCKQUOTE},
	{"body", 0, BODY},
	{"br", VOID, BR},
	{"button", 0, OTHER},
	{"caption", BLOCK | BOLD, OTHER},
	{"center", BLOCK, CENTER},
	{"cite", ITALIC, OTHER},
	{"col", VOID, OTHER},
	{"dd", BLOCK, DD},
	{"del", STRUCK, OTHER},
	{"details", BLOCK, OTHER},
	{"dialog", HIDDEN, OTHER},
	{"dir", BLOCK | SPACED, UL},
	{"div", BLOCK, OTHER},
	{"dl", BLOCK | SPACED, OTHER},
	{"dt", BLOCK | BOLD, DT},
	{"em", ITALIC, OTHER},
	{"embed", VOID, OTHER},
	{"fieldset", BLOCK, OTHER},
	{"figcaption", BLOCK, OTHER},
	{"figure", BLOCK | SPACED, OTHER},
	{"font", 0, FONT},
	{"footer", BLOCK | SPACED, OTHER},
	{"form", BLOCK, OTHER},
	{"frameset", HIDDEN, OTHER},
	{"h1", BLOCK | SPACED | BOLD, OTHER},
	{"h2", BLOCK | SPACED | BOLD, OTHER},
	{"h3", BLOCK | SPACED | BOLD, OTHER},
	{"h4", BLOCK | SPACED | BOLD, OTHER},
	{"h5", BLOCK | SPACED | BOLD, OTHER},
	{"h6", BLOCK | SPACED | BOLD, OTHER},
	{"header", BLOCK | SPACED, OTHER},
	{"hr", VOID | BLOCK, HR},
	{"i", ITALIC, OTHER},
	{"iframe", HIDDEN, OTHER},
	{"img", VOID, IMG},
	{"input", VOID, INPUT},
	{"legend", BLOCK, OTHER},
	{"li", BLOCK, LI},
	{"link", VOID, OTHER},
	{"main", BLOCK, OTHER},
	{"map", HIDDEN, OTHER},
	{"menu", BLOCK | SPACED, UL},
	{"meta", VOID, OTHER},
	{"nav", BLOCK, OTHER},
	{"noembed", HIDDEN, OTHER},
	{"noframes", HIDDEN, OTHER},
	{"noscript", 0, OTHER},
	{"object", 0, OTHER},
	{"ol", BLOCK | SPACED, OL},
	{"optgroup", HIDDEN, OTHER},
	{"option", HIDDEN, OPTION},
	{"p", BLOCK | SPACED, P},
	{"param", VOID, OTHER},
	{"pre", BLOCK | SPACED | PRE, OTHER},
	{"q", 0, Q},
	{"s", STRUCK, OTHER},
	{"script", HIDDEN, OTHER},
	{"section", BLOCK, OTHER},
	{"select", HIDDEN, OTHER},
	{"source", VOID, OTHER},
	{"strike", STRUCK, OTHER},
	{"strong", BOLD, OTHER},
	{"style", HIDDEN, STYLE},
	{"sub", LOWERED, OTHER},
	{"summary", BLOCK, OTHER},
	{"sup", RAISED, OTHER},
	{"svg", HIDDEN, OTHER},
	{"table", BLOCK | BARRIER, TABLE},
	{"tbody", BLOCK, SECTION},
	{"td", BLOCK | CELL | BARRIER, TD},
	{"template", HIDDEN, OTHER},
	{"textarea", BLOCK | PRE, OTHER},
	{"tfoot", BLOCK, SECTION},
	{"th", BLOCK | CELL | BOLD | BARRIER, TH},
	{"thead", BLOCK, SECTION},
	{"title", HIDDEN, OTHER},
	{"tr", BLOCK, TR},
	{"track", VOID, OTHER},
	{"ul", BLOCK | SPACED, UL},
	{"var", ITALIC, OTHER},
	{"video", HIDDEN, OTHER},
	{"wbr", VOID, OTHER},
	{"xml", HIDDEN, OTHER},
	{"xmp", BLOCK | SPACED | PRE, OTHER},
};

/* What we do not know may still hide what is in it. */
static const struct element unknown_element = {"", 0, OTHER};

/* An open element, and how things were before it. */
struct open {
	const struct element *element;
	struct html_state before;
	unsigned traits; /* its own and what style makes of it */
	int break_after;
	bool is_list, has_bullets;
	int list_number, list_step; /* the next number; 1, or -1 where it counts down */
	char list_kind;	/* '1', 'a', 'A', 'i', 'I' */
	bool is_link, is_word_marker;
};

/* --- elements by name --- */

static int compare_name(struct span name, const char *element)
{
	for (size_t i = 0; i < name.len; i++) {
		int order = (unsigned char)char_lower(name.data[i]) - (unsigned char)element[i];

		if (order || !element[i])
			return order ? order : 1;
	}
	return element[name.len] ? -1 : 0;
}

static const struct element *element_find(struct span name)
{
	size_t low = 0, high = ARRAY_COUNT(elements);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_name(name, elements[middle].name);

		if (!order)
			return &elements[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return &unknown_element;
}

/* --- style --- */

static enum html_align align_attribute(struct span value)
{
	if (span_equal_nocase(value, "right"))
		return ALIGN_RIGHT;
	return value.len ? ALIGN_LEFT : ALIGN_UNSET;
}

/* Attributes first, then the sheet, then what the element itself says: the later wins. */
static struct html_look look_of(struct html *html, const struct html_token *token,
				const struct element *element)
{
	struct html_look look = html_look_unset, own = html_look_unset;
	struct span ground = html_attribute(token, "bgcolor");

	look.align = (unsigned char)align_attribute(html_attribute(token, "align"));
	if (ground.len)
		look.ground = html_colour(ground);
	if (html_attribute(token, "background").len)
		look.ground = HTML_COLOUR_UNKNOWN;
	if (element->kind == FONT)
		look.colour = html_colour(html_attribute(token, "color"));
	if (element->kind == BODY)
		look.colour = html_colour(html_attribute(token, "text"));
	if (html_attribute(token, "hidden").data)
		look.is_hidden = ANSWER_YES;
	html_css_apply(&html->css, element->name, html_attribute(token, "class"),
		       html_attribute(token, "id"), &look);
	if (html_attribute(token, "style").len) {
		html_look_read(&own, html_attribute(token, "style"));
		html_look_over(&look, &own);
	}
	return look;
}

static void answer_into(bool *flag, unsigned char answer)
{
	if (answer != ANSWER_UNSET)
		*flag = answer == ANSWER_YES;
}

static void look_into_state(struct html_state *state, const struct html_look *look, unsigned traits)
{
	state->is_hidden |= (traits & HIDDEN) || look->display == DISPLAY_NONE ||
			    look->is_hidden == ANSWER_YES;
	answer_into(&state->is_invisible, look->is_invisible);
	answer_into(&state->has_no_size, look->has_no_size);
	answer_into(&state->is_pre, look->is_pre);
	answer_into(&state->is_wingdings, look->is_wingdings);
	answer_into(&state->has_no_marker, look->has_no_marker);
	answer_into(&state->is_word_marker, look->is_word_marker);
	state->is_pre |= (traits & PRE) != 0;
	if (look->script != SCRIPT_UNSET)
		state->script = look->script;
	else if (traits & (RAISED | LOWERED))
		state->script = traits & RAISED ? SCRIPT_RAISED : SCRIPT_LOWERED;
	if (look->align != ALIGN_UNSET)
		state->is_right = look->align == ALIGN_RIGHT;
	if (look->colour != HTML_COLOUR_UNSET)
		state->colour = look->colour;
	if (look->ground != HTML_COLOUR_UNSET)
		state->ground = look->ground;
}

static void style_into_state(struct html_state *state, const struct html_look *look, unsigned traits)
{
	bool is_bold = look->is_bold ? look->is_bold == ANSWER_YES : traits & BOLD;
	bool is_italic = look->is_italic ? look->is_italic == ANSWER_YES : traits & ITALIC;
	bool is_struck = look->is_struck ? look->is_struck == ANSWER_YES : traits & STRUCK;

	state->is_struck |= is_struck;
	if (state->style == STYLE_LINK)
		return;
	if (look->is_bold == ANSWER_NO && state->style == STYLE_BOLD)
		state->style = STYLE_NORMAL;
	if (is_struck)
		state->style = STYLE_DIM;
	else if (is_bold)
		state->style = STYLE_BOLD;
	else if (is_italic && state->style == STYLE_NORMAL)
		state->style = STYLE_ITALIC;
}

/* What style makes of an element: a block or not. */
static unsigned traits_of(const struct element *element, const struct html_look *look)
{
	unsigned traits = element->traits;

	if (look->display == DISPLAY_BLOCK)
		traits |= BLOCK;
	/* a button */
	if (look->display == DISPLAY_INLINE_BLOCK && element->kind == A && look->ground >= 0)
		traits |= BLOCK;
	if (element->kind == P && look->is_close == ANSWER_YES)
		traits &= ~(unsigned)SPACED;
	if (look->display == DISPLAY_INLINE && !(traits & (CELL | BARRIER)) && element->kind != TR)
		traits &= ~(unsigned)(BLOCK | SPACED);
	return traits;
}

static int break_of(unsigned traits)
{
	return traits & SPACED ? 2 : traits & BLOCK ? 1 : 0;
}

/* --- the state in the flow --- */

static void into_flow(struct html *html)
{
	struct html_flow *flow = &html->flow;

	flow->style = html->state.style;
	flow->link = html->state.link;
	flow->indent = html->state.indent;
	flow->depth = html->state.depth;
	flow->is_right = html->state.is_right;
	if (html->link.is_open && html->link.was_shown && html->link.number) {
		flow->link = html->link.number;
		flow->style = STYLE_LINK;
	}
}

/* --- lists --- */

static struct open *list_of(struct html *html, int *level)
{
	struct open *found = NULL;

	*level = 0;
	for (size_t i = html->depth; i-- > 0;) {
		if (html->stack[i].is_list) {
			found = found ? found : &html->stack[i];
			++*level;
		}
		if (html->stack[i].traits & BARRIER)
			break;
	}
	return found;
}

static int number_of(struct span value)
{
	int number = 0;

	value = span_trim(value);
	for (size_t i = 0; i < value.len && i < 6 && char_is_digit(value.data[i]); i++)
		number = number * 10 + value.data[i] - '0';
	return number;
}

static void add_roman(char *out, size_t size, int number)
{
	static const struct {
		int value;
		const char *sign;
	} signs[] = {{100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"},
		     {5, "v"}, {4, "iv"}, {1, "i"}};
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_COUNT(signs); i++)
		for (; number >= signs[i].value && used + 3 < size; number -= signs[i].value)
			used += (size_t)snprintf(out + used, size - used, "%s", signs[i].sign);
}

static void number_marker(char *marker, char kind, int number)
{
	char text[10] = "";

	if ((kind == 'a' || kind == 'A') && number >= 1 && number <= 26)
		snprintf(text, sizeof text, "%c", kind + number - 1);
	else if ((kind == 'i' || kind == 'I') && number >= 1 && number <= 39)
		add_roman(text, sizeof text, number);
	else
		snprintf(text, sizeof text, "%d", number % 1000000);
	for (char *c = text; kind == 'I' && *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	snprintf(marker, HTML_MARKER_MAX, "%s. ", text);
}

static void item(struct html *html, const struct html_token *token)
{
	int level, value = number_of(html_attribute(token, "value"));
	struct open *list = list_of(html, &level);
	char *marker = html->flow.marker;

	if (html->state.has_no_marker && (!list || list->has_bullets)) {
		marker[0] = '\0';
		return;
	}
	if (!list || list->has_bullets) {
		snprintf(marker, HTML_MARKER_MAX, "%s", level % 2 || !level ? "• " : "– ");
		return;
	}
	if (value)
		list->list_number = value;
	number_marker(marker, list->list_kind, list->list_number);
	list->list_number += list->list_step;
}

/* The items of the list that has just begun, looked for ahead: a reversed one counts down from them. */
static int count_items(struct html *html)
{
	struct html_reader ahead = *html->reader;
	size_t from = ahead.at, room = html->look_ahead;
	struct html_token *token = mem_alloc(sizeof *token);
	int count = 0, depth = 1;

	while (depth > 0 && ahead.at - from < room && html_next(&ahead, token) != HTML_END) {
		enum kind kind = token->kind == HTML_TEXT ? OTHER : element_find(token->name)->kind;

		if (kind == OL || kind == UL)
			depth += token->kind == HTML_OPEN ? 1 : -1;
		count += kind == LI && token->kind == HTML_OPEN && depth == 1;
	}
	html->look_ahead -= ahead.at - from < room ? ahead.at - from : room;
	free(token);
	return count;
}

static int first_number(struct html *html, const struct html_token *token, int step)
{
	int start = number_of(html_attribute(token, "start"));

	if (start)
		return start;
	return step > 0 ? 1 : count_items(html);
}

static void list_begins(struct html *html, const struct html_token *token, struct open *open)
{
	struct span kind = html_attribute(token, "type");
	int level;

	list_of(html, &level);
	html->state.has_no_marker = open->element->kind == UL && html->state.has_no_marker;
	open->is_list = true;
	open->has_bullets = open->element->kind == UL;
	open->list_step = html_attribute(token, "reversed").data ? -1 : 1;
	open->list_number = open->has_bullets ? 0 : first_number(html, token, open->list_step);
	open->list_kind = kind.len == 1 ? kind.data[0] : '1';
	if (level)
		html->state.indent += LIST_STEP;
}

/* A list that Word wrote: paragraphs with a level, the bullet as text in a span "mso-list: Ignore". */
static void word_item(struct html *html, unsigned level)
{
	html->state.indent += LIST_STEP * (int)(level - 1);
	buf_clear(&html->word);
	snprintf(html->flow.marker, HTML_MARKER_MAX, "%s", level % 2 ? "• " : "– ");
}

static void word_marker_ends(struct html *html)
{
	struct span sign = {buf_str(&html->word), html->word.len};
	char *marker = html->flow.marker;

	while (sign.len && html_flow_is_blank(sign.data, 1)) {
		sign.data++;
		sign.len--;
	}
	for (size_t i = 0; i < sign.len; i++)
		if (html_flow_is_blank(sign.data + i, 1) || (unsigned char)sign.data[i] == 0xc2)
			sign.len = i;
	if (sign.len > 1 && sign.len < 10 && (char_is_alnum(sign.data[0]) || sign.data[0] == '('))
		snprintf(marker, HTML_MARKER_MAX, "%.*s ", (int)sign.len, sign.data);
	else if (!*marker)
		snprintf(marker, HTML_MARKER_MAX, "%s", "• ");
	buf_clear(&html->word);
}

/* --- open and close --- */

static void end_line(struct html *html, int wanted_break)
{
	html_link_pause(html);
	html_flow_end(&html->flow, wanted_break);
}

static int break_before(const struct html *html, const struct element *element, unsigned traits)
{
	/* a list within an item of a list stands close to it */
	bool is_in_item = html->depth && html->stack[html->depth - 1].element->kind == LI;

	return is_in_item && (element->kind == UL || element->kind == OL) ? 1 : break_of(traits);
}

static bool has_own_lines(const struct open *open)
{
	return (open->traits & BLOCK) && !(open->traits & (CELL | BARRIER)) && open->element->kind != TR &&
	       open->element->kind != SECTION;
}

static void pop(struct html *html)
{
	struct open *open = &html->stack[--html->depth];
	enum kind kind = open->element->kind;

	html->open_count[kind]--;
	if (open->is_link)
		html_link_end(html);
	if (html->state.is_struck && !open->before.is_struck)
		html_flow_unmark(&html->flow, STRUCK_MARK);
	if (kind == Q && !html->state.is_hidden)
		html_text(html, "”", strlen("”"));
	if (open->is_word_marker)
		word_marker_ends(html);
	/* an empty paragraph is a blank line */
	if (has_own_lines(open) && !html->flow.text.len && html->flow.hard_blanks)
		html_flow_line(&html->flow);
	if (open->break_after && !open->before.is_hidden)
		end_line(html, open->break_after);
	html->state = open->before;
	into_flow(html);
	if (kind == TABLE)
		html_table_end(&html->flow);
	else if ((open->traits & CELL) && html->flow.table)
		html_table_close_cell(&html->flow);
	else if (kind == LI)
		html->flow.marker[0] = '\0';
}

/* The open element of that kind that an end tag here may close, or DEPTH_MAX. */
static size_t find_open(const struct html *html, const struct element *element)
{
	bool reaches_out = element->traits & (BARRIER | CELL) || element->kind == TR ||
			   element->kind == SECTION;

	if (!html->open_count[element->kind])
		return DEPTH_MAX;
	for (size_t i = html->depth; i-- > 0;) {
		const struct element *open = html->stack[i].element;

		if (open == element)
			return i;
		if (open->kind == TABLE || (!reaches_out && (open->traits & BARRIER)))
			return DEPTH_MAX;
	}
	return DEPTH_MAX;
}

static void close_element(struct html *html, const struct element *element)
{
	size_t at = find_open(html, element);

	while (at < DEPTH_MAX && html->depth > at)
		pop(html);
}

static void close_named(struct html *html, const char *name)
{
	close_element(html, element_find(span_of(name)));
}

static bool is_top(const struct html *html, enum kind kind)
{
	return html->depth && html->stack[html->depth - 1].element->kind == kind;
}

/* What cannot lie in itself: a new one ends the old. */
static void imply_ends(struct html *html, const struct element *element, unsigned traits)
{
	if ((traits & BLOCK) && is_top(html, P))
		pop(html);
	switch (element->kind) {
	case A:
		close_named(html, "a");
		break;
	case LI:
		/* but a list in an item of a list may begin */
		if (!html->depth || !html->stack[html->depth - 1].is_list)
			close_named(html, "li");
		break;
	case DT:
	case DD:
		close_named(html, "dt");
		close_named(html, "dd");
		break;
	case TD:
	case TH:
		close_named(html, "td");
		close_named(html, "th");
		break;
	case TR:
	case SECTION:
		close_named(html, "td");
		close_named(html, "th");
		close_named(html, "tr");
		break;
	case OPTION:
		close_named(html, "option");
		break;
	default:
		break;
	}
}

static void cell_begins(struct html *html, const struct html_token *token, struct open *open,
			const struct html_look *look)
{
	struct html_flow *flow = &html->flow;
	bool is_right = look->align == ALIGN_RIGHT;

	if (look->align == ALIGN_UNSET && html->depth && html->stack[html->depth - 1].element->kind == TR)
		is_right = open->before.is_right;
	html->state.is_right = is_right;
	html->state.style = open->traits & BOLD ? STYLE_BOLD : STYLE_NORMAL;
	if (!flow->table)
		return;
	end_line(html, 1);
	html_table_cell(flow, number_of(html_attribute(token, "colspan")),
			number_of(html_attribute(token, "rowspan")), open->element->kind == TH, is_right);
}

static void begin_element(struct html *html, const struct html_token *token, struct open *open,
			  const struct html_look *look)
{
	switch (open->element->kind) {
	case A:
		open->is_link = !html->state.is_hidden;
		if (open->is_link)
			html_link_begin(html, token);
		if (look->colour != HTML_COLOUR_UNSET)
			html->state.colour = look->colour;
		break;
	case OL:
	case UL:
		list_begins(html, token, open);
		break;
	case LI:
		if (!html->state.is_hidden)
			item(html, token);
		break;
	case BLOCKQUOTE:
		html->state.depth++;
		break;
	case DD:
		html->state.indent += 4;
		break;
	case Q:
		html_text(html, "“", strlen("“"));
		break;
	case TABLE:
		html->state.is_right = false;
		into_flow(html);
		html_table_begin(&html->flow);
		break;
	case TR:
		if (html->flow.table)
			html_table_row(&html->flow);
		break;
	case TD:
	case TH:
		cell_begins(html, token, open, look);
		break;
	default:
		break;
	}
	if (look->word_level && (open->traits & BLOCK))
		word_item(html, look->word_level);
}

/* Items of a list that Word wrote stand close to each other. */
static int word_break(struct html *html, const struct html_look *look, unsigned traits, int wanted)
{
	bool is_item = look->word_level && (traits & BLOCK), was_item = html->is_word_list;

	if (wanted || is_item)
		html->is_word_list = is_item;
	if (was_item && (traits & SPACED))
		return is_item ? 1 : 2;
	return wanted;
}

static void open_element(struct html *html, const struct html_token *token,
			 const struct element *element)
{
	struct html_look look = look_of(html, token, element);
	unsigned traits = traits_of(element, &look);
	int wanted_break = break_before(html, element, traits);
	struct open *open;

	imply_ends(html, element, traits);
	wanted_break = word_break(html, &look, traits, wanted_break);
	if (wanted_break && !html->state.is_hidden && !(traits & CELL))
		end_line(html, wanted_break);
	if (html->depth >= DEPTH_MAX) {
		html->too_deep++;
		return;
	}
	open = &html->stack[html->depth];
	*open = (struct open){.element = element, .before = html->state, .traits = traits,
			      .break_after = look.word_level && wanted_break ? 1 : wanted_break,
			      .is_word_marker = look.is_word_marker == ANSWER_YES &&
						!html->state.is_word_marker};
	look_into_state(&html->state, &look, traits);
	style_into_state(&html->state, &look, traits);
	begin_element(html, token, open, &look);
	html->depth++;
	html->open_count[element->kind]++;
	into_flow(html);
	if (html->state.is_struck && !open->before.is_struck)
		html->flow.mark = STRUCK_MARK;
	if (look.has_line_above == ANSWER_YES && has_own_lines(open) && html_is_shown(html))
		html_flow_rule(&html->flow);
}

/* Of a form only what says yes or no is worth reading. */
static void checkbox(struct html *html, const struct html_token *token, const struct element *element)
{
	struct html_look look = look_of(html, token, element);
	const char *sign = html_attribute(token, "checked").data ? "[x]" : "[ ]";
	bool is_gone = look.is_hidden == ANSWER_YES || look.display == DISPLAY_NONE;

	if (is_gone || !span_equal_nocase(span_trim(html_attribute(token, "type")), "checkbox"))
		return;
	html_text(html, sign, strlen(sign));
	html->flow.wants_space = true;
}

static void void_element(struct html *html, const struct html_token *token,
			 const struct element *element)
{
	struct html_look look;

	if (element->kind == BASE) {
		buf_clear(&html->base);
		if (!html_url_add(&html->base, html_attribute(token, "href"), ""))
			buf_clear(&html->base);
		return;
	}
	if (element->kind == IMG) {
		look = look_of(html, token, element);
		html_picture(html, token, &look);
		return;
	}
	if (html->state.is_hidden)
		return;
	if (element->kind == INPUT)
		checkbox(html, token, element);
	if (element->kind == BR || element->kind == HR)
		html_link_pause(html);
	if (element->kind == BR)
		html_flow_line(&html->flow);
	else if (element->kind == HR)
		html_flow_rule(&html->flow);
}

static void take_text(struct html *html, const struct html_token *token)
{
	struct buf text = BUF_INIT;

	if (html->depth && html->stack[html->depth - 1].element->kind == STYLE) {
		html_css_read(&html->css, token->text, html->flow.arena);
		return;
	}
	if (html->state.is_hidden || (html->too_deep && token->is_raw))
		return;
	if (!memchr(token->text.data, '&', token->text.len)) {
		html_text(html, token->text.data, token->text.len);
		return;
	}
	html_add_text(&text, token->text, false);
	html_text(html, buf_str(&text), text.len);
	buf_free(&text);
}

static void close_tag(struct html *html, const struct element *element)
{
	if (html->too_deep && !(element->traits & VOID)) {
		html->too_deep--;
		html_flow_end(&html->flow, break_of(element->traits) ? 1 : 0);
		return;
	}
	close_element(html, element);
}

static void take_token(struct html *html, const struct html_token *token)
{
	const struct element *element;

	if (token->kind == HTML_TEXT) {
		take_text(html, token);
		return;
	}
	element = element_find(token->name);
	if (token->kind == HTML_CLOSE && element->kind == BR)
		html_flow_line(&html->flow);
	else if (token->kind == HTML_CLOSE)
		close_tag(html, element);
	else if (element->traits & VOID)
		void_element(html, token, element);
	else
		open_element(html, token, element);
}

static struct html *html_new(struct doc *doc, int width)
{
	struct html *html = mem_alloc(sizeof *html);

	html->flow.doc = doc;
	html->flow.width = width;
	html->flow.arena = arena_new();
	html->state.colour = 0;
	html->state.ground = 0xffffff;
	html->stack = mem_calloc(DEPTH_MAX, sizeof *html->stack);
	html->open_count = mem_calloc(KINDS, sizeof *html->open_count);
	return html;
}

static void html_free(struct html *html)
{
	buf_free(&html->flow.text);
	free(html->flow.runs);
	arena_free(&html->flow.arena);
	html_css_free(&html->css);
	map_free(&html->worded, NULL);
	buf_free(&html->link.url);
	buf_free(&html->link.text);
	buf_free(&html->base);
	buf_free(&html->word);
	free(html->stack);
	free(html->open_count);
	free(html);
}

void html_render(struct doc *doc, const char *text, size_t len, int width)
{
	struct html *html = html_new(doc, width);
	struct html_reader reader;
	struct html_token token;
	size_t first_link = doc->link_count;

	html_reader_init(&reader, text, len);
	html->reader = &reader;
	html->look_ahead = LOOK_AHEAD_MAX;
	while (html_next(&reader, &token) != HTML_END)
		take_token(html, &token);
	while (html->depth)
		pop(html);
	html_flow_end(&html->flow, 1);
	html_tail(html, first_link);
	html_free(html);
}
