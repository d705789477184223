import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { Signer, SignerKey } from '../../model.ts';
import { pemCertificatesOf } from '../../signers/certificates.ts';
import { given, identityOf, isAnybody } from '../../signers/identity.ts';
import { kmsKeyOf, pemKeysOf, secretKeyOf } from '../../signers/keys.ts';
import type { CosignAttestor } from '../document/image-validating-policy/model.ts';
import { textOf } from './text-source.ts';
import { attempt } from '../../resource/attempt.ts';
import type { Translation } from './translation.ts';

const kinds = ['key', 'keyless', 'certificate'] as const;

/** Who an attestor with cosign is: a key, a certificate, or who certificates are for. */
export function credentialsOf(cosign: CosignAttestor, path: ConfigPath, translation: Translation): Partial<Signer> {
  const there = kinds.filter((kind) => cosign[kind] !== undefined);
  if (there.length !== 1) {
    translation.findings.push({ path, sentence: `takes exactly one of ${kinds.join(', ')}` });
    return {};
  }
  const { key, keyless, certificate } = cosign;
  if (key !== undefined) return keySigner(key, [...path, 'key'], translation);
  if (keyless !== undefined) return { identities: identitiesOf(keyless, [...path, 'keyless'], translation) };
  return certificateSigner(certificate ?? {}, [...path, 'certificate'], translation);
}

type Key = NonNullable<CosignAttestor['key']>;

const ways = ['data', 'secretRef', 'kms', 'expression'] as const;

function keySigner(key: Key, path: ConfigPath, translation: Translation): Partial<Signer> {
  const there = ways.filter((way) =>
    way === 'secretRef' ? key.secretRef !== undefined : given(key[way]) !== undefined,
  );
  const [way] = there;
  if (way === undefined || there.length > 1) {
    translation.findings.push({ path, sentence: `takes exactly one of ${ways.join(', ')}` });
    return {};
  }
  const hash = key.hashAlgorithm === undefined ? {} : { hash: key.hashAlgorithm };
  return { keys: keysOf(key, way, path, translation), ...hash };
}

function keysOf(
  { data, secretRef, kms }: Key,
  way: (typeof ways)[number],
  path: ConfigPath,
  translation: Translation,
): readonly SignerKey[] {
  const { findings, settings, namespace } = translation;
  if (way === 'data') return attempt(translation, [...path, way], () => pemKeysOf(data ?? '')) ?? [];
  if (way === 'expression') return [];
  if (way === 'kms') {
    const found = kmsKeyOf(kms ?? '');
    if (found !== undefined) return [found];
    findings.push({ path: [...path, way], sentence: 'is no key of a key service, such as awskms:///ID' });
    return [];
  }
  const where = given(secretRef?.namespace) ?? namespace ?? settings.namespace;
  if (namespace !== undefined && where !== namespace) {
    findings.push({
      path: [...path, way, 'namespace'],
      sentence: `is another namespace than the policy's, ${namespace}`,
    });
  }
  const found = secretKeyOf(where, secretRef?.name ?? '');
  if (found !== undefined) return [found];
  findings.push({ path: [...path, way], sentence: 'names no Secret' });
  return [];
}

function identitiesOf(
  { identities = [], roots }: NonNullable<CosignAttestor['keyless']>,
  path: ConfigPath,
  { settings, findings }: Translation,
): Signer['identities'] {
  const mayBeAnybody = settings.style.anyIdentity || given(roots) !== undefined;
  const anybody =
    'takes whoever has any certificate of a public authority; write issuer and subject, or roots of your own';
  if (identities.length === 0) {
    if (!mayBeAnybody) findings.push({ path: [...path, 'identities'], sentence: anybody });
    return [{}];
  }
  return identities.map((written, at) => {
    const own = [...path, 'identities', at];
    const { identity, findings: wrong } = identityOf(written, own);
    findings.push(...wrong);
    if (isAnybody(identity) && !mayBeAnybody) findings.push({ path: own, sentence: anybody });
    return identity;
  });
}

function certificateSigner(
  { cert, certChain }: NonNullable<CosignAttestor['certificate']>,
  path: ConfigPath,
  translation: Translation,
): Partial<Signer> {
  if (cert === undefined && certChain === undefined) {
    translation.findings.push({ path, sentence: 'needs cert or certChain' });
    return {};
  }
  const read = (name: 'cert' | 'certChain'): string | undefined => {
    const text = textOf(name === 'cert' ? cert : certChain, [...path, name], translation);
    if (text === undefined) return undefined;
    return attempt(translation, [...path, name, 'value'], () => pemCertificatesOf(text));
  };
  const [leaf, authorities] = [read('cert'), read('certChain')];
  if (leaf === undefined && authorities === undefined) return {};
  return {
    certificates: [{ ...(leaf === undefined ? {} : { leaf }), ...(authorities === undefined ? {} : { authorities }) }],
  };
}
