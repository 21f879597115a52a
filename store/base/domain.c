#include "config.h"

#include "store/base/domain.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unictype.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define PUNYCODE   "xn--"
#define LABEL_MAX  63	/* RFC 1035 */
#define LABELS_MAX 127

/* --- scripts --- */

enum script {
	SCRIPT_LATIN = 1 << 0,
	SCRIPT_HAN = 1 << 1,
	SCRIPT_KANA = 1 << 2,
	SCRIPT_BOPOMOFO = 1 << 3,
	SCRIPT_HANGUL = 1 << 4,
	SCRIPT_CYRILLIC = 1 << 5,
	SCRIPT_GREEK = 1 << 6,
	SCRIPT_ARMENIAN = 1 << 7,
	SCRIPT_OTHER = 1 << 8, /* one other; a second makes SCRIPT_MANY */
	SCRIPT_MANY = 1 << 9,
};

static const struct {
	const char *name;
	unsigned script;
} scripts[] = {
	{"Latin", SCRIPT_LATIN},       {"Han", SCRIPT_HAN},	      {"Hiragana", SCRIPT_KANA},
	{"Katakana", SCRIPT_KANA},     {"Bopomofo", SCRIPT_BOPOMOFO}, {"Hangul", SCRIPT_HANGUL},
	{"Cyrillic", SCRIPT_CYRILLIC}, {"Greek", SCRIPT_GREEK},	      {"Armenian", SCRIPT_ARMENIAN},
	{"Common", 0},		       {"Inherited", 0},
};

/* What people do write together (UTS 39, "highly restrictive"). */
static const unsigned families[] = {
	SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_KANA,
	SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_BOPOMOFO,
	SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_HANGUL,
};

/* Small letters that a reader takes for Latin ones (out of UTS 39's confusables). */
static const struct {
	unsigned script;
	const char *letters;
} lookalikes[] = {
	{SCRIPT_CYRILLIC, "асԁеһіјӏорԛѕѵԝхуүԍґьҽҫ"},
	{SCRIPT_GREEK, "αγικνορτυχωϳϲ"},
	{SCRIPT_ARMENIAN, "օոսհցքյգզլ"},
};

static unsigned script_of(uint32_t code, const uc_script_t **other)
{
	const uc_script_t *script = uc_script(code);

	for (size_t i = 0; script && i < ARRAY_COUNT(scripts); i++)
		if (!strcmp(script->name, scripts[i].name))
			return scripts[i].script;
	if (!script || (*other && *other != script))
		return SCRIPT_MANY;
	*other = script;
	return SCRIPT_OTHER;
}

static unsigned scripts_of(const char *label)
{
	const uc_script_t *other = NULL;
	unsigned found = 0;
	size_t len = strlen(label);
	uint32_t code;

	for (size_t at = 0; at < len;) {
		at += utf8_decode(label + at, len - at, &code);
		found |= script_of(code, &other);
	}
	return found;
}

static bool is_one_family(unsigned found)
{
	if (found & SCRIPT_MANY)
		return false;
	if (!(found & (found - 1)))
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(families); i++)
		if (!(found & ~families[i]))
			return true;
	return false;
}

/* --- letters that look alike --- */

/* A Latin letter that is no other one in disguise: ASCII with marks, or one of European alphabets; not
 * "ı", "ɡ", or full width. */
static bool is_honest_latin(uint32_t code)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];

	if (code < 0x80)
		return true;
	if (uc_canonical_decomposition(code, parts) > 0)
		return parts[0] < 0x80 || is_honest_latin(parts[0]);
	return code >= 0xc0 && code < 0x17f && code != 0x131 && code != 0x138 && code != 0x149;
}

static bool looks_latin(uint32_t code, const char *letters)
{
	char bytes[5] = "";

	if (code < 0x80)
		return true; /* digits, the hyphen */
	utf8_encode(code, bytes);
	return strstr(letters, bytes) != NULL;
}

