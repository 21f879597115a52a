#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/screen/wrap.h"

#define GRID_MAX     64	 /* columns of a table that are told apart */
#define COLUMNS_MAX  24	 /* a table with more (that hold something) is shown row by row */
#define ROWS_SPAN    1000
#define GAP	     2	 /* between columns */
#define WORD_MAX     30	 /* a column need not be wider for the sake of one word */
#define NARROW	     12	 /* text broken at fewer columns is no pleasure */
#define CELL_LINES   8	 /* cells with more paragraphs are articles, not data */
#define CELL_LONG    400
#define PROSE	     100 /* two cells in a row with more than this are read one after the other */
#define BIG	     80	 /* a row with more than this stands by itself */
#define NUMBER_MAX   24	 /* what is put to the right is no longer */
#define VALUE_MAX    60	 /* a cell with more is no value of data */
#define DATA_CELLS   5	 /* rows with fewer may be there to arrange a page */
#define LAID_MAX     4	 /* tables in tables that are laid out side by side */

void html_table_begin(struct html_flow *flow)
{
	struct html_table *table = arena_alloc(flow->arena, sizeof *table);

	table->outer = flow->table;
	table->indent = flow->indent;
	table->depth = flow->depth;
	flow->table = table;
}

void html_table_row(struct html_flow *flow)
{
	struct html_table *table = flow->table;
	struct html_row *row = arena_alloc(flow->arena, sizeof *row);

	table->cell = NULL;
	if (table->last)
		table->last->next = row;
	else
		table->first = row;
	table->last = row;
}

void html_table_cell(struct html_flow *flow, int span, int rows, bool is_header, bool is_right)
{
	struct html_table *table = flow->table;
	struct html_cell *cell = arena_alloc(flow->arena, sizeof *cell);

	if (!table->last)
		html_table_row(flow);
	cell->span = (unsigned short)(span < 1 ? 1 : span > GRID_MAX ? GRID_MAX : span);
	cell->rows = (unsigned short)(rows < 1 ? 1 : rows > ROWS_SPAN ? ROWS_SPAN : rows);
	cell->is_header = is_header;
	cell->is_right = is_right;
	if (table->last->last)
		table->last->last->next = cell;
	else
		table->last->first = cell;
	table->last->last = cell;
	table->cell = cell;
}

void html_table_close_cell(struct html_flow *flow)
{
	flow->table->cell = NULL;
}

struct html_block *html_table_block(struct html_flow *flow)
{
	/* text between the cells gets a cell of its own */
	if (!flow->table->cell)
		html_table_cell(flow, 1, 1, false, false);
	return &flow->table->cell->block;
}

/* --- the grid --- */

struct layout {
	struct html_flow *flow;
	const struct html_table *table;
	bool is_used[GRID_MAX];	  /* something stands in that column */
	int number[GRID_MAX + 1]; /* columns in use before it */
	int count;		  /* columns in use */
	int least[COLUMNS_MAX], most[COLUMNS_MAX], width[COLUMNS_MAX];
	bool is_airy; /* a blank line between rows */
};

/* Gives each cell its column; false: too many. */
static bool place_cells(struct layout *layout)
{
	int busy[GRID_MAX] = {0};

	for (struct html_row *row = layout->table->first; row; row = row->next) {
		int at = 0;

		for (struct html_cell *cell = row->first; cell; cell = cell->next) {
			while (at < GRID_MAX && busy[at])
				at++;
			if (at + cell->span > GRID_MAX)
				return false;
			cell->column = (unsigned short)at;
			layout->is_used[at] |= cell->block.count > 0 && cell->span == 1;
			for (int i = 0; i < cell->span; i++)
				busy[at++] = cell->rows;
		}
		for (int i = 0; i < GRID_MAX; i++)
			busy[i] -= busy[i] > 0;
	}
	return true;
}

