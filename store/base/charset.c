#include "config.h"
#include "store/base/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <uchardet.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define NAME_MAX_BYTES 32
#define GUESS_MAX      65536 /* bytes uchardet looks at */
#define ESCAPE	       0x1b
#define HELD_MAX       16 /* the longest beginning of a character, with what shifts to it */
#define KEPT_MAX       8  /* converters a reader keeps open */
#define RARE_MIN       40 /* 8-bit bytes that a guess of a rare set must rest on */
#define HZ	       "HZ" /* GB 2312 in seven bits (RFC 1843); iconv has none, we make GB18030 of it */

/* NAME is squeezed: lower case letters and digits only. What is not here does not reach iconv (its
 * rarer converters have had holes: CVE-2024-2961). The web reads gb2312, latin-1, ascii, latin-5, tis
 * and shift_jis as their larger relatives, and so do we. Sorted. */
static const struct alias {
	const char *name, *iconv;
} aliases[] = {
    {"ansix341968", "US-ASCII"},
    {"arabic", "ISO-8859-6"},
    {"armscii8", "ARMSCII-8"},
    {"ascii", "US-ASCII"},
    {"asmo708", "ISO-8859-6"},
    {"big5", "CP950"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"cnbig5", "CP950"},
    {"cngb", "GB18030"},
    {"cp1125", "CP1125"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1252", "CP1252"},
    {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},
    {"cp1255", "CP1255"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp1258", "CP1258"},
    {"cp367", "US-ASCII"},
    {"cp437", "CP437"},
    {"cp737", "CP737"},
    {"cp775", "CP775"},
    {"cp819", "CP1252"},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"cp855", "CP855"},
    {"cp857", "CP857"},
    {"cp858", "CP858"},
    {"cp860", "CP860"},
    {"cp861", "CP861"},
    {"cp862", "CP862"},
    {"cp863", "CP863"},
    {"cp864", "CP864"},
    {"cp865", "CP865"},
    {"cp866", "CP866"},
    {"cp869", "CP869"},
    {"cp874", "CP874"},
    {"cp932", "CP932"},
    {"cp936", "GB18030"},
    {"cp949", "CP949"},
    {"cp950", "CP950"},
    {"csbig5", "CP950"},
    {"cseuckr", "CP949"},
    {"cseucpkdfmtjapanese", "EUC-JP"},
    {"csgb2312", "GB18030"},
    {"csiso2022jp", "ISO-2022-JP"},
    {"csiso2022kr", "ISO-2022-KR"},
    {"csisolatin1", "CP1252"},
    {"csisolatin2", "ISO-8859-2"},
    {"cskoi8r", "KOI8-R"},
    {"csksc56011987", "CP949"},
    {"csshiftjis", "CP932"},
    {"cyrillic", "ISO-8859-5"},
    {"ecma114", "ISO-8859-6"},
    {"ecma118", "ISO-8859-7"},
    {"elot928", "ISO-8859-7"},
    {"eucgb2312cn", "GB18030"},
    {"eucjp", "EUC-JP"},
    {"euckr", "CP949"},
    {"euctw", "EUC-TW"},
    {"gb18030", "GB18030"},
    {"gb180302005", "GB18030"},
    {"gb180302022", "GB18030"},
    {"gb2312", "GB18030"},
    {"gb231280", "GB18030"},
    {"gbk", "GB18030"},
    {"georgianps", "GEORGIAN-PS"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"hpromam8", "HP-ROMAN8"},
    {"hproman8", "HP-ROMAN8"},
    {"hz", HZ},
    {"hzgb2312", HZ},
    {"ibm367", "US-ASCII"},
    {"ibm437", "CP437"},
    {"ibm819", "CP1252"},
    {"ibm850", "CP850"},
    {"ibm852", "CP852"},
    {"ibm855", "CP855"},
    {"ibm862", "CP862"},
    {"ibm866", "CP866"},
    {"iso10646ucs2", "UCS-2BE"},
    {"iso2022cn", "ISO-2022-CN"},
    {"iso2022jp", "ISO-2022-JP-3"},
    {"iso2022jp1", "ISO-2022-JP-2"},
    {"iso2022jp2", "ISO-2022-JP-2"},
    {"iso2022jp2004", "ISO-2022-JP-3"},
    {"iso2022jp3", "ISO-2022-JP-3"},
    {"iso2022jpms", "ISO-2022-JP-3"},
    {"iso2022kr", "ISO-2022-KR"},
    {"iso646us", "US-ASCII"},
    {"iso88591", "CP1252"},
    {"iso885910", "ISO-8859-10"},
    {"iso885911", "CP874"},
    {"iso885913", "ISO-8859-13"},
    {"iso885914", "ISO-8859-14"},
    {"iso885915", "ISO-8859-15"},
    {"iso885916", "ISO-8859-16"},
    {"iso88592", "ISO-8859-2"},
    {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"},
    {"iso88595", "ISO-8859-5"},
    {"iso88596", "ISO-8859-6"},
    {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"},
    {"iso88598e", "ISO-8859-8"},
    {"iso88598i", "ISO-8859-8"},
    {"iso88599", "CP1254"},
    {"isoir100", "CP1252"},
    {"johab", "JOHAB"},
    {"koi8", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8ru", "KOI8-U"},
    {"koi8t", "KOI8-T"},
    {"koi8u", "KOI8-U"},
    {"korean", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc56011987", "CP949"},
    {"ksc56011989", "CP949"},
    {"l1", "CP1252"},
    {"l2", "ISO-8859-2"},
    {"latin1", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"latin5", "CP1254"},
    {"latin6", "ISO-8859-10"},
    {"latin9", "ISO-8859-15"},
    {"mac", "MACINTOSH"},
    {"maccentraleurope", "MAC-CENTRALEUROPE"},
    {"maccyrillic", "MAC-CYRILLIC"},
    {"macintosh", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"macukraine", "MAC-CYRILLIC"},
    {"ms874", "CP874"},
    {"ms932", "CP932"},
    {"ms936", "GB18030"},
    {"ms949", "CP949"},
    {"mskanji", "CP932"},
    {"ptcp154", "PT154"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"tcvn", "TCVN"},
    {"tis620", "CP874"},
    {"ucs2", "UCS-2BE"},
    {"ucs4", "UTF-32BE"},
    {"uhc", "CP949"},
    {"unicode11utf7", "UTF-7"},
    {"unicode11utf8", "UTF-8"},
    {"unicode20utf8", "UTF-8"},
    {"us", "US-ASCII"},
    {"usascii", "US-ASCII"},
    {"utf16", "UTF-16"},
    {"utf16be", "UTF-16BE"},
    {"utf16le", "UTF-16LE"},
    {"utf32", "UTF-32"},
    {"utf32be", "UTF-32BE"},
    {"utf32le", "UTF-32LE"},
    {"utf7", "UTF-7"},
    {"utf8", "UTF-8"},
    {"utf8mb4", "UTF-8"},
    {"viscii", "VISCII"},
    {"win1250", "CP1250"},
    {"win1251", "CP1251"},
    {"win1252", "CP1252"},
    {"windows1250", "CP1250"},
    {"windows1251", "CP1251"},
    {"windows1252", "CP1252"},
    {"windows1253", "CP1253"},
    {"windows1254", "CP1254"},
    {"windows1255", "CP1255"},
    {"windows1256", "CP1256"},
    {"windows1257", "CP1257"},
    {"windows1258", "CP1258"},
    {"windows31j", "CP932"},
    {"windows874", "CP874"},
    {"windows932", "CP932"},
    {"windows936", "GB18030"},
    {"windows949", "CP949"},
    {"windows950", "CP950"},
    {"xbig5", "CP950"},
};

static int alias_order(const void *name, const void *alias)
{
	return strcmp(name, ((const struct alias *)alias)->name);
}

/* Letters and digits of NAME in lower case; up to a "*" (the language of RFC 2231). */
static void squeeze(const char *name, char out[NAME_MAX_BYTES])
{
	size_t n = 0;

	for (; *name && *name != '*' && n < NAME_MAX_BYTES - 1; name++)
		if (char_is_alnum(*name))
			out[n++] = char_lower(*name);
	out[n] = '\0';
}

static const char *find_squeezed(const char *name)
{
	const struct alias *hit = bsearch(name, aliases, ARRAY_COUNT(aliases), sizeof *aliases,
					  alias_order);

	return hit ? hit->iconv : NULL;
}

/* iconv's name for CHARSET, or NULL. */
static const char *find(const char *charset)
{
	char name[NAME_MAX_BYTES];
	const char *hit;

	if (!charset)
		return NULL;
	squeeze(charset, name);
	hit = find_squeezed(name);
	if (!hit && name[0] == 'x')
		hit = find_squeezed(name + 1);
	return hit;
}

bool charset_is_known(const char *charset)
{
	return find(charset) != NULL;
}

bool charset_is_8bit(const char *charset)
{
	static const char *const others[] = {"US-ASCII", "UTF-", "UCS-", "ISO-2022-", HZ};
	const char *name = find(charset);
	size_t i;

	for (i = 0; name && i < ARRAY_COUNT(others); i++)
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return false;
	return name != NULL;
}

/* Sets of other machines hardly ever come without a label: from a name or two uchardet takes letters of
 * the West for them. */
static bool is_likely(const char *name, const char *bytes, size_t len)
{
	static const char *const rare[] = {"CP850", "CP852", "CP855", "CP862",	      "CP866",
					   "CP437", "MAC-", "VISCII", "GEORGIAN-PS"};
	size_t i, high = 0;

	for (i = 0; i < len; i++)
		high += (bytes[i] & 0x80) != 0;
	for (i = 0; high < RARE_MIN && i < ARRAY_COUNT(rare); i++)
		if (strncmp(name, rare[i], strlen(rare[i])) == 0)
			return false;
	return strcmp(name, "US-ASCII") != 0 && strcmp(name, "UTF-8") != 0;
}

/* Two bytes that are a frequent character of GB 2312, or one of its marks. */
static bool is_gb_pair(unsigned char lead, unsigned char trail)
{
	return ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3)) && trail >= 0xa1 &&
	       trail <= 0xfe;
}

static bool is_letter(unsigned char c)
{
	return char_is_alnum((char)c) && !char_is_digit((char)c);
}

/* A few words of Chinese, too short for uchardet, which takes them for letters of Europe: but such stand
 * beside others that are ASCII, and not two by two. Leads up to 0xc8 alone may be Korean. */
static bool is_short_chinese(const char *bytes, size_t len)
{
	bool has_late_lead = false, has_odd_trail = false;
	unsigned char before = ' ';
	size_t i, pairs = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		unsigned char next = (unsigned char)(i + 1 < len ? bytes[i + 1] : 0);

		if (c >= 0x80) {
			if (!is_gb_pair(c, next) || is_letter(before))
				return false;
			has_late_lead = has_late_lead || c > 0xc8;
			has_odd_trail = has_odd_trail || next < 0xc0 || next >= 0xe0;
			pairs++;
			i++;
		} else if (before >= 0x80 && is_letter(c)) {
			return false;
		}
		before = c;
	}
	return pairs > 1 && has_late_lead && has_odd_trail;
}

static bool is_of_europe(const char *name)
{
	static const char *const sets[] = {"CP1250",	 "CP1252",	"CP1253",      "CP1254",
					   "CP1257",	 "CP1258",	"ISO-8859-1",  "ISO-8859-10",
					   "ISO-8859-13", "ISO-8859-15", "ISO-8859-16", "ISO-8859-2",
					   "ISO-8859-3", "ISO-8859-4",	"ISO-8859-7",  "ISO-8859-9"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(sets); i++)
		if (strcmp(name, sets[i]) == 0)
			return true;
	return false;
}

static const char *guess_by_frequency(const char *bytes, size_t len)
{
	uchardet_t detector = uchardet_new();
	const char *hit = NULL;

	if (uchardet_handle_data(detector, bytes, len < GUESS_MAX ? len : GUESS_MAX) == 0) {
		uchardet_data_end(detector);
		hit = find(uchardet_get_charset(detector));
	}
	uchardet_delete(detector);
	if (!hit || !is_likely(hit, bytes, len < GUESS_MAX ? len : GUESS_MAX))
		hit = "CP1252";
	return is_of_europe(hit) && is_short_chinese(bytes, len) ? "GB18030" : hit;
}

/* Cut or damaged UTF-8: a few bad bytes among many good characters. */
static bool is_mostly_utf8(const char *bytes, size_t len)
{
	size_t good = 0, bad = 0, at = 0;
	uint32_t code;

	while (at < len) {
		size_t n = utf8_decode(bytes + at, len - at, &code);

		good += n > 1;
		bad += n == 1 && (bytes[at] & 0x80);
		at += n;
	}
	return good > 2 * bad;
}

static const char *decide(bool is_valid, bool has_high, bool has_escape, struct span head)
{
	if (is_valid && !has_escape)
		return has_high ? "utf-8" : "us-ascii";
	return is_mostly_utf8(head.data, head.len) ? "utf-8" : guess_by_frequency(head.data, head.len);
}

const char *charset_guess(const char *bytes, size_t len)
{
	struct span head = {bytes, len < GUESS_MAX ? len : GUESS_MAX};
	bool is_ascii = utf8_is_ascii(bytes, len);

	return decide(is_ascii || utf8_is_valid(bytes, len), !is_ascii,
		      memchr(bytes, ESCAPE, len) != NULL, head);
}

/* How many bytes at the end of TEXT may be the beginning of a character. */
static size_t begun(const char *text, size_t len)
{
	size_t back;

	for (back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)text[len - back];

		if (c >= 0xc0)
			return back < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) ? back : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

/* The held bytes with BYTES behind them; BYTES themselves when none are held. */
static struct span join(struct buf *held, const char *bytes, size_t len)
{
	if (!held->len)
		return (struct span){bytes, len};
	buf_add(held, bytes, len);
	return (struct span){held->data, held->len};
}

/* The last N bytes of PIECE (which may lie in HELD) are held, nothing else. */
static void hold(struct buf *held, struct span piece, size_t n)
{
	char last[HELD_MAX];

	if (n)
		memcpy(last, piece.data + piece.len - n, n);
	buf_clear(held);
	if (n)
		buf_add(held, last, n);
}

void charset_guesser_add(struct charset_guesser *guesser, const char *bytes, size_t len)
{
	size_t room = GUESS_MAX - guesser->head.len;
	struct span piece;

	if (!len)
		return;
	buf_add(&guesser->head, bytes, len < room ? len : room);
	guesser->has_escape = guesser->has_escape || memchr(bytes, ESCAPE, len);
	guesser->has_high = guesser->has_high || !utf8_is_ascii(bytes, len);
	if (!guesser->has_high || guesser->is_invalid)
		return;
	piece = join(&guesser->held, bytes, len);
	len = begun(piece.data, piece.len);
	guesser->is_invalid = !utf8_is_valid(piece.data, piece.len - len);
	hold(&guesser->held, piece, len);
}

const char *charset_guesser_end(struct charset_guesser *guesser)
{
	bool is_valid = !guesser->is_invalid && !guesser->held.len;
	const char *name = decide(is_valid, guesser->has_high, guesser->has_escape,
				  (struct span){buf_str(&guesser->head), guesser->head.len});

	buf_free(&guesser->head);
	buf_free(&guesser->held);
	memset(guesser, 0, sizeof *guesser);
	return name;
}

/* One bad byte more: UTF-8 and the single-byte sets go on behind it, and so do the others. */
static void skip_bad(char **in, size_t *left, struct buf *out)
{
	buf_add(out, "\xef\xbf\xbd", 3);
	(*in)++;
	(*left)--;
}

/* IS_LAST: nothing follows. Else returns how many bytes at the end are a character's beginning. */
static size_t convert(iconv_t cd, struct span bytes, bool is_last, struct buf *out)
{
	char *in = (char *)bytes.data;
	size_t left = bytes.len;

	while (left) {
		char *to;
		size_t room, n;

		buf_reserve(out, left * 2 + 16);
		to = out->data + out->len;
		room = out->cap - out->len - 1;
		n = iconv(cd, &in, &left, &to, &room);
		out->len = (size_t)(to - out->data);
		out->data[out->len] = '\0';
		if (n == (size_t)-1 && errno == EINVAL && !is_last && left <= HELD_MAX)
			return left;
		if (n == (size_t)-1 && errno != E2BIG)
			skip_bad(&in, &left, out);
	}
	return 0;
}

/* Some converters keep the last letter back, for a mark that may follow (CP1255, CP1258, TCVN). */
static void flush_kept(iconv_t cd, struct buf *out)
{
	char *to;
	size_t room;

	buf_reserve(out, 16);
	to = out->data + out->len;
	room = out->cap - out->len - 1;
	if (iconv(cd, NULL, NULL, &to, &room) == (size_t)-1)
		return;
	out->len = (size_t)(to - out->data);
	out->data[out->len] = '\0';
}

/* iconv leaves the byte order mark of some forms in. */
static void drop_mark(struct buf *out, size_t start)
{
	if (out->len - start >= 3 && memcmp(out->data + start, "\xef\xbb\xbf", 3) == 0)
		buf_remove(out, start, 3);
}

static void from_iconv(const char *name, const char *bytes, size_t len, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", name);
	size_t start = out->len;

	if (cd == (iconv_t)-1) {
		utf8_add_valid(out, bytes, len);
		return;
	}
	convert(cd, (struct span){bytes, len}, true, out);
	flush_kept(cd, out);
	iconv_close(cd);
	drop_mark(out, start);
}

/* Where the reading of HZ stands. */
struct hz {
	bool is_shifted; /* between "~{" and "~}" */
	bool has_tilde;	 /* one came that may begin a shift */
	bool has_lead;	 /* the first half of a character came */
};

/* Behind a tilde: a shift, a tilde, or a line that goes on. */
static void shift_hz(struct hz *hz, char c, struct buf *out)
{
	hz->has_tilde = false;
	if (c == '{' || c == '}') {
		hz->is_shifted = c == '{';
		return;
	}
	if (c != '\n')
		buf_add_char(out, '~');
	if (c != '~' && c != '\n')
		buf_add_char(out, c);
}

/* HZ as GB 2312 with its high bits. A line that ends is ASCII again. */
static void add_hz(struct hz *hz, struct span bytes, struct buf *out)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		char c = bytes.data[i];

		if (hz->has_tilde) {
			shift_hz(hz, c, out);
		} else if (c == '~' && !hz->has_lead) {
			hz->has_tilde = true;
		} else if (c == '\n' || !hz->is_shifted) {
			hz->is_shifted = hz->has_lead = false;
			buf_add_char(out, c);
		} else {
			hz->has_lead = !hz->has_lead;
			buf_add_char(out, (char)(c | 0x80));
		}
	}
}

