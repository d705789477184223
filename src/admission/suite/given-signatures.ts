import { createHash } from 'node:crypto';
import { isSeaworthyError } from '../../base/error.ts';
import { compileIdentity } from '../../evidence/signer/identity.ts';
import { compileText } from '../../evidence/signer/text-matcher.ts';
import type { SignatureCheck } from '../../policy/evidence.ts';
import type { Signer, SignerIdentity } from '../../policy/model.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { GivenSignature } from './document/model.ts';

/** Which signatures that are said to hold count for a signer. */
export function checkGiven(signer: Signer, signatures: readonly GivenSignature[]): SignatureCheck {
  const by = signatures.flatMap((each) => whoSigned(signer, each) ?? []);
  if (by.length > 0) return { verified: true, by: [...new Set(by)] };
  return {
    verified: false,
    why: signatures.length === 0 ? 'the test gives no signature' : 'no signature that the test gives counts for it',
  };
}

/** The key or identity by which a signature counts for a signer; undefined where it does not. */
export function whoSigned(signer: Signer, given: GivenSignature): string | undefined {
  if (given.signer !== undefined) return given.signer === signer.name ? `signer ${given.signer}` : undefined;
  if (given.repository !== signer.repository) return undefined;
  for (const [name, text] of Object.entries(signer.annotations ?? {})) {
    const carried = given.annotations?.[name];
    if (carried === undefined || !compileText(text).matches(carried)) return undefined;
  }
  if (given.key !== undefined) return keyThatSigned(signer, given.key);
  // Who issued the certificate is not given; it is taken to be whoever is trusted by default.
  if (signer.trust?.authorities !== undefined) return undefined;
  return signer.identities.some((identity) => isIdentity(identity, given))
    ? `${given.subject ?? 'anybody'} of ${given.issuer ?? 'anybody'}`
    : undefined;
}

function keyThatSigned({ keys }: Signer, given: string): string | undefined {
  const print = fingerprint(given);
  for (const key of keys) {
    if ('reference' in key ? key.reference === given : 'file' in key && key.file === given) return given;
    if ('pem' in key && print !== undefined && fingerprint(key.pem) === print) return print;
  }
  return undefined;
}

function fingerprint(pem: string): string | undefined {
  try {
    return `sha256:${createHash('sha256').update(parsePublicKey(pem).spki).digest('hex')}`;
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return undefined;
  }
}

/** What is not given of a certificate matches only where the policy does not ask for it. */
function isIdentity(identity: SignerIdentity, { issuer, subject, claims = {} }: GivenSignature): boolean {
  const wanted = compileIdentity(identity);
  const fits = (matcher: typeof wanted.issuer, text: string | undefined): boolean =>
    matcher === undefined || (text !== undefined && matcher.matches(text));
  return (
    fits(wanted.issuer, issuer) &&
    fits(wanted.subject, subject) &&
    (wanted.claims ?? []).every(({ claim, value }) => {
      const text = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
      return text !== undefined && value.matches(text);
    })
  );
}
