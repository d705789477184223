import { resolveSettings, type ResolvedSettings } from '../src/cli/config/resolve.ts';
import type { Settings } from '../src/cli/config/settings.ts';
import type { Host } from '../src/cli/host.ts';

/** A host of plain values, and what was written to it. */
export interface PlainHost {
  readonly host: Host;
  readonly out: () => string;
  readonly err: () => string;
}

/** Makes the host of one command. */
export function plainHost(
  cwd: string,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly ask?: Host['ask'];
    readonly stdin?: string;
    /** Makes both streams a terminal of so many cells. */
    readonly columns?: number;
    readonly signal?: AbortSignal;
  } = {},
): PlainHost {
  const { env = {}, ask, stdin = '', columns, signal = new AbortController().signal } = options;
  const said = { out: '', err: '' };
  const output = (stream: 'out' | 'err'): Host['stdout'] => ({
    isTerminal: columns !== undefined,
    columns,
    write: async (text) => {
      said[stream] += text;
      await Promise.resolve();
    },
  });
  const host: Host = {
    env,
    cwd,
    home: cwd,
    arch: 'x64',
    cores: 2,
    version: '0.0.0',
    now: () => new Date('2026-11-27T08:00:00Z'),
    stdout: output('out'),
    stderr: output('err'),
    readStdin: async () => await Promise.resolve(Buffer.from(stdin)),
    signal,
    interruptStatus: () => undefined,
    endWithin: () => undefined,
    ...(ask === undefined ? {} : { ask }),
  };
  return { host, out: () => said.out, err: () => said.err };
}

/** The settings that hold where nothing was set but these. */
export function plainSettings(changes: Partial<Settings> = {}): ResolvedSettings {
  const { settings, origins } = resolveSettings({ flags: new Map(), env: {}, home: '/nowhere' });
  return { settings: { ...settings, ...changes }, origins };
}
