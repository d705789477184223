import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import type { Signer, SignerCertificate, SignerIdentity, SignerKey, TextSpec } from '../../model.ts';
import { present } from './present.ts';

/** Anything at all; a certificate always says who it is for. */
const anything: JsonValue = { glob: '*' };

/** A signer as a document has it. @param fileName gives a file's path as it is to be written */
export function writtenSigner(signer: Signer, fileName: (path: string) => string): JsonObject {
  const { name, keys, identities, certificates, annotations, ...rest } = signer;
  // Whoever leaves a part of an identity out means anybody, which must be written unless authorities are one's own.
  const isOpen = signer.trust?.authorities !== undefined;
  return present({
    name,
    keys: keys.length === 0 ? undefined : keys.map((key) => writtenKey(key, fileName)),
    identities: identities.length === 0 ? undefined : identities.map((each) => writtenIdentity(each, isOpen)),
    certificates: certificates?.map(writtenCertificate),
    annotations: annotations === undefined ? undefined : writtenTexts(annotations),
    repository: rest.repository,
    tagPrefix: rest.tagPrefix,
    layouts: rest.layouts,
    hash: rest.hash,
    trust: rest.trust === undefined ? undefined : present({ ...rest.trust }),
  });
}

function writtenKey(key: SignerKey, fileName: (path: string) => string): JsonObject {
  if ('pem' in key) return { pem: key.pem };
  if ('file' in key) return { file: fileName(key.file) };
  const [, secret] = /^k8s:\/\/(.+)$/.exec(key.reference) ?? [];
  return secret === undefined ? { kms: key.reference } : { secret };
}

function writtenIdentity({ issuer, subject, claims }: SignerIdentity, isOpen: boolean): JsonObject {
  const part = (text: TextSpec | undefined): JsonValue | undefined =>
    text === undefined ? (isOpen ? undefined : anything) : writtenText(text);
  return present({
    issuer: part(issuer),
    subject: part(subject),
    claims: claims === undefined ? undefined : writtenTexts(claims),
  });
}

function writtenCertificate({ leaf, authorities, identities }: SignerCertificate): JsonObject {
  return present({ leaf, authorities, identities: identities?.map((each) => writtenIdentity(each, true)) });
}

function writtenTexts(texts: Readonly<Record<string, TextSpec>>): JsonObject {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, writtenText(text)]));
}

function writtenText(text: TextSpec): JsonValue {
  if ('exact' in text) return text.exact;
  if ('all' in text) return { all: text.all.map(writtenText) };
  return { ...text };
}
