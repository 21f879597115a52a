/* What `tern show --json` does, done by GMime, for the measure in show.sh: header fields decoded,
 *every part decoded, sized (and digested with -d), the text in UTF-8, one JSON object a line.
 *	peer-gmime [-d] < list of files
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

struct show {
	GString *out;
	gboolean has_digests, is_text_done;
	GString *text;
};

static void add_quoted(GString *out, const char *text)
{
	const char *from = text;

	if (!text) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if ((unsigned char)*text >= ' ' && *text != '"' && *text != '\\')
			continue;
		g_string_append_len(out, from, text - from);
		g_string_append_printf(out, "\\u%04x", (unsigned char)*text);
		from = text + 1;
	}
	g_string_append_len(out, from, text - from);
	g_string_append_c(out, '"');
}

static void add_member(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, "\"%s\":", name);
	add_quoted(out, text);
	g_string_append_c(out, ',');
}

static void add_addresses(struct show *show, const char *name, InternetAddressList *list)
{
	int i, count = list ? internet_address_list_length(list) : 0;

	g_string_append_printf(show->out, "\"%s\":[", name);
	for (i = 0; i < count; i++) {
		InternetAddress *one = internet_address_list_get_address(list, i);
		const char *addr =
		    INTERNET_ADDRESS_IS_MAILBOX(one)
			? internet_address_mailbox_get_addr((InternetAddressMailbox *)one)
			: "";

		g_string_append(show->out, i ? ",{" : "{");
		add_member(show->out, "name", internet_address_get_name(one));
		add_member(show->out, "addr", addr);
		show->out->str[show->out->len - 1] = '}';
	}
	g_string_append(show->out, "],");
}

static void add_references(struct show *show, GMimeMessage *message)
{
	const char *raw = g_mime_object_get_header((GMimeObject *)message, "References");
	GMimeReferences *list = raw ? g_mime_references_parse(NULL, raw) : NULL;
	int i, count = list ? g_mime_references_length(list) : 0;

	g_string_append(show->out, "\"references\":[");
	for (i = 0; i < count; i++) {
		if (i)
			g_string_append_c(show->out, ',');
		add_quoted(show->out, g_mime_references_get_message_id(list, i));
	}
	g_string_append(show->out, "],");
	if (list)
		g_mime_references_free(list);
}

static void add_text(struct show *show, const char *charset, GByteArray *bytes)
{
	GMimeStream *memory = g_mime_stream_mem_new(), *filtered;
	GMimeFilter *filter = g_mime_filter_charset_new(charset ? charset : "us-ascii", "utf-8");
	GByteArray *text;

	filtered = g_mime_stream_filter_new(memory);
	if (filter) {
		g_mime_stream_filter_add((GMimeStreamFilter *)filtered, filter);
		g_object_unref(filter);
	}
	g_mime_stream_write(filtered, (char *)bytes->data, bytes->len);
	g_mime_stream_flush(filtered);
	text = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)memory);
	g_string_append_len(show->text, (char *)text->data, text->len);
	g_object_unref(filtered);
	g_object_unref(memory);
	show->is_text_done = TRUE;
}

static void add_content(struct show *show, GMimePart *part, GMimeContentType *type)
{
	GMimeStream *memory = g_mime_stream_mem_new();
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GByteArray *bytes;

	if (content)
		g_mime_data_wrapper_write_to_stream(content, memory);
	bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)memory);
	g_string_append_printf(show->out, "\"size\":%u,", bytes->len);
	if (show->has_digests) {
		char *hex = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data, bytes->len);

		add_member(show->out, "sha256", hex);
		g_free(hex);
	}
	if (!show->is_text_done && g_mime_content_type_is_type(type, "text", "*"))
		add_text(show, g_mime_content_type_get_parameter(type, "charset"), bytes);
	g_object_unref(memory);
}

static void add_part(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	struct show *show = data;
	GMimeContentType *type = g_mime_object_get_content_type(part);
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(part);
	char *name = g_mime_content_type_get_mime_type(type);

	(void)parent;
	g_string_append_c(show->out, '{');
	add_member(show->out, "type", name);
	add_member(show->out, "charset", g_mime_content_type_get_parameter(type, "charset"));
	add_member(show->out, "disposition",
		   disposition ? g_mime_content_disposition_get_disposition(disposition) : NULL);
	if (GMIME_IS_PART(part)) {
		add_member(show->out, "filename", g_mime_part_get_filename((GMimePart *)part));
		add_member(show->out, "encoding",
			   g_mime_content_encoding_to_string(
			       g_mime_part_get_content_encoding((GMimePart *)part)));
		add_content(show, (GMimePart *)part, type);
	}
	show->out->str[show->out->len - 1] = '}';
	g_string_append_c(show->out, ',');
	g_free(name);
}

static void show_message(struct show *show, GMimeMessage *message)
{
	GDateTime *date = g_mime_message_get_date(message);

	add_member(show->out, "subject", g_mime_message_get_subject(message));
	add_addresses(show, "from", g_mime_message_get_from(message));
	add_addresses(show, "to", g_mime_message_get_to(message));
	add_addresses(show, "cc", g_mime_message_get_cc(message));
	g_string_append_printf(show->out, "\"date\":%lld,",
			       date ? (long long)g_date_time_to_unix(date) : 0);
	add_member(show->out, "message_id", g_mime_message_get_message_id(message));
	add_references(show, message);
	g_string_append(show->out, "\"parts\":[");
	g_string_truncate(show->text, 0);
	show->is_text_done = FALSE;
	if (g_mime_message_get_mime_part(message))
		add_part(NULL, g_mime_message_get_mime_part(message), show);
	if (GMIME_IS_MULTIPART(g_mime_message_get_mime_part(message)))
		g_mime_message_foreach(message, add_part, show);
	show->out->str[show->out->len - 1] = ']';
	g_string_append(show->out, ",\"text\":");
	add_quoted(show->out, show->text->str);
	g_string_append(show->out, "}\n");
}

static void show_file(struct show *show, const char *path)
{
	GMimeStream *stream = g_mime_stream_file_open(path, "r", NULL);
	GMimeParser *parser;
	GMimeMessage *message;

	if (!stream)
		return;
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	g_string_truncate(show->out, 0);
	g_string_append_c(show->out, '{');
	add_member(show->out, "file", path);
	if (message) {
		show_message(show, message);
		fwrite(show->out->str, 1, show->out->len, stdout);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

int main(int argc, char **argv)
{
	struct show show = {.has_digests = argc > 1 && strcmp(argv[1], "-d") == 0};
	static char path[8192];

	g_mime_init();
	show.out = g_string_new("");
	show.text = g_string_new("");
	while (fgets(path, sizeof path, stdin)) {
		path[strcspn(path, "\n")] = '\0';
		show_file(&show, path);
	}
	g_string_free(show.out, TRUE);
	g_string_free(show.text, TRUE);
	g_mime_shutdown();
	return 0;
}