static void from_hz(const char *bytes, size_t len, struct buf *out)
{
	struct hz hz = {.is_shifted = false};
	struct buf plain = BUF_INIT;

	add_hz(&hz, (struct span){bytes, len}, &plain);
	from_iconv("GB18030", buf_str(&plain), plain.len, out);
	buf_free(&plain);
}

/* A set of seven bits that shifts by ESC, bytes of eight and no ESC: the label is wrong. */
static bool is_mislabelled(const char *name, const char *bytes, size_t len)
{
	return strncmp(name, "ISO-2022-", 9) == 0 && !memchr(bytes, ESCAPE, len) &&
	       !utf8_is_ascii(bytes, len);
}

/* By iconv's NAME, or NULL: guessed. */
static void to_utf8(const char *name, const char *bytes, size_t len, struct buf *out)
{
	if (!len)
		return;
	if (!name || strcmp(name, "US-ASCII") == 0 || is_mislabelled(name, bytes, len))
		name = charset_guess(bytes, len);
	if (str_equal_nocase(name, "utf-8") || str_equal_nocase(name, "us-ascii"))
		utf8_add_valid(out, bytes, len);
	else if (strcmp(name, HZ) == 0)
		from_hz(bytes, len, out);
	else
		from_iconv(name, bytes, len, out);
}

