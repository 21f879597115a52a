/* tern account find, set-up: where the mail of an address is, and an account made of it. */
#ifndef UI_SHELL_ACCOUNT_FIND_H
#define UI_SHELL_ACCOUNT_FIND_H

int account_find_servers(int argc, char **argv);
int account_set_up(int argc, char **argv);
/* Another password for an account. */
int account_password(int argc, char **argv);

#endif
