#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/render/wrap.h"

#define COLUMNS_MAX  24 /* a table with more is shown cell by cell */
#define GAP	     2	/* between columns */
#define COLUMN_LEAST 6	/* narrower columns are no table any more */
#define CELL_LINES   8	/* cells with more paragraphs are articles, not data */
#define CELL_LONG    240

struct html_table *html_table_new(void)
{
	return mem_alloc(sizeof(struct html_table));
}

void html_table_free(struct html_table **table)
{
	if (!*table)
		return;
	for (size_t i = 0; i < (*table)->count; i++) {
		struct html_row *row = &(*table)->rows[i];

		for (size_t k = 0; k < row->count; k++)
			free(row->cells[k].paragraphs);
		free(row->cells);
	}
	free((*table)->rows);
	free(*table);
	*table = NULL;
}

void html_table_row(struct html_table *table)
{
	ARRAY_ROOM(table->rows, table->count, table->cap);
	memset(&table->rows[table->count++], 0, sizeof *table->rows);
}

void html_table_cell(struct html_table *table, bool is_right)
{
	struct html_row *row;

	if (!table->count)
		html_table_row(table);
	row = &table->rows[table->count - 1];
	ARRAY_ROOM(row->cells, row->count, row->cap);
	memset(&row->cells[row->count], 0, sizeof *row->cells);
	row->cells[row->count++].is_right = is_right;
}

struct html_cell *html_table_last(struct html_table *table)
{
	struct html_row *row;

	if (!table->count || !table->rows[table->count - 1].count)
		html_table_cell(table, false);
	row = &table->rows[table->count - 1];
	return &row->cells[row->count - 1];
}

/* --- columns --- */

static int cell_width(const struct html_cell *cell)
{
	int widest = 0;

	for (size_t i = 0; i < cell->count; i++) {
		int width = wrap_width(cell->paragraphs[i].text, cell->paragraphs[i].len, 0);

		widest = width > widest ? width : widest;
	}
	return widest;
}

static bool is_article(const struct html_cell *cell)
{
	size_t len = 0;

	for (size_t i = 0; i < cell->count; i++)
		len += cell->paragraphs[i].len;
	return cell->count > CELL_LINES || len > CELL_LONG;
}

/* Columns nothing stands in go. */
static void drop_empty_columns(struct html_table *table, size_t columns)
{
	for (size_t column = columns; column-- > 0;) {
		bool is_empty = true;

		for (size_t i = 0; i < table->count && is_empty; i++)
			is_empty = table->rows[i].count <= column ||
				   !table->rows[i].cells[column].count;
		for (size_t i = 0; i < table->count && is_empty; i++) {
			struct html_row *row = &table->rows[i];

			if (row->count <= column)
				continue;
			free(row->cells[column].paragraphs);
			memmove(row->cells + column, row->cells + column + 1,
				(row->count - column - 1) * sizeof *row->cells);
			row->count--;
		}
	}
}

static size_t columns_of(const struct html_table *table)
{
	size_t most = 0;

	for (size_t i = 0; i < table->count; i++)
		most = table->rows[i].count > most ? table->rows[i].count : most;
	return most;
}

static bool has_articles(const struct html_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		for (size_t k = 0; k < table->rows[i].count; k++)
			if (is_article(&table->rows[i].cells[k]))
				return true;
	return false;
}

static void natural_widths(const struct html_table *table, int *widths)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct html_row *row = &table->rows[i];

		for (size_t k = 0; row->count > 1 && k < row->count; k++) {
			int width = cell_width(&row->cells[k]);

			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
}

/* Narrows the widest ones until all fit; false when that makes no readable table. */
static bool fit_widths(int *widths, size_t count, int room)
{
	int sum = 0, most;

	room -= GAP * (int)(count - 1);
	for (size_t i = 0; i < count; i++)
		sum += widths[i];
	while (sum > room) {
		size_t widest = 0;

		for (size_t i = 1; i < count; i++)
			widest = widths[i] > widths[widest] ? i : widest;
		most = widths[widest] - (sum - room);
		if (widths[widest] <= COLUMN_LEAST)
			return false;
		most = most > widths[widest] - 4 ? most : widths[widest] - 4;
		sum -= widths[widest] - most;
		widths[widest] = most;
	}
	return true;
}