void charset_to_utf8(const char *charset, const char *bytes, size_t len, struct buf *out)
{
	to_utf8(find(charset), bytes, len, out);
}

bool charset_is_utf8_despite(const char *charset, const char *bytes, size_t len)
{
	const char *name = find(charset);

	return name && strcmp(name, "CP1252") == 0 && !utf8_is_ascii(bytes, len) &&
	       utf8_is_valid(bytes, len - begun(bytes, len));
}

const char *charset_as_labelled(const char *charset)
{
	const char *name = find(charset);
	char squeezed[NAME_MAX_BYTES];

	if (!name || strcmp(name, "US-ASCII") == 0)
		return NULL;
	if (strcmp(name, "CP1252") != 0)
		return name;
	squeeze(charset, squeezed);
	return strstr(squeezed, "1252") ? name : "ISO-8859-1";
}

/* --- one text after the other, each in pieces --------------------------------------------------- */

struct kept {
	const char *name;
	iconv_t cd;
};

struct charset_reader {
	struct kept kept[KEPT_MAX];
	size_t count, next; /* where the next new one goes */
	struct kept *now;   /* NULL: the text is UTF-8 */
	struct buf held;
	bool has_begun; /* something came out */
	bool is_hz;
	struct hz hz;
};

struct charset_reader *charset_reader_new(void)
{
	return mem_alloc(sizeof(struct charset_reader));
}

