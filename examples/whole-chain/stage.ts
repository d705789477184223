import { join, relative } from 'node:path';
import { writeFileAtomic } from '../../src/base/atomic-file.ts';
import { seaworthyLine, typedLine, type TypingPlace } from './command-line.ts';
import { chainEnvironment } from './environment.ts';
import { ChainError } from './error.ts';
import { runProgram, type Ended } from './program.ts';
import { startServer, type Server } from './server.ts';
import { shorten, type ShownPart } from './shorten.ts';

/** How the chain is shown: where the steps lie, and who hears of them. */
export interface StagePlan {
  /** The folder of all that the chain makes. */
  readonly work: string;
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What is expected of a command, and how much of what it says is shown. */
export interface Expected extends Partial<ShownPart> {
  /** Its exit status (default: 0). */
  readonly status?: number;
  /** What the status means, for whoever looks on. */
  readonly meaning?: string;
}

/** Where the steps of the chain happen: it shows each command and what came of it. */
export interface Stage {
  readonly work: string;
  readonly signal: AbortSignal;
  /** A file of the chain's folder. */
  readonly path: (...names: readonly string[]) => string;
  /** Begins a step. */
  readonly title: (text: string) => void;
  readonly say: (text: string) => void;
  /** A command that is only shown, since something else does the same. */
  readonly showCommand: (words: readonly string[]) => void;
  readonly showOutput: (text: string, part?: Partial<ShownPart>) => void;
  /** Writes a file and shows it. */
  readonly file: (name: string, text: string) => Promise<void>;
  /** Runs the program, shown as it would be typed. @throws ChainError STEP_FAILED for another status than is expected */
  readonly type: (args: readonly string[], expected?: Expected) => Promise<Ended>;
  /** Runs the program and shows nothing. */
  readonly ask: (args: readonly string[]) => Promise<Ended>;
  /** Starts a server, which ends with the stage unless that leaves it up. */
  readonly serve: (name: string, args: readonly string[]) => Promise<Server>;
  /** Ends the step with an error. @throws ChainError STEP_FAILED */
  readonly fail: (why: string, output?: string) => never;
  readonly servers: readonly Server[];
}

const usual: ShownPart = { lines: 16, characters: 320 };

/** Sets up a stage. Nothing is started or written yet. */
export function openStage({ work, env, write, signal }: StagePlan): Stage {
  const place: TypingPlace = { work, platform: process.platform };
  const own = chainEnvironment(work, env);
  const servers: Server[] = [];
  const step = { number: 0, title: 'Getting ready' };
  const say = (text: string): void => write(`${text}\n`);
  const showOutput = (text: string, part: Partial<ShownPart> = {}): void => {
    if (text.trim() !== '') say(shorten(text, { ...usual, ...part }).replaceAll(/^(?=.)/gm, '  '));
  };
  const fail = (why: string, output = ''): never => {
    const words = output.trim() === '' ? '' : `\n${shorten(output, { lines: 60, characters: 2000 })}`;
    throw new ChainError('STEP_FAILED', `Step ${step.number} ("${step.title}") failed: ${why}${words}`);
  };
  return {
    work,
    signal,
    servers,
    say,
    showOutput,
    fail,
    path: (...names) => join(work, ...names),
    title(text) {
      step.number += 1;
      step.title = text;
      say(`\n━━ ${step.number}. ${text}`);
    },
    showCommand: (words) => say(`\n$ ${typedLine(words, place)}`),
    async file(name, text) {
      await writeFileAtomic(join(work, name), Buffer.from(text));
      say(`\n# ${relative(work, join(work, name))} in $W`);
      showOutput(text, { lines: 40 });
    },
    async type(args, { status = 0, meaning, ...part } = {}) {
      const line = seaworthyLine(args, place);
      say(`\n$ ${line}`);
      const ended = await runProgram(args, own, signal);
      if (ended.status !== status) {
        const how =
          ended.status === null ? 'was ended by a signal' : `ended with status ${ended.status}, not ${status}`;
        fail(`"${line}" ${how}`, ended.output);
      }
      showOutput(ended.output, part);
      if (meaning !== undefined) say(`  → exit status ${status}: ${meaning}`);
      return ended;
    },
    ask: async (args) => await runProgram(args, own, signal),
    async serve(name, args) {
      say(`\n$ ${seaworthyLine(args, place)} &`);
      const server = await startServer({ name, args, env: own, logs: join(work, 'logs') }, signal);
      servers.push(server);
      showOutput(server.url);
      return server;
    },
  };
}
