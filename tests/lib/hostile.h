/* What the makers of hostile letters share: see hostile.c. */
#ifndef TESTS_LIB_HOSTILE_H
#define TESTS_LIB_HOSTILE_H

#include <stddef.h>
#include <stdio.h>

/* What moves a terminal, raw and as UTF-8. */
#define ESC_TITLE  "\033]0;pwned-title\007"
#define ESC_COPY   "\033]52;c;cHduZWQ=\033\\"
#define ESC_LINK   "\033]8;;http://evil.example/\033\\x\033]8;;\033\\"
#define ESC_CLEAR  "\033[2J\033[1;1H\033[31m"
#define ESC_DCS	   "\033P+q544e\033\\\033P$qm\033\\"
#define ESC_ASK	   "\033[6n\033[c\033[21t\005"
#define C1_RAW	   "\2332J\2350;t\234\220x\234\205\204"
#define C1_UTF8	   "\302\2332J\302\2350;t\302\234\302\220x\302\234\302\205"
#define CONTROLS   "\007\010\010\010\b\016\017\013\014\177\001\002"
#define OVERPRINT  "safe\rEVIL\r"
#define BIDI	   "\342\200\256gpj.exe\342\200\254\342\201\246x\342\201\251\342\200\217\342\200\252"
#define ZERO_WIDTH "\342\200\213\342\200\214\342\200\215\357\273\277\342\201\240\302\255\315\217"
#define TAGS	   "\363\240\201\201\363\240\201\277\341\205\237\343\205\244"
#define PASTE_END  "\033[201~rm -rf x\r\033[200~"
#define OVERLONG   "\300\2332J\340\200\233[2J\360\200\200\233[2J\300\212\300\215"
#define APC	   "\033_Gf=100,a=T;AAAA\033\\\033^pm\033\\\033Xsos\033\\\033Pq#0~~\033\\"
#define RESET	   "\033c\033#8\033(0\033>\033[!p\033[?1049l\033[?47l\033[?1003h\033[4h\033[5i"
#define SURROGATES "\355\240\233\355\260\200\364\220\200\200\357\277\277\357\267\220\377\376"
#define SEPARATORS "\342\200\250a\342\200\251\302\205\357\277\271x\357\277\273\357\277\274\302\240"
#define ESC_OPEN   "\033]0;never closed"
#define ESC_LAST   "\033"
#define ALL                                                                                        \
	ESC_TITLE ESC_COPY ESC_LINK ESC_CLEAR ESC_DCS ESC_ASK C1_RAW C1_UTF8 CONTROLS OVERPRINT    \
	    BIDI ZERO_WIDTH

typedef void make(FILE *out, const char *text);
struct letter {
	const char *name;
	make *make;
	const char *text;
};

/* More of them: hostile_more.c. */
extern const struct letter more_letters[];
extern const size_t more_letter_count;
/* And more: hostile_fields.c. */
extern const struct letter field_letters[];
extern const size_t field_letter_count;

void hostile_repeat(FILE *out, const char *text, long times);
/* From, To, Date, MIME-Version and this subject. */
void hostile_top(FILE *out, const char *subject);
/* The whole header. */
void hostile_typed(FILE *out, const char *subject, const char *type);
void hostile_base64(FILE *out, const char *bytes, size_t len);

#endif
