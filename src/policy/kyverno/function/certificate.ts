import { createPublicKey, X509Certificate } from 'node:crypto';
import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { type JsonObject, type JsonValue, objectOf } from '../../../lang/jmespath/value.ts';
import { kyvernoLimits } from '../limits.ts';

/** `x509_decode()`: what a certificate in PEM says, under the names that Go's `crypto/x509` gives. */
export const certificateFunctions: readonly JmespathFunction[] = [
  valueFunction('x509_decode', ['string'], ([pem]) => decode(pem as string)),
];

/** `PublicKeyAlgorithm` of Go. */
const algorithms: Readonly<Record<string, number>> = { rsa: 1, dsa: 2, ec: 3, ed25519: 4 };

function decode(pem: string): JsonValue {
  if (pem.length > kyvernoLimits.document) throw new LangError('LIMIT_EXCEEDED', 'x509_decode(): the text is too long');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    const sentence = `x509_decode(): the text is no certificate in PEM: ${errorMessage(cause)}`;
    throw new LangError('EVALUATION', sentence, { cause });
  }
  const { publicKey, subject, issuer, serialNumber, validFromDate, validToDate, ca, subjectAltName = '' } = certificate;
  const names = alternativeNames(subjectAltName);
  return {
    Version: 3,
    SerialNumber: BigInt(`0x${serialNumber}`).toString(),
    Subject: nameOf(subject),
    Issuer: nameOf(issuer),
    NotBefore: timeText(validFromDate),
    NotAfter: timeText(validToDate),
    IsCA: ca,
    PublicKeyAlgorithm: algorithms[publicKey.asymmetricKeyType ?? ''] ?? 0,
    PublicKey: keyOf(certificate),
    DNSNames: names.get('DNS') ?? null,
    EmailAddresses: names.get('email') ?? null,
    IPAddresses: names.get('IP Address') ?? null,
    URIs: names.get('URI') ?? null,
  };
}

/** Modulus and exponent of an RSA key; of others, the key in PEM. */
function keyOf({ publicKey }: X509Certificate): JsonValue {
  const { n, e } = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
  if (n === undefined || e === undefined) return publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const number = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  return { N: number(n).toString(), E: Number(number(e)) };
}

const fields: Readonly<Record<string, string>> = {
  C: 'Country',
  O: 'Organization',
  OU: 'OrganizationalUnit',
  L: 'Locality',
  ST: 'Province',
  street: 'StreetAddress',
  postalCode: 'PostalCode',
};

/** A distinguished name as Node writes it, one attribute in a line. */
function nameOf(text: string): JsonObject {
  const found = new Map<string, JsonValue>(Object.values(fields).map((field) => [field, null]));
  found.set('CommonName', '').set('SerialNumber', '');
  for (const line of text.split('\n')) {
    const mark = line.indexOf('=');
    const [name, value] = [line.slice(0, mark), line.slice(mark + 1)];
    if (name === 'CN') found.set('CommonName', value);
    else if (name === 'serialNumber') found.set('SerialNumber', value);
    else if (Object.hasOwn(fields, name)) {
      const field = fields[name] ?? '';
      found.set(field, [...((found.get(field) as readonly string[] | null) ?? []), value]);
    }
  }
  return objectOf(found);
}

/** `DNS:a, DNS:b, URI:"x, y"`: what holds a comma is a text of JSON (Node, X509Certificate.subjectAltName). */
function alternativeNames(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, kind = '', quoted, plain] of text.matchAll(/([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g)) {
    const value = quoted === undefined ? (plain ?? '') : (JSON.parse(quoted) as string);
    found.set(kind, [...(found.get(kind) ?? []), value]);
  }
  return found;
}

function timeText(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
