/* tern account move FROM TO: all letters of one account to the server of another, compared in the end. */
#ifndef UI_SHELL_ACCOUNT_MOVE_H
#define UI_SHELL_ACCOUNT_MOVE_H

int account_move(int argc, char **argv);

#endif
