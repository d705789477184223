// The program for `verify` alone, for builds that start quickly. Imports that the command loads late are named here, so that
// they become one file with it.
import './commands/verify.ts';
import '../signing/key/key-reference.ts';
import '../signing/key/load-key.ts';
import { addVerifyCommand } from './program/verifying.ts';
import { runProgram } from './run.ts';

void runProgram([addVerifyCommand]);
