/* tern account authorize: signing in by OAuth2, with a browser or a code. */
#ifndef UI_SHELL_ACCOUNT_AUTHORIZE_H
#define UI_SHELL_ACCOUNT_AUTHORIZE_H

int account_authorize(int argc, char **argv);

#endif
