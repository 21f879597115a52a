/* A folder of a test's own. Include after cmocka.h. */
#ifndef TESTS_LIB_TEMP_H
#define TESTS_LIB_TEMP_H

/* "/tmp/tern-NAME-XXXXXX", made; the caller's. */
char *temp_dir(const char *name);
/* The same, and Tern and the test live in it: TERN_HOME, HOME. */
char *temp_home(const char *name);
/* PATH and all that is in it. */
void temp_remove(const char *path);
/* The same, and frees. *DIR becomes NULL. */
void temp_end(char **dir);

#endif
