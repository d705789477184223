import { createHash } from 'node:crypto';
import type { Signer, TextSpec } from '../../../policy/model.ts';
import { SigningError } from '../../../signing/error.ts';
import type { VerifiedAttachment } from '../../../signing/image/verify-image.ts';
import { parsePublicKey } from '../../../signing/key/parse-public-key.ts';
import type { CertificatePolicy, KeyPolicy } from '../../../signing/verify/policy.ts';
import { exactly, type TextMatcher } from '../../../signing/verify/text-matcher.ts';
import { matching } from '../../../signing/verify/text-pattern.ts';

/** Members of signers that verification does not look at yet. */
const unsupported = ['certificates', 'annotations', 'repository', 'tagPrefix', 'layouts', 'hash', 'trust'] as const;

/**
 * Whom a signer of a policy stands for, as verification asks: by its keys, and by its identities. Either will do.
 *
 * @throws SigningError for a key that is none, and for a signer of whom more is asked than is looked at
 */
export function signerPolicies(signer: Signer): readonly (KeyPolicy | CertificatePolicy)[] {
  const { name, keys, identities } = signer;
  for (const member of unsupported) {
    if (signer[member] !== undefined) throw unsupportedError(name, member);
  }
  const accepted = keys.map((key, at) => ({
    name: `${name}[${at}]`,
    key: parsePublicKey('pem' in key ? key.pem : ''),
  }));
  const wanted = identities.map(({ issuer, subject, claims }) => {
    if (issuer === undefined || subject === undefined || claims !== undefined) {
      throw unsupportedError(name, 'an identity without issuer or subject, or with claims');
    }
    return { issuer: matcherOf(name, issuer), subject: matcherOf(name, subject) };
  });
  return [
    ...(accepted.length === 0 ? [] : [{ kind: 'key', keys: accepted } as const]),
    ...(wanted.length === 0 ? [] : [{ kind: 'certificate', identities: wanted, claims: [], scts: 1 } as const]),
  ];
}

function matcherOf(name: string, text: TextSpec): TextMatcher {
  if ('exact' in text) return exactly(text.exact);
  if ('regex' in text) return matching(`^(?:${text.regex})$`);
  throw unsupportedError(name, 'a text of another form than exact or regex');
}

function unsupportedError(name: string, what: string): SigningError {
  return new SigningError(
    'TRUST_POLICY_INVALID',
    `The signer "${name}" has ${what}, which is not verified here; leave it out`,
  );
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
