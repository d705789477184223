import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { SigningError } from '../../signing/error.ts';
import { createTrustedRoot, type TrustedRootEntries } from '../../signing/trust/create-trusted-root.ts';
import { parseTrustedRoot } from '../../signing/trust/parse-trusted-root.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readAuthorityEntry, readLogEntry } from '../signing/service-entry.ts';
import { SigningSession } from '../signing/session.ts';
import { tufTargetsOf } from '../signing/trust.ts';

/** What `trusted-root create` writes: entries as cosign takes them, and what of the TUF repository's stays. */
export interface TrustedRootOptions {
  readonly out?: string;
  readonly fulcio: readonly string[];
  readonly tsa: readonly string[];
  readonly rekor: readonly string[];
  readonly ctfe: readonly string[];
  readonly withDefaultServices: boolean;
  /** Kinds of the TUF repository's that are left out. */
  readonly without: readonly (keyof TrustedRootEntries)[];
}

/** `trusted-root create`: a file for --trusted-root, of the services that the user names, of the TUF repository's, or of both. */
export async function trustedRootCommand(
  options: TrustedRootOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const named = await readNamed(options, host);
  const isNamed = Object.keys(named).length > 0;
  const defaults = isNamed && !options.withDefaultServices ? undefined : await defaultServices(settings, host);
  const left = Object.fromEntries(options.without.map((kind) => [kind, []]));
  const entries = { ...left, ...named };
  const text =
    defaults !== undefined && Object.keys(entries).length === 0
      ? defaults.toString('utf8')
      : `${JSON.stringify(createTrustedRoot(entries, jsonOf(defaults)), undefined, 2)}\n`;
  if (options.out === undefined) await host.stdout.write(text);
  else await writeFileAtomic(resolve(host.cwd, options.out), text);
  return exitCode.ok;
}

async function readNamed(options: TrustedRootOptions, host: Host): Promise<TrustedRootEntries> {
  const { fulcio, tsa, rekor, ctfe } = options;
  const all = {
    certificateAuthorities: await Promise.all(fulcio.map((text) => readAuthorityEntry(text, '--fulcio', host))),
    timestampAuthorities: await Promise.all(tsa.map((text) => readAuthorityEntry(text, '--tsa', host))),
    tlogs: await Promise.all(rekor.map((text) => readLogEntry(text, '--rekor', host))),
    ctlogs: await Promise.all(ctfe.map((text) => readLogEntry(text, '--ctfe', host))),
  } satisfies TrustedRootEntries;
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0));
}

/** The trusted root of the TUF repository, as it is there. */
async function defaultServices(settings: Settings, host: Host): Promise<Buffer> {
  await using session = new SigningSession(settings, host);
  const { mirror, targets } = await tufTargetsOf(settings, host, await session.network(), session.signal);
  const bytes = await targets('trusted_root.json');
  if (bytes === undefined) throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', `There is no trusted root of ${mirror}`);
  parseTrustedRoot(bytes, `of ${mirror}`);
  return bytes;
}

function jsonOf(bytes: Buffer | undefined): Readonly<Record<string, unknown>> {
  return bytes === undefined ? {} : (JSON.parse(bytes.toString('utf8')) as Record<string, unknown>);
}
