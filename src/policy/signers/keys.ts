import { isSeaworthyError } from '../../base/error.ts';
import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { parseKeyReference } from '../../signing/key/key-reference.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import { policyLimits } from '../limits.ts';
import type { SignerKey } from '../model.ts';

/** Key services that a gate in a cluster can ask (cosign, "KMS Support"). */
const services: ReadonlySet<string> = new Set(['awskms', 'azurekms', 'gcpkms', 'hashivault', 'openbao']);

/** Public keys in PEM, each written as it is on every system. @throws SeaworthyError, RangeError for what holds none */
export function pemKeysOf(text: string): readonly SignerKey[] {
  const keys = parsePem(text).map((block) => {
    const pem = formatPem(block);
    parsePublicKey(pem);
    return { pem };
  });
  if (keys.length === 0) throw new RangeError('it holds no key; give PEM that begins with BEGIN PUBLIC KEY');
  if (keys.length > policyLimits.credentials)
    throw new RangeError(`it holds more than ${policyLimits.credentials} keys`);
  return keys;
}

/** The key of a Secret in a cluster; undefined for what is no name of one. */
export function secretKeyOf(namespace: string, name: string): SignerKey | undefined {
  const reference = `k8s://${namespace}/${name}`;
  return kindOf(reference) === 'kubernetes' ? { reference } : undefined;
}

/**
 * A key that a key service keeps; undefined for anything else. Files, addresses and variables of whoever runs the gate are nobody's who
 * writes policies.
 */
export function kmsKeyOf(reference: string): SignerKey | undefined {
  const scheme = reference.slice(0, reference.indexOf(':')).toLowerCase();
  return services.has(scheme) && kindOf(reference) === 'kms' ? { reference } : undefined;
}

function kindOf(reference: string): ReturnType<typeof parseKeyReference>['kind'] | undefined {
  try {
    return parseKeyReference(reference).kind;
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return undefined;
  }
}