/* --- rows of the screen --- */

struct cursor {
	size_t paragraph;
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

/* One row of one cell, padded to WIDTH. false: the cell had nothing left. */
static bool lay_cell(struct laid *laid, const struct html_cell *cell, struct cursor *cursor, int width)
{
	const struct html_paragraph *paragraph = &cell->paragraphs[cursor->paragraph];
	uint32_t from = cursor->at, end, trimmed;
	int used;

	if (cursor->paragraph >= cell->count) {
		add_blanks(laid, width);
		return false;
	}
	end = from + (uint32_t)wrap_row(paragraph->text + from, paragraph->len - from, width);
	for (trimmed = end; trimmed > from && paragraph->text[trimmed - 1] == ' ';)
		trimmed--;
	used = wrap_width(paragraph->text + from, trimmed - from, 0);
	if (cell->is_right)
		add_blanks(laid, width - used);
	add_cell_runs(laid, paragraph, from, trimmed);
	buf_add(&laid->text, paragraph->text + from, trimmed - from);
	if (!cell->is_right)
		add_blanks(laid, width - used);
	cursor->at = end;
	if (end >= paragraph->len)
		*cursor = (struct cursor){cursor->paragraph + 1, 0};
	return true;
}

static void emit(struct html_flow *flow, struct laid *laid)
{
	struct doc_line *line;

	while (laid->text.len && laid->text.data[laid->text.len - 1] == ' ')
		buf_truncate(&laid->text, laid->text.len - 1);
	line = doc_add(flow->doc, STYLE_NORMAL, flow->depth, buf_str(&laid->text), laid->text.len);
	line->indent = line->hang = (unsigned char)(flow->indent > 40 ? 40 : flow->indent);
	doc_set_runs(flow->doc, line, laid->runs, laid->count);
	buf_clear(&laid->text);
	laid->count = 0;
}

static void lay_row(const struct html_row *row, struct html_flow *flow, const int *widths)
{
	struct cursor cursors[COLUMNS_MAX] = {{0, 0}};
	struct laid laid = {BUF_INIT, NULL, 0, 0};
	bool any = true;

	while (any) {
		any = false;
		for (size_t k = 0; k < row->count; k++) {
			if (k)
				add_blanks(&laid, GAP);
			if (lay_cell(&laid, &row->cells[k], &cursors[k], widths[k]))
				any = true;
		}
		if (any)
			emit(flow, &laid);
	}
	buf_free(&laid.text);
	free(laid.runs);
}

static void lay_paragraphs(const struct html_cell *cell, struct html_flow *flow)
{
	for (size_t i = 0; i < cell->count; i++) {
		const struct html_paragraph *paragraph = &cell->paragraphs[i];
		struct doc_line *line = doc_add(flow->doc, STYLE_NORMAL, flow->depth,
						paragraph->text, paragraph->len);

		line->indent = line->hang = (unsigned char)(flow->indent > 40 ? 40 : flow->indent);
		doc_set_runs(flow->doc, line, paragraph->runs, paragraph->run_count);
	}
}

static void lay_cells(const struct html_row *row, struct html_flow *flow)
{
	for (size_t k = 0; k < row->count; k++)
		lay_paragraphs(&row->cells[k], flow);
}

void html_table_lay(struct html_table *table, struct html_flow *flow)
{
	int widths[COLUMNS_MAX] = {0};
	size_t columns;
	bool in_columns;

	drop_empty_columns(table, columns_of(table));
	columns = columns_of(table);
	in_columns = columns > 1 && columns <= COLUMNS_MAX && !has_articles(table);
	if (in_columns) {
		natural_widths(table, widths);
		in_columns = fit_widths(widths, columns, flow->width - flow->indent - flow->depth * 2);
		flow->doc->width = flow->width;
	}
	if (flow->wants_break > 1)
		doc_add_blank(flow->doc);
	for (size_t i = 0; i < table->count; i++) {
		if (in_columns && table->rows[i].count > 1)
			lay_row(&table->rows[i], flow, widths);
		else
			lay_cells(&table->rows[i], flow);
	}
}
