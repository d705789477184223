import { createHash } from 'node:crypto';
import type { Signer, TextSpec } from '../../../policy/model.ts';
import type { VerifiedAttachment } from '../../../signing/image/verify-image.ts';
import { parsePublicKey } from '../../../signing/key/parse-public-key.ts';
import type { CertificatePolicy, KeyPolicy } from '../../../signing/verify/policy.ts';
import { exactly, type TextMatcher } from '../../../signing/verify/text-matcher.ts';
import { matching } from '../../../signing/verify/text-pattern.ts';

/**
 * Whom a signer of a policy stands for, as verification asks: by its keys, and by its identities. Either will do.
 *
 * @throws SigningError for a key that is none
 */
export function signerPolicies({ name, keys, identities }: Signer): readonly (KeyPolicy | CertificatePolicy)[] {
  const accepted = keys.map((key, at) => ({
    name: `${name}[${at}]`,
    key: parsePublicKey('pem' in key ? key.pem : ''),
  }));
  const wanted = identities.map(({ issuer, subject }) => ({ issuer: matcherOf(issuer), subject: matcherOf(subject) }));
  return [
    ...(accepted.length === 0 ? [] : [{ kind: 'key', keys: accepted } as const]),
    ...(wanted.length === 0 ? [] : [{ kind: 'certificate', identities: wanted, claims: [], scts: 1 } as const]),
  ];
}

function matcherOf(text: TextSpec): TextMatcher {
  return 'exact' in text ? exactly(text.exact) : matching(`^(?:${text.regex})$`);
}

/** Each key or identity behind signatures that hold, once: a key's fingerprint, or who signed and who vouches for that. */
export function signedBy(verified: readonly VerifiedAttachment[]): readonly string[] {
  const by = verified.map(({ verified: { signer } }) =>
    signer.kind === 'key'
      ? `key sha256:${createHash('sha256').update(signer.key.key.spki).digest('hex')}`
      : `${signer.identity.subject} of ${signer.identity.issuer ?? 'an authority of its own'}`,
  );
  return [...new Set(by)].sort();
}
