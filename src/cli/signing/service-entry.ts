import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import { SigningError } from '../../signing/error.ts';
import { signingLimits } from '../../signing/limits.ts';
import type { AuthorityEntry, LogEntry } from '../../signing/trust/create-trusted-root.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readCertificates } from './read-certificates.ts';
import { readInput } from './read-input.ts';

/**
 * Reads `url=…,certificate-chain=FILE[,start-time=…][,end-time=…]`, as cosign takes authorities.
 *
 * @throws ConfigError SETTING_INVALID
 */
export async function readAuthorityEntry(text: string, flag: string, host: Host): Promise<AuthorityEntry> {
  const fields = readFields(text, flag, ['url', 'certificate-chain'], ['start-time', 'end-time']);
  const certificates = await readCertificates(fields.get('certificate-chain') ?? '', flag, host);
  return { url: fields.get('url') ?? '', certificates, ...readWindow(fields, flag) };
}

/**
 * Reads `url=…,public-key=FILE,start-time=…[,end-time=…][,origin=…]`, as cosign takes logs.
 *
 * @throws ConfigError SETTING_INVALID
 */
export async function readLogEntry(text: string, flag: string, host: Host): Promise<LogEntry> {
  const fields = readFields(text, flag, ['url', 'public-key', 'start-time'], ['end-time', 'origin']);
  const path = fields.get('public-key') ?? '';
  const bytes = await readInput(path, signingLimits.keyBytes, flag, host);
  const { start, ...window } = readWindow(fields, flag);
  const origin = fields.get('origin');
  try {
    const key = parsePublicKey(bytes);
    // The field was required; without it nothing would ever be trusted.
    const entry = { url: fields.get('url') ?? '', key, start: start ?? new Date(0), ...window };
    return origin === undefined ? entry : { ...entry, origin };
  } catch (cause) {
    if (!(cause instanceof SigningError)) throw cause;
    throw invalid(flag, `the key in ${path} cannot be used: ${cause.message}`, cause);
  }
}

function readFields(
  text: string,
  flag: string,
  required: readonly string[],
  optional: readonly string[],
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (!required.includes(name) && !optional.includes(name)) {
      throw invalid(flag, `"${pair.slice(0, 60)}" is none of its fields: ${[...required, ...optional].join(', ')}`);
    }
    if (fields.has(name)) throw invalid(flag, `${name} is there twice`);
    fields.set(name, pair.slice(at + 1).trim());
  }
  const missing = required.filter((name) => !fields.get(name));
  if (missing.length > 0) throw invalid(flag, `${missing.join(', ')} is missing`);
  return fields;
}

function readWindow(fields: ReadonlyMap<string, string>, flag: string): { readonly start?: Date; readonly end?: Date } {
  const [start, end] = [readTime(fields.get('start-time'), flag), readTime(fields.get('end-time'), flag)];
  if (start !== undefined && end !== undefined && end < start) throw invalid(flag, 'it ends before it starts');
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

/** RFC 3339, section 5.6. */
function readTime(text: string | undefined, flag: string): Date | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text) ? new Date(text) : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return time;
  throw invalid(flag, `"${text.slice(0, 40)}" is no time; write it as 2026-01-31T12:00:00Z`);
}

function invalid(flag: string, why: string, cause?: unknown): ConfigError {
  const message = `${flag} cannot be used: ${why}`;
  return new ConfigError('SETTING_INVALID', message, cause === undefined ? undefined : { cause });
}
