#include "config.h"
#include "ui/shell/shell.h"

#include "store/base/i18n.h"

int shell_show(int argc, char **argv)
{
	(void)argc;
	return shell_usage(argv[0], _("This command is not made yet."));
}
