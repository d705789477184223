import { resolveSettings } from '../src/cli/config/resolve.ts';
import type { Settings } from '../src/cli/config/settings.ts';
import type { Host, Output } from '../src/cli/host.ts';

/** A host that is a plain value, and what was said on it. */
export interface TestHost extends Host {
  readonly said: string[];
}

/** Makes one: nobody at the terminal, nothing in the environment. */
export function testHost(changes: Partial<Host> = {}): TestHost {
  const said: string[] = [];
  const output: Output = { isTerminal: false, columns: undefined, write: async (text) => void said.push(text) };
  return {
    env: {},
    cwd: '/nowhere',
    home: '/nowhere',
    arch: 'x64',
    cores: 1,
    version: '0',
    now: () => new Date(),
    stdout: output,
    stderr: output,
    readStdin: async () => Buffer.alloc(0),
    signal: new AbortController().signal,
    interruptStatus: () => undefined,
    endWithin: () => undefined,
    ...changes,
    said,
  };
}

/** All settings at their defaults but these. */
export function testSettings(changes: Partial<Settings> = {}): Settings {
  return { ...resolveSettings({ flags: new Map(), env: {}, home: '/nowhere' }).settings, ...changes };
}
