import type { Signer, SignerCertificate } from '../../policy/model.ts';
import { SigningError } from '../../signing/error.ts';
import type { CandidatePolicy } from '../../signing/image/candidate.ts';
import type { WantedAnnotations } from '../../signing/verify/check-annotations.ts';
import type { AcceptedKey, CertificatePolicy, VerificationPolicy } from '../../signing/verify/policy.ts';
import type { SignatureTrust } from '../context.ts';
import { compileIdentity } from './identity.ts';
import { type NotationWay, notationWay } from './notation-way.ts';
import { readAuthorities, readCertificates, readKeys } from './pem.ts';
import { type OwnTrust, readOwnTrust, trustFor, type WayKind } from './signer-trust.ts';
import { compileText } from './text-matcher.ts';

/** A signer that is ready to be verified against. */
export interface CompiledSigner {
  readonly name: string;
  /** Where its signatures lie, when not beside the image. */
  readonly repository: string | undefined;
  readonly tagPrefix: string;
  /** In which layouts any signature of it could count. */
  readonly layouts: ReadonlySet<'bundle' | 'legacy' | 'notation'>;
  /** Any of these: its keys, its identities, and each of its certificates. */
  readonly sigstore: readonly Omit<CandidatePolicy, 'wanted'>[];
  readonly notation: readonly NotationWay[];
  /** Why some of these cannot be used yet: then nothing can be told of a signature that counts by none of the others. */
  readonly unready: SigningError | undefined;
}

/**
 * Whom a signer of a policy stands for, as verification asks. Each member of it can make a signature fail; none is passed over.
 *
 * @throws SigningError for a key, certificate or pattern that is none
 */
export function compileSigner(signer: Signer, gate: SignatureTrust): CompiledSigner {
  const { name, certificates = [], repository, tagPrefix = '' } = signer;
  const annotations = compileAnnotations(signer);
  const layouts = new Set(signer.layouts ?? (['bundle', 'legacy', 'notation'] as const));
  const usesSigstore = layouts.has('bundle') || layouts.has('legacy');
  const ways = usesSigstore ? signerPolicies(signer, gate) : [];
  const ready = ways.filter((way): way is VerificationPolicy => !(way instanceof SigningError));
  const notation = layouts.has('notation') ? certificates.map((one) => notationWay(signer, one, annotations)) : [];
  if (notation.length === 0) layouts.delete('notation');
  return {
    name,
    repository,
    tagPrefix,
    layouts,
    sigstore: ready.map((way) => ({ ...way, annotations, checkSubject: true })),
    notation,
    unready: ways.find((way) => way instanceof SigningError),
  };
}

function compileAnnotations({ annotations = {} }: Signer): WantedAnnotations {
  return new Map(Object.entries(annotations).map(([name, text]) => [name, compileText(text)]));
}

/** Who must have signed and what must vouch for that, for each way in which a signature counts, or why it cannot be told yet. */
function signerPolicies(signer: Signer, gate: SignatureTrust): readonly (VerificationPolicy | SigningError)[] {
  const { identities, certificates = [] } = signer;
  const own = readOwnTrust(signer);
  const keys = acceptedKeys(signer);
  const trusted = (
    way: WayKind,
    hasAuthorities: boolean,
    make: (scts: number) => VerificationPolicy['signer'],
  ): VerificationPolicy | SigningError => {
    const trust = trustFor(way, signer, own, gate, hasAuthorities);
    if (trust instanceof SigningError) return trust;
    const { scts, ...rest } = trust;
    return { ...rest, signer: make(scts) };
  };
  const wanted = identities.map(compileIdentity);
  return [
    ...(keys.length === 0 ? [] : [trusted('key', false, () => ({ kind: 'key', keys }))]),
    ...(wanted.length === 0
      ? []
      : [
          trusted('identity', own.authorities !== undefined, (scts) => ({
            kind: 'certificate',
            identities: wanted,
            claims: [],
            scts,
            ...(own.authorities === undefined ? {} : { authorities: own.authorities }),
          })),
        ]),
    ...certificates.map((one) => trusted('certificate', true, (scts) => certificatePolicy(signer, one, own, scts))),
  ];
}

function acceptedKeys({ name, keys, hash }: Signer): AcceptedKey[] {
  return keys.flatMap((key, at) => {
    if (!('pem' in key)) {
      const place = 'file' in key ? key.file : key.reference;
      throw new SigningError('KEY_UNAVAILABLE', `The key ${place} of the signer "${name}" was not read; read it first`);
    }
    return readKeys(key.pem).map((read) => ({
      name: `${name}[${at}]`,
      key: read,
      ...(hash === undefined ? {} : { hash }),
    }));
  });
}

function certificatePolicy(
  { name }: Signer,
  { leaf, authorities, identities }: SignerCertificate,
  own: OwnTrust,
  scts: number,
): CertificatePolicy {
  const of = (what: string): string => `${what} of the signer "${name}"`;
  const [pinned, ...more] = leaf === undefined ? [] : readCertificates(leaf, of('The certificate'));
  if (more.length > 0) {
    throw new SigningError(
      'TRUSTED_ROOT_INVALID',
      `${of('The certificate')} is more than one; name the others as authorities`,
    );
  }
  const trusted = authorities === undefined ? own.authorities : readAuthorities(authorities, of('The authorities'));
  if (pinned === undefined && trusted === undefined) {
    const message = `${of('A certificate')} names neither a certificate nor authorities, so nobody could be it; add some`;
    throw new SigningError('TRUSTED_ROOT_INVALID', message);
  }
  return {
    kind: 'certificate',
    // Whoever has such a certificate will do where nobody is named.
    identities: identities?.map(compileIdentity) ?? [{}],
    claims: [],
    scts,
    ...(trusted === undefined ? {} : { authorities: trusted }),
    ...(pinned === undefined ? {} : { leaf: pinned }),
  };
}
