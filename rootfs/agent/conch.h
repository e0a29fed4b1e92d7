/* What the parts of the guest's command know of each other. */
#pragma once

#include "sys.h"

/* display.c. The arguments behind the command's name. */
int display(int count, char **arguments);
