import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

/** The folder of the action. */
export const actionFolder: string = join(import.meta.dirname, '..', '..', 'deploy', 'github-action');

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

/** A composite action, as far as runners read it. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** Reads it. */
export function readAction(): Action {
  return load(readFileSync(join(actionFolder, 'action.yml'), 'utf8')) as Action;
}

/** What came of running it. */
export interface ActionRun {
  /** The step that failed. */
  readonly failed: string | undefined;
  readonly status: number;
  /** What steps printed that the runner shows, without what is no command to it. */
  readonly shown: string;
  /** Lines that the runner would have heeded. */
  readonly commands: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Runs the steps as GitHub's runner does: expressions are put in where they stand, `GITHUB_PATH` and `GITHUB_OUTPUT` are read after each
 * step, and the first step that fails ends it.
 *
 * @param work the workspace
 * @param env of all steps
 */
export async function runAction(
  action: Action,
  inputs: Readonly<Record<string, string>>,
  work: string,
  env: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const temp = join(work, '..', 'runner-temp');
  mkdirSync(temp, { recursive: true });
  const [pathFile, outputFile] = [join(temp, 'path'), join(temp, 'output')];
  const values: Record<string, string> = { 'github.workspace': work, 'github.server_url': 'https://github.example' };
  values['github.action_repository'] = 'example/seaworthy';
  for (const [name, { default: usual = '' }] of Object.entries(action.inputs)) {
    values[`inputs.${name}`] = inputs[name] ?? fill(usual, values);
  }
  let path = env['PATH'] ?? '';
  let shown = '';
  const outputs: Record<string, string> = {};
  for (const { name, id, env: own = {}, run } of action.runs.steps) {
    writeFileSync(pathFile, '');
    writeFileSync(outputFile, '');
    const script = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', fill(run, values)];
    const { status, said } = await runScript(script, work, {
      ...env,
      PATH: path,
      RUNNER_TEMP: temp,
      GITHUB_ACTION_PATH: actionFolder,
      GITHUB_PATH: pathFile,
      GITHUB_OUTPUT: outputFile,
      ...Object.fromEntries(Object.entries(own).map(([key, text]) => [key, fill(text, values)])),
    });
    shown += said;
    for (const line of linesOf(pathFile)) path = `${line}:${path}`;
    for (const line of linesOf(outputFile)) {
      const [key, value] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)];
      outputs[key] = value;
      values[`steps.${id}.outputs.${key}`] = value;
    }
    if (status !== 0) return { failed: name, status, shown, commands: commandsIn(shown), outputs };
  }
  return { failed: undefined, status: 0, shown, commands: commandsIn(shown), outputs };
}

function runScript(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject).on('close', (status) => resolve({ status: status ?? -1, said: out + err }));
  });
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (whole, name: string) => {
    // What a step did not give is empty.
    const value = values[name] ?? (/^steps\.\w+\.outputs\./.test(name) ? '' : undefined);
    if (value === undefined) throw new Error(`The runner knows no ${whole}`);
    return value;
  });
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

/** Commands stop counting from `::stop-commands::TOKEN` until `::TOKEN::` (GitHub's documentation of workflow commands). */
function commandsIn(text: string): readonly string[] {
  let token: string | undefined;
  return text.split('\n').filter((line) => {
    if (token !== undefined) {
      if (line === `::${token}::`) token = undefined;
      return false;
    }
    token = /^::stop-commands::(.+)$/.exec(line)?.[1];
    return token === undefined && /^::[\w-]+.*::|^##\[/.test(line);
  });
}
