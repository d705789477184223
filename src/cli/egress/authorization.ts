import { readCappedFile } from '../../base/capped-file.ts';
import { EgressError } from '../../egress/error.ts';
import type { EgressPolicy } from '../../egress/policy/model.ts';
import type { Host } from '../host.ts';

/** No header is longer. */
const mostBytes = 16_384;

/**
 * The value of the header that nodes send, where the policy names one.
 *
 * @throws EgressError EGRESS_INPUT_UNREADABLE; the message holds the place, and never the secret
 */
export async function authorizationOf({ registry }: EgressPolicy, { env }: Host): Promise<string | undefined> {
  const source = registry.authorization;
  if (source === undefined) return undefined;
  const place = source.kind === 'env' ? `The variable ${source.name}` : source.path;
  const text = source.kind === 'env' ? env[source.name] : await textOf(source.path);
  if (text === undefined || text === '') {
    throw new EgressError(
      'EGRESS_INPUT_UNREADABLE',
      `${place} holds no header for the private registry; put one there`,
    );
  }
  if (/^[\x20-\x7E]+$/.test(text)) return text;
  throw new EgressError(
    'EGRESS_INPUT_UNREADABLE',
    `${place} holds what can be no header; write "Basic …" or "Bearer …" on one line`,
  );
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const bytes = await readCappedFile(path, mostBytes);
    return bytes?.toString('utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    throw new EgressError('EGRESS_INPUT_UNREADABLE', `${path} cannot be read (${code}); check authorizationFile`, {
      cause,
    });
  }
}