void charset_reader_free(struct charset_reader **reader)
{
	size_t i;

	if (!*reader)
		return;
	for (i = 0; i < (*reader)->count; i++)
		iconv_close((*reader)->kept[i].cd);
	buf_free(&(*reader)->held);
	free(*reader);
	*reader = NULL;
}

static struct kept *find_kept(struct charset_reader *reader, const char *name)
{
	size_t i;

	for (i = 0; i < reader->count; i++)
		if (strcmp(reader->kept[i].name, name) == 0)
			return &reader->kept[i];
	return NULL;
}

/* The oldest makes room. NULL when iconv does not know it. */
static struct kept *keep(struct charset_reader *reader, const char *name)
{
	iconv_t cd = iconv_open("UTF-8", name);
	struct kept *kept = &reader->kept[reader->next];

	if (cd == (iconv_t)-1)
		return NULL;
	if (reader->count == KEPT_MAX)
		iconv_close(kept->cd);
	else
		reader->count++;
	reader->next = (reader->next + 1) % KEPT_MAX;
	*kept = (struct kept){name, cd};
	return kept;
}

void charset_reader_begin(struct charset_reader *reader, const char *name)
{
	reader->is_hz = strcmp(name, HZ) == 0;
	if (reader->is_hz)
		name = "GB18030";
	reader->hz = (struct hz){.is_shifted = false};
	reader->has_begun = false;
	reader->now = NULL;
	buf_clear(&reader->held);
	if (str_equal_nocase(name, "utf-8") || str_equal_nocase(name, "us-ascii"))
		return;
	reader->now = find_kept(reader, name);
	if (!reader->now)
		reader->now = keep(reader, name);
	else
		iconv(reader->now->cd, NULL, NULL, NULL, NULL);
}

static void take(struct charset_reader *reader, struct span bytes, bool is_last, struct buf *out)
{
	size_t start = out->len, left;

	if (!reader->now) {
		left = is_last ? 0 : begun(bytes.data, bytes.len);
		utf8_add_valid(out, bytes.data, bytes.len - left);
	} else {
		left = convert(reader->now->cd, bytes, is_last, out);
		if (is_last)
			flush_kept(reader->now->cd, out);
	}
	hold(&reader->held, bytes, left);
	if (!reader->has_begun && reader->now)
		drop_mark(out, start);
	reader->has_begun = reader->has_begun || out->len > start;
}

void charset_reader_add(struct charset_reader *reader, const char *bytes, size_t len,
			struct buf *out)
{
	struct buf plain = BUF_INIT;

	if (reader->is_hz) {
		add_hz(&reader->hz, (struct span){bytes, len}, &plain);
		bytes = buf_str(&plain);
		len = plain.len;
	}
	take(reader, join(&reader->held, bytes, len), false, out);
	buf_free(&plain);
}

void charset_reader_end(struct charset_reader *reader, struct buf *out)
{
	take(reader, join(&reader->held, "", 0), true, out);
}
