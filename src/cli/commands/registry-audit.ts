import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import { isDigest } from '../../oci/digest.ts';
import type { AuditEntry } from '../../registry/audit/entry.ts';
import type { ChainHead, SealedEntry } from '../../registry/audit/chain.ts';
import { type AuditQuestion, compileAuditFilter } from '../../registry/audit/filter.ts';
import { formatAuditLine } from '../../registry/audit/line.ts';
import { searchTrail } from '../../registry/audit/read-trail.ts';
import { verifyTrail } from '../../registry/audit/verify-trail.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, registryExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { useColour } from '../terminal/colour.ts';
import { countOf } from '../terminal/count-of.ts';

/** What of the audit trail is shown, and how. */
export interface AuditOptions extends RegistryPlace, AuditQuestion {
  readonly format?: string;
}

/** Rows of one table: wide enough for its columns to fit, and told as they come. */
const tableRows = 200;

/** `registry audit`: shows who did what, oldest first. */
export function auditCommand(
  { format = 'table', who, image, action, outcome, since, until, ...place }: AuditOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (format !== 'table' && format !== 'jsonl') {
    throw new ConfigError('SETTING_INVALID', `--format is "${format}"; give table or jsonl`);
  }
  const filter = compileAuditFilter({ who, image, action, outcome, since, until }, host.now().getTime());
  return withRegistry(place, resolved, host, async ({ database }) => {
    let held: SealedEntry[] = [];
    for await (const sealed of searchTrail(database, filter)) {
      host.signal.throwIfAborted();
      if (format === 'jsonl') await host.stdout.write(`${formatAuditLine(sealed)}\n`);
      else held.push(sealed);
      if (held.length === tableRows) {
        await writeTable(held, host);
        held = [];
      }
    }
    if (held.length > 0) await writeTable(held, host);
    return exitCode.ok;
  });
}

/** `registry audit verify`: tells whether entries were changed or taken away. */
export function auditVerifyCommand(
  { heads, ...place }: RegistryPlace & { readonly heads?: string },
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  return withRegistry(place, resolved, host, async ({ database, config }) => {
    const expected = heads === undefined ? undefined : await readHeads(resolve(host.cwd, heads), heads);
    const verdict = await verifyTrail(database, { expected });
    if (!verdict.whole) {
      await host.stderr.write(`error AUDIT_BROKEN: ${verdict.broken.message}\n`);
      return registryExitCode.damaged;
    }
    await host.stdout.write(`${JSON.stringify(verdict.heads)}\n`);
    const { letGoBefore } = verdict;
    const letGo =
      letGoBefore === undefined ? '' : `; what is from before ${new Date(letGoBefore).toISOString()} was let go`;
    const entries = countOf(verdict.entries, 'entry', 'entries');
    await host.stderr.write(`Read ${entries} in ${countOf(verdict.heads.length, 'chain')}; all is whole${letGo}\n`);
    const { keepForMs = Infinity } = config.audit;
    if (letGoBefore !== undefined && letGoBefore > host.now().getTime() - keepForMs) {
      const advice = 'find out who changed the setting or wrote so: registry audit --action audit-expiry';
      await host.stderr.write(`warning: younger entries were let go than audit.keepFor says; ${advice}\n`);
    }
    return exitCode.ok;
  });
}

/** What an earlier `verify` printed: without it, nobody sees that the newest entries are missing. */
async function readHeads(path: string, shown: string): Promise<readonly ChainHead[]> {
  try {
    const heads = JSON.parse(await readFile(path, 'utf8')) as readonly ChainHead[];
    if (
      Array.isArray(heads) &&
      heads.every(({ chain, hash }) => typeof chain === 'string' && typeof hash === 'string')
    ) {
      return heads;
    }
  } catch (cause) {
    throw new ConfigError('SETTING_INVALID', `${shown} cannot be read; give what "registry audit verify" printed`, {
      cause,
    });
  }
  throw new ConfigError('SETTING_INVALID', `${shown} holds no heads; give what "registry audit verify" printed`);
}

async function writeTable(entries: readonly SealedEntry[], { stdout, env }: Host): Promise<void> {
  const columns = [
    { header: 'Time' },
    { header: 'Who' },
    { header: 'Action' },
    { header: 'Image', least: 16 },
    { header: 'Outcome' },
    { header: 'Why', least: 12 },
  ];
  const rows = entries.map(({ entry }) => {
    const { time, actor, action, outcome, reason = '' } = entry;
    const who = actor.name === '' ? actor.kind : `${actor.kind}:${actor.name}`;
    return { cells: [new Date(time).toISOString(), who, action, imageOf(entry), outcome, reason] };
  });
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const lines = renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** As people write it; of a digest the beginning, which is enough to find it. */
function imageOf({ repository = '', reference, digest }: AuditEntry): string {
  if (reference !== undefined && !isDigest(reference)) return `${repository}:${reference}`;
  const known = reference ?? digest;
  return known === undefined ? repository : `${repository}@${known.slice(0, known.indexOf(':') + 13)}`;
}
