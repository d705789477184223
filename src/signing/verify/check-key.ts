import { keyHint } from '../key/key-hint.ts';
import type { SignerMaterial } from '../entity.ts';
import { isWithin } from '../trust/trust-material.ts';
import type { AcceptedKey } from './policy.ts';
import { VerificationError } from './verification-error.ts';

/**
 * Step 7 of the order of checks: the key might have signed at every time at which the signature is proven to have existed
 * (CVE-2026-54787).
 *
 * @throws VerificationError NOT_VALID_THEN
 */
export function checkKeyWindow({ name, window }: AcceptedKey, times: readonly Date[]): void {
  if (window === undefined) return;
  const outside = times.find((time) => !isWithin(window, time));
  if (outside === undefined && times.length > 0) return;
  throw new VerificationError('NOT_VALID_THEN', `The key ${name} was not to be used when the signature was made`, {
    check: 'key',
    found: outside?.toISOString() ?? 'no proven time',
    wanted: `${window.start?.toISOString() ?? 'never'} to ${window.end?.toISOString() ?? 'now'}`,
  });
}

/** The accepted keys, those first that the signature hints at: a hint decides nothing, it only saves work. */
export function keysToTry(material: SignerMaterial, keys: readonly AcceptedKey[]): readonly AcceptedKey[] {
  const hint = material.kind === 'public-key' ? material.hint : undefined;
  if (hint === undefined || keys.length === 1) return keys;
  const hinted = keys.filter(({ key }) => keyHint(key) === hint);
  return [...hinted, ...keys.filter((key) => !hinted.includes(key))];
}
