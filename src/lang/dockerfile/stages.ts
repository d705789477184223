import { LangError } from '../error.ts';
import type { Instruction, ParsedDockerfile } from './instruction.ts';
import { runCommands, type RunCommand } from './run-commands.ts';
import { substitute, type Substituted, type Variables } from './substitute.ts';
import { namedWords, splitWords } from './words.ts';

/** A variable that an instruction sets. */
export interface SetVariable {
  readonly name: string;
  /** Absent for an `ARG` without a default. */
  readonly value?: Substituted;
}

/** One instruction of a stage, with what is known of variables put in. */
export interface Step {
  /** Of what is put off by `ONBUILD`, the instruction itself. */
  readonly instruction: Instruction;
  /** True where it is put off until another image is built on this one. */
  readonly onbuild: boolean;
  /** What follows the flags, as words. Of a `RUN`, as they are written: its shell puts variables in. */
  readonly words: readonly Substituted[];
  /** Of `ENV` and `ARG`; none of others. */
  readonly sets: readonly SetVariable[];
  /** Of `RUN`; none of others. */
  readonly commands: readonly RunCommand[];
}

/** What is built from one `FROM` to the next. */
export interface Stage {
  /** From 0. */
  readonly index: number;
  /** In lower case; absent where it has none. */
  readonly name?: string;
  readonly from: Instruction;
  /** What it is built on, as `FROM` says. */
  readonly base: Substituted;
  /** The stage that this is; absent for an image. */
  readonly parent?: Stage;
  /** Without `FROM`. */
  readonly steps: readonly Step[];
}

/**
 * The stages of a Dockerfile, with variables put in as far as the file tells them: from `ARG` defaults and `ENV`. What only a build knows
 * stays open.
 *
 * @throws LangError SYNTAX for a `FROM` of another form; LIMIT_EXCEEDED
 */
export function readStages({ instructions, escape }: ParsedDockerfile): Stage[] {
  const stages: Stage[] = [];
  const globals = new Map<string, string | undefined>();
  const names = new Map<string, { readonly stage: Stage; readonly scope: Scope }>();
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  for (const { rest } of instructions.slice(0, Math.max(0, first))) {
    for (const { name, value } of namedWords('ARG', rest.text, escape)) {
      globals.set(name, value === undefined ? undefined : known(substitute(value, (key) => globals.get(key), escape)));
    }
  }
  for (let at = first; at >= 0 && at < instructions.length;) {
    const from = instructions[at] as Instruction;
    const next = instructions.findIndex(({ keyword }, index) => index > at && keyword === 'FROM');
    const end = next < 0 ? instructions.length : next;
    const { base, name } = readFrom(from, (key) => globals.get(key), escape);
    const parent = base.open ? undefined : names.get(base.text.toLowerCase());
    const scope: Scope = { env: new Map(parent?.scope.env), args: new Map() };
    const steps = instructions.slice(at + 1, end).map((each) => readStep(each, scope, globals, escape));
    const stage: Stage = {
      index: stages.length,
      from,
      base,
      steps,
      ...(name === undefined ? {} : { name }),
      ...(parent === undefined ? {} : { parent: parent.stage }),
    };
    stages.push(stage);
    if (name !== undefined) names.set(name, { stage, scope });
    at = end;
  }
  return stages;
}

/** A stage and those that it is built on, the lowest first: what all of them do ends in its image. */
export function lineage(stage: Stage): Stage[] {
  const all: Stage[] = [];
  for (let at: Stage | undefined = stage; at !== undefined; at = at.parent) all.push(at);
  return all.reverse();
}

interface Scope {
  readonly env: Map<string, string | undefined>;
  readonly args: Map<string, string | undefined>;
}

function readFrom(
  { rest, start }: Instruction,
  variables: Variables,
  escape: string,
): { readonly base: Substituted; readonly name?: string } {
  const [image = '', as, name, ...more] = splitWords(rest.text, escape);
  const base = substitute(image, variables, escape);
  if (as === undefined) return { base };
  if (as.toUpperCase() !== 'AS' || name === undefined || more.length > 0) {
    throw new LangError('SYNTAX', `Line ${start} has a FROM that is neither "FROM image" nor "FROM image AS name"`);
  }
  return { base, name: name.toLowerCase() };
}

function readStep(given: Instruction, scope: Scope, globals: Scope['args'], escape: string): Step {
  const instruction = given.onbuild ?? given;
  const onbuild = given.onbuild !== undefined;
  const { keyword, rest, json } = instruction;
  // What ENV sets counts more than what ARG does.
  const variables: Variables = (name) => (scope.env.has(name) ? scope.env.get(name) : scope.args.get(name));
  const plain = (text: string): Substituted => ({ text, open: false, endsOpen: false });
  const words = (json ?? splitWords(rest.text, escape)).map((word) =>
    keyword === 'RUN'
      ? plain(word)
      : substitute(json === undefined ? word : quoteless(word, escape), variables, escape),
  );
  const sets: SetVariable[] =
    keyword === 'ENV' || keyword === 'ARG'
      ? namedWords(keyword, rest.text, escape).map(({ name, value }) =>
          value === undefined ? { name } : { name, value: substitute(value, variables, escape) },
        )
      : [];
  if (!onbuild) {
    for (const { name, value } of sets) {
      if (keyword === 'ENV') scope.env.set(name, known(value));
      else scope.args.set(name, value === undefined ? globals.get(name) : known(value));
    }
  }
  return { instruction, onbuild, words, sets, commands: keyword === 'RUN' ? runCommands(instruction) : [] };
}

/** Quotes in a list of texts are parts of them; only variables are put in. */
function quoteless(word: string, escape: string): string {
  return word.replaceAll(/["'\\`]/g, (character) =>
    character === escape || /["']/.test(character) ? escape + character : character,
  );
}

function known(value: Substituted | undefined): string | undefined {
  return value === undefined || value.open ? undefined : value.text;
}