static bool is_each(const char *label, const char *letters)
{
	size_t len = strlen(label);
	uint32_t code;

	for (size_t at = 0; at < len;) {
		at += utf8_decode(label + at, len - at, &code);
		if (letters ? !looks_latin(code, letters) : !is_honest_latin(code))
			return false;
	}
	return true;
}

static bool is_disguised(const char *label, unsigned found)
{
	if (found == SCRIPT_LATIN)
		return !is_each(label, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(lookalikes); i++)
		if (found == lookalikes[i].script)
			return is_each(label, lookalikes[i].letters);
	return !found; /* signs only: hearts, arrows, slashes that are none */
}

/* --- labels --- */

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return false;
	return true;
}

/* All letters of a name of a host, and what people use besides. */
static bool is_host_text(const char *label)
{
	for (; *label; label++)
		if (!char_is_alnum(*label) && *label != '-' && *label != '_')
			return false;
	return true;
}

struct label {
	char *text;	/* as it came */
	char *readable; /* UTF-8; NULL where punycode is broken */
	enum domain_look look;
};

static char *decode(const char *label)
{
	char *readable = NULL, *kept;

	if (strlen(label) > LABEL_MAX || idn2_to_unicode_8z8z(label, &readable, 0) != IDN2_OK)
		return NULL;
	kept = is_ascii(readable) ? NULL : mem_strdup(readable);
	idn2_free(readable);
	return kept;
}

