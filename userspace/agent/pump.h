/* Carries bytes between the serial line and the command until the command has ended. */
#ifndef AGENT_PUMP_H
#define AGENT_PUMP_H

#include "command.h"

/* Returns the wait status of the command. `child_ended` becomes readable when some child has ended. */
int pump(int line, struct command* command, int child_ended);

#endif
