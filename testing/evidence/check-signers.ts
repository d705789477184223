import assert from 'node:assert/strict';
import { formatPem } from '../../src/codec/pem/pem.ts';
import type { SignatureContext } from '../../src/evidence/context.ts';
import type { Signer } from '../../src/policy/model.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import type { MadeCertificate } from '../signing/certificate-maker.ts';
import { outcomeOf, type SignatureScene } from './signature-scene.ts';

/** Signers by name, each with what must come of looking for its signature: that it counts, or a word of why not. */
export type WantedOutcomes = Readonly<Record<string, readonly [Partial<Signer>, 'verified' | RegExp]>>;

/** Certificates in PEM. */
export function pemOf(...certificates: readonly Pick<MadeCertificate, 'der'>[]): string {
  return certificates.map(({ der }) => formatPem({ label: 'CERTIFICATE', bytes: der })).join('');
}

/** A key in PEM. */
export function pemOfKey(spki: Buffer): string {
  return formatPublicKey({ spki });
}

/** Looks by one signer after the other, and says in a word what came of each. */
export async function signerOutcomes(
  scene: SignatureScene,
  signers: Readonly<Record<string, Partial<Signer>>>,
  context?: Partial<SignatureContext>,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, parts] of Object.entries(signers)) {
    const checks = await scene.look([{ keys: [], identities: [], ...parts, name }], context);
    found[name] = outcomeOf(checks[name]);
  }
  return found;
}

/** Whether each counts; where it does not, the reason must have a word. */
export async function checkSigners(
  scene: SignatureScene,
  wanted: WantedOutcomes,
  context?: Partial<SignatureContext>,
): Promise<void> {
  const found = await signerOutcomes(
    scene,
    Object.fromEntries(Object.entries(wanted).map(([name, [parts]]) => [name, parts])),
    context,
  );
  for (const [name, [, what]] of Object.entries(wanted)) {
    if (what === 'verified') assert.equal(found[name], 'verified', name);
    else assert.match(found[name] ?? '', what, name);
  }
}