static bool is_over_used(const struct layout *layout, const struct html_cell *cell)
{
	for (int i = 0; i < cell->span; i++)
		if (layout->is_used[cell->column + i])
			return true;
	return false;
}

/* What spans columns is at home in those that hold something, or in its first one. */
static void place_spans(struct layout *layout)
{
	for (struct html_row *row = layout->table->first; row; row = row->next)
		for (struct html_cell *cell = row->first; cell; cell = cell->next)
			if (cell->span > 1 && cell->block.count && !is_over_used(layout, cell))
				layout->is_used[cell->column] = true;
}

/* Columns in which nothing begins are only room. */
static void drop_empty_columns(struct layout *layout)
{
	place_spans(layout);
	for (int i = 0; i < GRID_MAX; i++) {
		layout->number[i] = layout->count;
		layout->count += layout->is_used[i];
	}
	layout->number[GRID_MAX] = layout->count;
}

static int first_column(const struct layout *layout, const struct html_cell *cell)
{
	return layout->number[cell->column];
}

static int last_column(const struct layout *layout, const struct html_cell *cell)
{
	int end = layout->number[cell->column + cell->span];

	return end > first_column(layout, cell) ? end - 1 : first_column(layout, cell);
}

/* --- which rows stand side by side --- */

static bool is_article(const struct html_cell *cell)
{
	if (cell->block.count > CELL_LINES || cell->block.len > CELL_LONG)
		return true;
	for (const struct html_paragraph *p = cell->block.first; p; p = p->next)
		if (p->is_rule || p->laid >= LAID_MAX)
			return true;
	return false;
}

static size_t filled_cells(const struct html_row *row)
{
	size_t count = 0;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next)
		count += cell->block.count > 0;
	return count;
}

static bool is_side_by_side(const struct html_row *row)
{
	size_t filled = 0, prose = 0;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		if (!cell->block.count)
			continue;
		filled++;
		prose += cell->block.len > PROSE && cell->block.count < 3;
		if (is_article(cell))
			return false;
	}
	return filled > 1 && prose < 2;
}

/* --- widths --- */

static int longest_word(const struct html_paragraph *p)
{
	int longest = 0;
	uint32_t from = 0;

	for (uint32_t at = 0; at <= p->len; at++)
		if (at == p->len || p->text[at] == ' ') {
			int width = wrap_width(p->text + from, at - from, 0);

			longest = width > longest ? width : longest;
			from = at + 1;
		}
	return longest > WORD_MAX ? WORD_MAX : longest;
}

static void measure(const struct layout *layout, const struct html_cell *cell, int *least, int *most)
{
	*least = *most = 0;
	for (const struct html_paragraph *p = cell->block.first; p; p = p->next) {
		int extra = p->hang > layout->table->indent ? p->hang - layout->table->indent : 0;
		int bars = (p->depth - layout->table->depth) * 2;
		int width = wrap_width(p->text, p->len, 0) + extra + bars;
		int word = p->laid ? width : longest_word(p) + extra + bars;

		*most = width > *most ? width : *most;
		*least = word > *least ? word : *least;
	}
}

static int sum(const int *widths, int from, int to)
{
	int all = GAP * (to - from);

	for (int i = from; i <= to; i++)
		all += widths[i];
	return all;
}

/* Cells over one column first, then what spans more widens its last column. */
static void measure_row(struct layout *layout, const struct html_row *row, bool spans)
{
	int least, most;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		int from = first_column(layout, cell), to = last_column(layout, cell);

		if (!cell->block.count || (to > from) != spans)
			continue;
		measure(layout, cell, &least, &most);
		most -= spans ? sum(layout->most, from, to - 1) + GAP : 0;
		least -= spans ? sum(layout->least, from, to - 1) + GAP : 0;
		layout->most[to] = most > layout->most[to] ? most : layout->most[to];
		layout->least[to] = least > layout->least[to] ? least : layout->least[to];
	}
}

