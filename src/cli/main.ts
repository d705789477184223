import { allCommands } from './program/all-commands.ts';
import { runProgram } from './run.ts';

await runProgram(allCommands);
