import { printable } from '../../base/printable.ts';
import type { KeyLookup } from '../../evidence/key-lookup.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { SigningError } from '../../signing/error.ts';
import { resourceTypes } from '../cluster/resource-types.ts';
import { sourceLimits } from '../source/limits.ts';

/** Where cosign keeps the public key of a pair in a Secret. */
const member = 'cosign.pub';

/** Reads keys in Secrets: `k8s://namespace/name`, as cosign and Kyverno write it. */
export function clusterKeys(client: Pick<KubernetesClient, 'get'>): KeyLookup {
  return async (reference) => {
    const [, namespace, name] = /^k8s:\/\/([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(reference) ?? [];
    if (namespace === undefined || name === undefined) {
      throw new SigningError('KEY_REFERENCE_INVALID', `"${printable(reference, 200)}" is no k8s://namespace/name`);
    }
    const secret = await client.get(resourceTypes.secrets, name, { namespace });
    const value = ((secret?.['data'] ?? {}) as Readonly<Record<string, unknown>>)[member];
    if (typeof value !== 'string') {
      const why = secret === undefined ? 'there is no such Secret' : `it has no ${member}`;
      throw new SigningError('KEY_UNAVAILABLE', `The key ${reference} cannot be used: ${why}`);
    }
    const text = Buffer.from(value, 'base64').toString('utf8');
    if (text.length <= sourceLimits.keyText) return text;
    throw new SigningError('KEY_INVALID', `The key ${reference} has more than ${sourceLimits.keyText} characters`);
  };
}