static bool measure_rows(struct layout *layout)
{
	bool any = false;

	for (int pass = 0; pass < 2; pass++)
		for (const struct html_row *row = layout->table->first; row; row = row->next)
			if (is_side_by_side(row)) {
				measure_row(layout, row, pass);
				any = true;
			}
	return any;
}

static int limited_width(const struct layout *layout, int column, int limit)
{
	int most = layout->most[column], least = layout->least[column];

	return most <= limit ? most : least > limit ? least : limit;
}

static void limit_widths(struct layout *layout, int limit)
{
	for (int i = 0; i < layout->count; i++)
		layout->width[i] = limited_width(layout, i, limit);
}

/* The widest columns give way, none below its longest word; false: that is not enough, or too much. */
static bool share(struct layout *layout, int room)
{
	int limit = room, last = layout->count - 1;

	if (sum(layout->least, 0, last) > room)
		return false;
	do
		limit_widths(layout, limit);
	while (sum(layout->width, 0, last) > room && --limit > 0);
	for (int i = 0; i < layout->count; i++)
		if (layout->width[i] < NARROW && layout->most[i] > NARROW * 4)
			return false;
	return true;
}

/* --- rows of the screen --- */

struct cursor {
	const struct html_paragraph *paragraph;
	uint32_t at;
};

struct laid {
	struct buf text;
	struct doc_run *runs;
	size_t count, cap;
};

static void add_cell_runs(struct laid *laid, const struct html_paragraph *paragraph, uint32_t from,
			  uint32_t to)
{
	for (uint32_t i = 0; i < paragraph->run_count; i++) {
		struct doc_run run = paragraph->runs[i];
		uint32_t start = run.start > from ? run.start : from;
		uint32_t end = run.start + run.len < to ? run.start + run.len : to;

		if (start >= end)
			continue;
		run.start = (uint32_t)laid->text.len + start - from;
		run.len = end - start;
		ARRAY_ROOM(laid->runs, laid->count, laid->cap);
		laid->runs[laid->count++] = run;
	}
}

static void add_blanks(struct laid *laid, int count)
{
	while (count-- > 0)
		buf_add_char(&laid->text, ' ');
}

/* Bars and indents that a paragraph has within its cell. */
static int add_front(struct laid *laid, const struct html_table *table, const struct cursor *cursor)
{
	const struct html_paragraph *p = cursor->paragraph;
	int indent = (cursor->at ? p->hang : p->indent) - table->indent;
	int bars = p->depth - table->depth;

	for (int i = 0; i < bars; i++)
		buf_add_str(&laid->text, "┃ ");
	add_blanks(laid, indent);
	return (bars > 0 ? bars * 2 : 0) + (indent > 0 ? indent : 0);
}

/* One row of one cell, padded to WIDTH. */
static void lay_cell(struct laid *laid, const struct html_table *table, const struct html_cell *cell,
		     struct cursor *cursor, int width)
{
	const struct html_paragraph *p = cursor->paragraph;
	uint32_t from = cursor->at, end, trimmed;
	int used, front;
	bool is_right;

	if (!p) {
		add_blanks(laid, width);
		return;
	}
	front = add_front(laid, table, cursor);
	end = from + (uint32_t)wrap_row(p->text + from, p->len - from,
					width > front ? width - front : 1);
	for (trimmed = end; trimmed > from && p->text[trimmed - 1] == ' ';)
		trimmed--;
	used = front + wrap_width(p->text + from, trimmed - from, 0);
	is_right = (cell->is_right || p->is_right) && p->len <= NUMBER_MAX;
	if (is_right)
		add_blanks(laid, width - used);
	add_cell_runs(laid, p, from, trimmed);
	buf_add(&laid->text, p->text + from, trimmed - from);
	if (!is_right)
		add_blanks(laid, width - used);
	cursor->at = end;
	if (end >= p->len)
		*cursor = (struct cursor){p->next, 0};
}

