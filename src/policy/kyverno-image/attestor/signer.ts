import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { Signer } from '../../model.ts';
import { pemCertificatesOf } from '../../signers/certificates.ts';
import { given } from '../../signers/identity.ts';
import { isTagPrefix, repositoryOf } from '../../signers/repository.ts';
import type { CosignAttestor, ImageAttestor, TextOrExpression } from '../document/image-validating-policy/model.ts';
import { credentialsOf } from './credentials.ts';
import { textOf } from './text-source.ts';
import { attempt } from '../../resource/attempt.ts';
import type { Translation } from './translation.ts';
import { trustOf } from './trust.ts';

/**
 * The signer that an attestor is; what is wrong with it is told, with paths that begin at the attestor's. What its expressions give is
 * looked at when they gave it (`withTexts`): until then the signer has nobody.
 */
export function signerOf(attestor: ImageAttestor, path: ConfigPath, translation: Translation): Signer {
  const { name, cosign, notary } = attestor;
  const { findings } = translation;
  const nobody: Signer = { name, keys: [], identities: [] };
  if ((cosign === undefined) === (notary === undefined)) {
    findings.push({ path, sentence: 'takes exactly one of cosign, notary' });
    return nobody;
  }
  if (notary !== undefined) return { ...nobody, ...notarySigner(notary, [...path, 'notary'], translation) };
  if (cosign === undefined) return nobody;
  const own = [...path, 'cosign'];
  refuseTrust(cosign, own, translation);
  return {
    ...nobody,
    ...credentialsOf(cosign, own, translation),
    ...placeOf(cosign, own, translation),
    ...annotationsOf(cosign),
    layouts: ['bundle', 'legacy'],
    trust: trustOf(cosign, own, translation),
  };
}

function notarySigner(
  { certs, tsaCerts }: NonNullable<ImageAttestor['notary']>,
  path: ConfigPath,
  translation: Translation,
): Partial<Signer> {
  if (certs === undefined) {
    translation.findings.push({ path: [...path, 'certs'], sentence: 'is missing; write whose certificates count' });
  }
  const read = (source: TextOrExpression | undefined, name: string): string | undefined => {
    const text = textOf(source, [...path, name], translation);
    if (text === undefined) return undefined;
    return attempt(translation, [...path, name, 'value'], () => pemCertificatesOf(text));
  };
  const [authorities, timestampAuthorities] = [read(certs, 'certs'), read(tsaCerts, 'tsaCerts')];
  return {
    ...(authorities === undefined ? {} : { certificates: [{ authorities }] }),
    layouts: ['notation'],
    ...(timestampAuthorities === undefined ? {} : { trust: { timestampAuthorities } }),
  };
}

/** What a policy cannot carry, and why. */
function refuseTrust({ tuf, trustedRoot }: CosignAttestor, path: ConfigPath, { findings }: Translation): void {
  if (tuf !== undefined) {
    const sentence =
      'is not supported: a repository of TUF changes, and a policy does not; have the gate trust it, or write roots and keys of logs';
    findings.push({ path: [...path, 'tuf'], sentence });
  }
  if (trustedRoot !== undefined) {
    const sentence =
      'is not supported: it trusts each key for some time only; have the gate trust it, or write roots and keys of logs';
    findings.push({ path: [...path, 'trustedRoot'], sentence });
  }
}

function placeOf(
  { source }: CosignAttestor,
  path: ConfigPath,
  { findings }: Translation,
): Pick<Signer, 'repository' | 'tagPrefix'> {
  const [place, prefix] = [given(source?.repository), given(source?.tagPrefix)];
  const repository = place === undefined ? undefined : repositoryOf(place);
  if (place !== undefined && repository === undefined) {
    const sentence = `is "${printable(place)}", which is no repository; write HOST/PATH, without a tag`;
    findings.push({ path: [...path, 'source', 'repository'], sentence });
  }
  if (prefix !== undefined && !isTagPrefix(prefix)) {
    findings.push({ path: [...path, 'source', 'tagPrefix'], sentence: 'is nothing that a tag could begin with' });
  }
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(prefix === undefined ? {} : { tagPrefix: prefix }),
  };
}

function annotationsOf({ annotations = {} }: CosignAttestor): Pick<Signer, 'annotations'> {
  const entries = Object.entries(annotations).map(([name, value]) => [name, { exact: value }] as const);
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}
