import { randomBytes } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { Clock } from '../../net/clock.ts';
import { resourceTypes } from '../cluster/resource-types.ts';
import { ownLabels } from '../ownership.ts';
import { verdictStoreLimits as limits } from './limits.ts';

/** Where the key is that replicas seal verdicts with. */
export interface SealKeyOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Of the Secret. */
  readonly name: string;
  /** Whether this replica makes it where there is none. */
  readonly leads: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const dataKey = 'seal.key';
const keyBytes = 32;

/**
 * The key of a Secret, which the leader makes at random where it is not there or is none; others wait for it. A failure to look is
 * waited out as well, so that no second key is made beside one that was only not seen.
 *
 * @throws the signal's reason
 */
export async function readSealKey(options: SealKeyOptions, signal: AbortSignal): Promise<Uint8Array> {
  const { clock, logger } = options;
  for (;;) {
    signal.throwIfAborted();
    try {
      const key = await readOrMake(options, signal);
      if (key !== undefined) return key;
    } catch (error) {
      signal.throwIfAborted();
      if (!isKubernetesError(error)) throw error;
      logger.debug('The key of verdicts could not be had', { error });
    }
    await clock.sleep(limits.keyTime, signal);
  }
}

async function readOrMake(
  { client, namespace, name, leads }: SealKeyOptions,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const type = resourceTypes.secrets;
  const found = await client.get(type, name, { namespace, signal });
  const key = keyOf(found?.['data']);
  if (key !== undefined || !leads()) return key;
  const data = { [dataKey]: randomBytes(keyBytes).toString('base64') };
  // Of two leaders for a moment, one makes it; what was made is read at the next turn, and not taken for granted here.
  if (found === undefined) {
    const metadata = { name, namespace, labels: ownLabels };
    await client.create(type, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }, { signal });
  } else await client.replace(type, { ...found, data }, { signal });
  return undefined;
}

function keyOf(data: unknown): Uint8Array | undefined {
  const encoded = ((data ?? {}) as Readonly<Record<string, unknown>>)[dataKey];
  if (typeof encoded !== 'string' || encoded.length > 2 * keyBytes) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length === keyBytes ? key : undefined;
}
