import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import { formatPem, parsePem } from '../../../codec/pem/pem.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { parseKeyReference } from '../../../signing/key/key-reference.ts';
import { parsePublicKey } from '../../../signing/key/parse-public-key.ts';
import type { SignerKey } from '../../model.ts';
import type { KeyAttestor } from '../document/verification/model.ts';
import { given, isOpen, type Place, type Translation } from './translation.ts';

/** Key services that a gate in a cluster can ask (cosign, "KMS Support"). */
const services: ReadonlySet<string> = new Set(['awskms', 'azurekms', 'gcpkms', 'hashivault', 'openbao']);

/** The keys of an attestor: each counts as an entry of its own. Undefined for what is wrong, which is told. */
export function keysOf(
  { publicKeys, secret, kms }: KeyAttestor,
  place: Place,
  translation: Translation,
): readonly SignerKey[] | undefined {
  if (secret !== undefined) {
    return referenceOf(`k8s://${secret.namespace}/${secret.name}`, place('secret'), translation);
  }
  if (given(kms) !== undefined) return referenceOf(kms ?? '', place('kms'), translation);
  const text = (publicKeys ?? '').trim();
  const path = place('publicKeys');
  if (text === '') {
    translation.mistakes.push({ path, sentence: 'is empty; write keys in PEM' });
    return undefined;
  }
  return text.includes('-----BEGIN') ? pemKeys(text, path, translation) : referenceOf(text, path, translation);
}

function pemKeys(text: string, path: ConfigPath, translation: Translation): readonly SignerKey[] | undefined {
  if (isOpen(text, translation, path)) return [{ reference: text }];
  try {
    return parsePem(text).map((block) => {
      const pem = formatPem(block);
      parsePublicKey(pem);
      return { pem };
    });
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    translation.mistakes.push({ path, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
    return undefined;
  }
}

function referenceOf(text: string, path: ConfigPath, translation: Translation): readonly SignerKey[] | undefined {
  if (isOpen(text, translation, path) || isReference(text)) return [{ reference: text }];
  const sentence = `is "${printable(text)}", which is neither a key in PEM, nor k8s://NAMESPACE/SECRET, nor a key of a key service`;
  translation.mistakes.push({ path, sentence });
  return undefined;
}

/** Files, addresses and variables of whoever runs the gate are nobody's who writes policies. */
function isReference(text: string): boolean {
  try {
    const { kind } = parseKeyReference(text);
    return kind === 'kubernetes' || (kind === 'kms' && services.has(text.slice(0, text.indexOf(':')).toLowerCase()));
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return false;
  }
}