/* NULL when it cannot be a label. */
static char *encode(const char *label)
{
	uint8_t *ascii = NULL;
	char *kept;

	if (idn2_lookup_u8((const uint8_t *)label, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
	    IDN2_OK)
		return NULL;
	kept = mem_strdup((const char *)ascii);
	idn2_free(ascii);
	return kept;
}

static enum domain_look look_of(const char *label, bool is_top_foreign)
{
	char *ascii = encode(label);
	unsigned found = scripts_of(label);

	if (!ascii)
		return DOMAIN_BROKEN;
	free(ascii);
	if (!is_one_family(found))
		return DOMAIN_MIXED;
	/* a Russian word below a Russian top is no disguise */
	if (is_disguised(label, found) && (found == SCRIPT_LATIN || !found || !is_top_foreign))
		return DOMAIN_LOOKALIKE;
	return DOMAIN_FOREIGN;
}

static void read_label(struct label *label, struct span text)
{
	label->text = mem_strndup(text.data, text.len);
	if (str_starts_nocase(label->text, PUNYCODE))
		label->readable = decode(label->text);
	else
		label->readable = mem_strdup(label->text);
}

static bool has_hidden(const char *label)
{
	struct buf exact = BUF_INIT;
	bool is;

	utf8_add_exact(&exact, label, strlen(label));
	is = strcmp(buf_str(&exact), label) != 0;
	buf_free(&exact);
	return is;
}

static void judge(struct label *label, bool is_top_foreign)
{
	if (!label->readable || has_hidden(label->readable))
		label->look = DOMAIN_BROKEN;
	else if (!is_ascii(label->readable))
		label->look = look_of(label->readable, is_top_foreign);
	else
		label->look = is_host_text(label->text) ? DOMAIN_PLAIN : DOMAIN_BROKEN;
}

static void add_label(struct buf *out, const struct label *label)
{
	char *ascii = label->look >= DOMAIN_MIXED ? encode(label->text) : NULL;

	utf8_add_exact(out, ascii ? ascii : label->text, strlen(ascii ? ascii : label->text));
	free(ascii);
}

/* --- names --- */

struct name {
	struct label labels[LABELS_MAX];
	size_t count;
	bool is_more; /* than can be right */
};

static void name_read(struct name *name, const char *domain)
{
	struct span rest = span_of(domain), text;
	bool is_top_foreign;

	name->count = 0;
	while (name->count < LABELS_MAX && span_split(&rest, '.', &text)) {
		name->labels[name->count] = (struct label){.text = NULL};
		read_label(&name->labels[name->count++], text);
	}
	name->is_more = rest.len > 0;
	is_top_foreign = name->count && name->labels[name->count - 1].readable &&
			 !is_ascii(name->labels[name->count - 1].readable);
	for (size_t i = 0; i < name->count; i++)
		judge(&name->labels[i], is_top_foreign);
}

static void name_release(struct name *name)
{
	for (size_t i = 0; i < name->count; i++) {
		free(name->labels[i].text);
		free(name->labels[i].readable);
	}
}

static enum domain_look name_look(const struct name *name)
{
	enum domain_look worst = name->is_more ? DOMAIN_BROKEN : DOMAIN_PLAIN;

	for (size_t i = 0; i < name->count; i++)
		if (name->labels[i].look > worst)
			worst = name->labels[i].look;
	return worst;
}

static void add_readable(struct buf *out, const struct name *name)
{
	for (size_t i = 0; i < name->count; i++) {
		const struct label *label = &name->labels[i];
		const char *text = label->readable ? label->readable : label->text;

		buf_add_str(out, i ? "." : "");
		utf8_add_exact(out, text, strlen(text));
	}
}

static bool has_punycode(const struct name *name)
{
	for (size_t i = 0; i < name->count; i++)
		if (name->labels[i].readable &&
		    strcmp(name->labels[i].readable, name->labels[i].text) != 0)
			return true;
	return false;
}

/* "[192.0.2.1]" is no name; it may hold what it likes of ASCII. */
static bool is_literal(const char *domain)
{
	return *domain == '[';
}

static enum domain_look plain_look(struct buf *out, const char *domain)
{
	size_t before = out->len;

	utf8_add_exact(out, domain, strlen(domain));
	return strcmp(buf_str(out) + before, domain) == 0 && is_ascii(domain) ? DOMAIN_PLAIN
									       : DOMAIN_BROKEN;
}

enum domain_look domain_add_shown(struct buf *out, const char *domain)
{
	struct name name;
	enum domain_look look;

	if (is_literal(domain))
		return plain_look(out, domain);
	name_read(&name, domain);
	look = name_look(&name);
	for (size_t i = 0; i < name.count; i++) {
		buf_add_str(out, i ? "." : "");
		add_label(out, &name.labels[i]);
	}
	if (look == DOMAIN_FOREIGN && has_punycode(&name)) {
		buf_add_str(out, " (");
		add_readable(out, &name);
		buf_add_char(out, ')');
	}
	name_release(&name);
	return look;
}

enum domain_look domain_look(const char *domain)
{
	struct buf out = BUF_INIT;
	enum domain_look look = domain_add_shown(&out, domain);

	buf_free(&out);
	return look;
}

void domain_add_readable(struct buf *out, const char *domain)
{
	struct name name;

	if (is_literal(domain)) {
		utf8_add_exact(out, domain, strlen(domain));
		return;
	}
	name_read(&name, domain);
	add_readable(out, &name);
	name_release(&name);
}

/* Names of machines may hold what the rules for names of mail do not allow ("mail_1", "10.0.0.1"): those go as they
 * are; control bytes, blanks and slashes go nowhere. */
static bool is_host_name(const char *domain)
{
	size_t len = strlen(domain);

	if (len == 0 || len > 253 || *domain == '-')
		return false;
	for (const char *c = domain; *c; c++)
		if (!char_is_alnum(*c) && !strchr("-._:%", *c))
			return false;
	return true;
}

int domain_to_ascii(const char *domain, struct buf *out)
{
	char *ascii;

	if (is_ascii(domain)) {
		if (!is_host_name(domain))
			return -1;
		buf_add_str(out, domain);
		return 0;
	}
	ascii = encode(domain);
	if (!ascii)
		return -1;
	buf_add_str(out, ascii);
	free(ascii);
	return 0;
}

bool domain_is_here(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return str_equal_nocase(host, "localhost");
}