static void emit(struct layout *layout, struct laid *laid, int times, bool has_blank_before)
{
	struct html_flow *flow = layout->flow;
	struct html_paragraph *p = arena_alloc(flow->arena, sizeof *p);

	while (laid->text.len && laid->text.data[laid->text.len - 1] == ' ')
		buf_truncate(&laid->text, laid->text.len - 1);
	p->text = arena_strndup(flow->arena, buf_str(&laid->text), laid->text.len);
	p->len = (uint32_t)laid->text.len;
	p->runs = ARENA_ARRAY(flow->arena, struct doc_run, laid->count + 1);
	p->run_count = (uint32_t)laid->count;
	if (laid->count)
		memcpy(p->runs, laid->runs, laid->count * sizeof *laid->runs);
	p->indent = p->hang = (unsigned char)(layout->table->indent > 40 ? 40 : layout->table->indent);
	p->depth = (unsigned char)(layout->table->depth > 255 ? 255 : layout->table->depth);
	p->laid = (unsigned char)times;
	p->has_blank_before = has_blank_before;
	html_flow_put(flow, p);
	buf_clear(&laid->text);
	laid->count = 0;
}

static int times_laid(const struct html_row *row)
{
	int times = 0;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next)
		for (const struct html_paragraph *p = cell->block.first; p; p = p->next)
			times = p->laid > times ? p->laid : times;
	return times + 1;
}

/* Cells that can be seen, with their places. */
struct place {
	const struct html_cell *cell;
	struct cursor cursor;
	int x, width;
};

static int column_x(const struct layout *layout, int column)
{
	return column ? sum(layout->width, 0, column - 1) + GAP : 0;
}

/* A cell with nothing to its right may use that room. */
static size_t place_row(const struct layout *layout, const struct html_row *row, struct place *places)
{
	size_t count = 0;

	for (const struct html_cell *cell = row->first; cell && count < COLUMNS_MAX; cell = cell->next) {
		int from = first_column(layout, cell), to = last_column(layout, cell);

		if (!cell->block.count)
			continue;
		places[count].cell = cell;
		places[count].cursor = (struct cursor){cell->block.first, 0};
		places[count].x = column_x(layout, from);
		places[count].width = sum(layout->width, from, to);
		count++;
	}
	return count;
}

static void lay_row(struct layout *layout, const struct html_row *row, bool has_blank_before)
{
	struct place places[COLUMNS_MAX];
	struct laid laid = {BUF_INIT, NULL, 0, 0};
	size_t count = place_row(layout, row, places);
	int times = times_laid(row);
	bool any = true;

	while (any) {
		int x = 0;

		any = false;
		for (size_t i = 0; i < count; i++)
			any |= places[i].cursor.paragraph != NULL;
		for (size_t i = 0; any && i < count; i++) {
			add_blanks(&laid, places[i].x - x);
			lay_cell(&laid, layout->table, places[i].cell, &places[i].cursor,
				 places[i].width);
			x = places[i].x + places[i].width;
		}
		if (any)
			emit(layout, &laid, times, has_blank_before);
		has_blank_before = false;
	}
	buf_free(&laid.text);
	free(laid.runs);
}

/* --- cell by cell --- */

static bool is_big(const struct html_row *row)
{
	size_t len = 0, count = 0;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		len += cell->block.len;
		count += cell->block.count;
	}
	return len > BIG || count > 1;
}

static void lay_cells(struct html_flow *flow, const struct html_row *row, bool has_blank_before)
{
	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		if (!cell->block.count)
			continue;
		cell->block.first->has_blank_before |= has_blank_before;
		has_blank_before = cell->block.count > 2 || cell->block.len > BIG;
		html_flow_put_block(flow, &cell->block);
	}
}

static void lay_flat(struct html_flow *flow, const struct html_table *table)
{
	bool was_big = false, is_first = true;
	size_t rows = 0;

	for (const struct html_row *row = table->first; row; row = row->next) {
		bool big = is_big(row);

		if (!filled_cells(row))
			continue;
		lay_cells(flow, row, !is_first && (big || was_big));
		was_big = big;
		is_first = false;
		rows += big ? 2 : 1;
	}
	if (rows > 1 && flow->wants_break)
		flow->wants_break = 2;
}

