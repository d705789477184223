import { allCommands } from './program/all-commands.ts';
import { runProgram } from './run.ts';

// A single file has modules of CommonJS, which cannot wait.
void runProgram(allCommands);
