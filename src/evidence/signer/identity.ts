import type { SignerIdentity } from '../../policy/model.ts';
import type { IdentityPolicy } from '../../signing/verify/policy.ts';
import { compileText } from './text-matcher.ts';

/** Who signs, as verification asks. What a policy leaves out may be anything. @throws SigningError IDENTITY_PATTERN_INVALID */
export function compileIdentity({ issuer, subject, claims = {} }: SignerIdentity): IdentityPolicy {
  return {
    ...(issuer === undefined ? {} : { issuer: compileText(issuer) }),
    ...(subject === undefined ? {} : { subject: compileText(subject) }),
    claims: Object.entries(claims).map(([claim, value]) => ({ claim, value: compileText(value) })),
  };
}