/* --- records: what has names for its columns and does not fit --- */

static void add_paragraph_to(struct laid *laid, const struct html_cell *cell)
{
	for (const struct html_paragraph *p = cell->block.first; p; p = p->next) {
		if (laid->text.len)
			buf_add_char(&laid->text, ' ');
		add_cell_runs(laid, p, 0, p->len);
		buf_add(&laid->text, p->text, p->len);
	}
}

static const struct html_cell *header_of(const struct layout *layout, const struct html_row *names,
					 const struct html_cell *cell)
{
	for (const struct html_cell *head = names->first; head; head = head->next)
		if (first_column(layout, head) <= first_column(layout, cell) &&
		    last_column(layout, head) >= first_column(layout, cell) && head->block.count)
			return head;
	return NULL;
}

static void lay_record(struct layout *layout, const struct html_row *names, const struct html_row *row)
{
	struct laid laid = {BUF_INIT, NULL, 0, 0};
	const struct html_cell *head;
	bool has_blank_before = true;

	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		if (!cell->block.count)
			continue;
		if ((head = header_of(layout, names, cell))) {
			add_paragraph_to(&laid, head);
			buf_add_str(&laid.text, ":");
		}
		add_paragraph_to(&laid, cell);
		emit(layout, &laid, 0, has_blank_before);
		has_blank_before = false;
	}
	buf_free(&laid.text);
	free(laid.runs);
}

static void lay_records(struct layout *layout, const struct html_row *names)
{
	bool is_title = true;

	for (const struct html_row *row = layout->table->first; row; row = row->next) {
		if (row == names)
			is_title = false;
		else if (is_title)
			lay_cells(layout->flow, row, false);
		else
			lay_record(layout, names, row);
	}
}

/* --- rows whose cells do not stand side by side: each a paragraph --- */

static bool is_value(const struct html_cell *cell)
{
	return cell->block.count <= 1 && cell->block.len <= VALUE_MAX && !is_article(cell);
}

static bool has_values(const struct html_row *row)
{
	for (const struct html_cell *cell = row->first; cell; cell = cell->next)
		if (!is_value(cell))
			return false;
	return filled_cells(row) > 1;
}

/* Many columns of short cells, row after row: data, and no means to arrange a page. */
static bool is_data(const struct layout *layout)
{
	size_t rows = 0, others = 0;

	for (const struct html_row *row = layout->table->first; row; row = row->next) {
		bool is_one = filled_cells(row) >= DATA_CELLS && has_values(row);

		rows += is_one;
		others += !is_one && filled_cells(row) > 1;
	}
	return rows > 1 && !others;
}

/* An empty cell keeps its place. */
static void lay_joined(struct layout *layout, const struct html_row *row, bool has_blank_before)
{
	struct laid laid = {BUF_INIT, NULL, 0, 0};

	for (const struct html_cell *cell = row->first; cell; cell = cell->next) {
		if (cell != row->first)
			buf_add_str(&laid.text, laid.text.len ? " |" : "|");
		add_paragraph_to(&laid, cell);
	}
	emit(layout, &laid, 0, has_blank_before);
	buf_free(&laid.text);
	free(laid.runs);
}

static void lay_rows(struct layout *layout)
{
	bool is_first = true;

	for (const struct html_row *row = layout->table->first; row; row = row->next) {
		if (!filled_cells(row))
			continue;
		if (has_values(row))
			lay_joined(layout, row, !is_first);
		else
			lay_cells(layout->flow, row, !is_first);
		is_first = false;
	}
	layout->flow->wants_break = 2;
}

