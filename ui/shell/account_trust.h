/* tern account trust: the certificates of an account's servers, to be looked at and trusted anew. */
#ifndef UI_SHELL_ACCOUNT_TRUST_H
#define UI_SHELL_ACCOUNT_TRUST_H

int account_trust(int argc, char **argv);

#endif
