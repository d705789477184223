import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { Signer, SignerIdentity, SignatureLayout } from '../../model.ts';
import { given, identityOf, isAnybody } from '../../signers/identity.ts';
import { isTagPrefix, repositoryOf } from '../../signers/repository.ts';
import type { Authority, KeylessRef, Source } from '../document/cluster-image-policy/model.ts';
import { keysOf } from './keys.ts';
import { trustOf } from './trust.ts';
import type { Translation } from './translation.ts';

/** The signers of an authority that is not static: one for each place where its signatures may lie. */
export function signersOf(
  authority: Authority,
  name: string,
  path: ConfigPath,
  translation: Translation,
): readonly Signer[] {
  const { key, keyless, source = [] } = authority;
  const keys = key === undefined ? [] : keysOf(key, [...path, 'key'], translation);
  const identities = keyless === undefined ? [] : identitiesOf(keyless, [...path, 'keyless'], translation);
  const trust = trustOf(authority, path, translation);
  const common: Omit<Signer, 'name'> = {
    keys,
    identities,
    layouts: layoutsOf(authority, translation),
    ...(key?.hashAlgorithm === undefined ? {} : { hash: key.hashAlgorithm }),
    trust,
  };
  if (source.length === 0) return [{ name, ...common }];
  return source.map((each, at) => ({
    name: source.length === 1 ? name : `${name} (source ${at})`,
    ...common,
    ...placeOf(each, [...path, 'source', at], translation),
  }));
}

/** Those who sign change their tools before those who write policies, so that signatures count wherever nobody says otherwise. */
function layoutsOf({ signatureFormat }: Authority, { settings }: Translation): readonly SignatureLayout[] {
  if (signatureFormat !== undefined) return [signatureFormat];
  return settings.exact ? ['legacy'] : ['bundle', 'legacy'];
}

function identitiesOf(
  { identities = [] }: KeylessRef,
  path: ConfigPath,
  { settings, findings }: Translation,
): readonly SignerIdentity[] {
  if (identities.length === 0) {
    const sentence = 'are missing, so that whoever has any certificate could sign; write issuer and subject';
    findings.push({ path: [...path, 'identities'], sentence });
  }
  return identities.map((written, at) => {
    const own = [...path, 'identities', at];
    const { identity, findings: wrong } = identityOf(written, own);
    findings.push(...wrong);
    for (const part of ['issuer', 'subject'] as const) {
      if (identity[part] === undefined) {
        findings.push({ path: own, sentence: `needs ${part} or ${part}RegExp` });
      }
    }
    if (identity.issuer !== undefined && identity.subject !== undefined && isAnybody(identity) && !settings.exact) {
      findings.push({ path: own, sentence: 'takes whoever has any certificate; write who it must be' });
    }
    return identity;
  });
}

function placeOf(
  { oci, tagPrefix }: Source,
  path: ConfigPath,
  { findings }: Translation,
): Pick<Signer, 'repository' | 'tagPrefix'> {
  const repository = given(oci) === undefined ? undefined : repositoryOf(oci ?? '');
  if (given(oci) !== undefined && repository === undefined) {
    const sentence = `is "${printable(oci ?? '')}", which is no repository; write HOST/PATH, without a tag`;
    findings.push({ path: [...path, 'oci'], sentence });
  }
  const prefix = given(tagPrefix);
  if (prefix !== undefined && !isTagPrefix(prefix)) {
    findings.push({ path: [...path, 'tagPrefix'], sentence: 'is nothing that a tag could begin with' });
  }
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(prefix === undefined ? {} : { tagPrefix: prefix }),
  };
}