/* <th>, or bold all through, or a word without a number over many columns. */
static bool is_name(const struct layout *layout, const struct html_cell *cell)
{
	const struct html_paragraph *p = cell->block.first;

	if (!p || cell->is_header)
		return cell->block.len < 60;
	if (cell->block.count > 1 || p->len >= 60)
		return false;
	if (p->run_count == 1 && p->runs[0].style == STYLE_BOLD && p->runs[0].len == p->len)
		return true;
	for (uint32_t i = 0; i < p->len; i++)
		if (char_is_digit(p->text[i]))
			return false;
	return layout->count > 3 && p->len < 24 && !p->run_count;
}

/* The row that names the columns, with two more below it; NULL: none. */
static const struct html_row *names_of(const struct layout *layout)
{
	const struct html_row *row = layout->table->first;

	while (row && filled_cells(row) < 2)
		row = row->next;
	if (!layout->count || !row || !row->next || !row->next->next || (int)filled_cells(row) < layout->count)
		return NULL;
	for (const struct html_cell *cell = row->first; cell; cell = cell->next)
		if (!is_name(layout, cell))
			return NULL;
	return row;
}

/* --- all together --- */

static bool is_high(const struct layout *layout, const struct html_cell *cell)
{
	int from = first_column(layout, cell), to = last_column(layout, cell), least, most;

	if (cell->block.count != 1 || is_article(cell))
		return cell->block.count > 1;
	measure(layout, cell, &least, &most);
	return most > sum(layout->width, from, to);
}

/* Rows that take several lines need a blank one between them. */
static bool is_airy(const struct layout *layout)
{
	size_t rows = 0, high = 0;

	for (const struct html_row *row = layout->table->first; row; row = row->next) {
		bool is_one_high = false;

		for (const struct html_cell *cell = row->first; cell; cell = cell->next)
			is_one_high |= is_high(layout, cell);
		rows += filled_cells(row) > 0;
		high += is_one_high;
	}
	return rows > 1 && high * 2 >= rows;
}

/* A row that does not stand side by side; a lone cell in a later column keeps its place. */
static bool is_flat(const struct layout *layout, const struct html_row *row)
{
	if (is_side_by_side(row))
		return false;
	for (const struct html_cell *cell = row->first; cell && filled_cells(row) == 1; cell = cell->next)
		if (cell->block.count)
			return is_article(cell) || cell->block.len > BIG ||
			       (first_column(layout, cell) == 0 && !cell->is_right);
	return true;
}

static void lay_columns(struct layout *layout)
{
	bool is_first = true, was_big = false;

	for (const struct html_row *row = layout->table->first; row; row = row->next) {
		bool flat = is_flat(layout, row), big = flat && is_big(row);
		bool blank = !is_first && (layout->is_airy || big || was_big);

		if (!filled_cells(row))
			continue;
		if (flat)
			lay_cells(layout->flow, row, blank);
		else
			lay_row(layout, row, blank || is_first);
		was_big = big;
		is_first = false;
	}
}

static bool has_columns(struct layout *layout)
{
	if (!place_cells(layout))
		return false;
	drop_empty_columns(layout);
	return layout->count > 1 && layout->count <= COLUMNS_MAX && measure_rows(layout);
}

void html_table_end(struct html_flow *flow)
{
	const struct html_table *table = flow->table;
	struct layout layout = {.flow = flow, .table = table};
	const struct html_row *names;
	int room = flow->width - table->indent - table->depth * 2;

	flow->table = table->outer;
	if (!has_columns(&layout) && !is_data(&layout)) {
		lay_flat(flow, table);
		return;
	}
	flow->doc->width = flow->width;
	if (layout.count && layout.count <= COLUMNS_MAX && share(&layout, room)) {
		layout.is_airy = is_airy(&layout);
		lay_columns(&layout);
		flow->wants_break = 2;
	} else if ((names = names_of(&layout))) {
		lay_records(&layout, names);
		flow->wants_break = 2;
	} else if (is_data(&layout)) {
		lay_rows(&layout);
	} else {
		lay_flat(flow, table);
	}
}
