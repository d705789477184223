import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { SignerKey } from '../../model.ts';
import { given } from '../../signers/identity.ts';
import { kmsKeyOf, pemKeysOf, secretKeyOf } from '../../signers/keys.ts';
import type { KeyRef } from '../document/cluster-image-policy/model.ts';
import { attempt } from '../../resource/attempt.ts';
import type { Translation } from './translation.ts';

const ways = ['data', 'secretRef', 'kms'] as const;

/** The keys of an authority, each of which is enough; none where something is wrong, which is told. */
export function keysOf(key: KeyRef, path: ConfigPath, translation: Translation): readonly SignerKey[] {
  const way = wayOf(key, path, translation);
  if (way === 'data') return attempt(translation, [...path, way], () => pemKeysOf(key.data ?? '')) ?? [];
  if (way === 'secretRef') return secretOf(key.secretRef ?? {}, [...path, way], translation);
  if (way === undefined) return [];
  const found = kmsKeyOf(key.kms ?? '');
  if (found !== undefined) return [found];
  translation.findings.push({ path: [...path, 'kms'], sentence: 'is no key of a key service, such as awskms:///ID' });
  return [];
}

/** The one way in which a key is given; undefined where there is none or are several, which is told. */
export function wayOf(key: KeyRef, path: ConfigPath, { findings }: Translation): (typeof ways)[number] | undefined {
  const there = ways.filter((each) => (each === 'secretRef' ? key.secretRef !== undefined : given(key[each])));
  if (there.length === 1) return there[0];
  findings.push({ path, sentence: `takes exactly one of ${ways.join(', ')}` });
  return undefined;
}

/** Keys lie in policy-controller's own namespace, whatever a policy says. */
function secretOf(
  { name = '', namespace }: NonNullable<KeyRef['secretRef']>,
  path: ConfigPath,
  { settings, findings }: Translation,
): readonly SignerKey[] {
  if (given(namespace) !== undefined && namespace !== settings.namespace) {
    const sentence = `is another namespace than ${settings.namespace}, in which policy-controller has its keys`;
    findings.push({ path: [...path, 'namespace'], sentence });
  }
  const key = secretKeyOf(settings.namespace, name);
  if (key !== undefined) return [key];
  findings.push({ path: [...path, 'name'], sentence: 'names no Secret' });
  return [];
}
