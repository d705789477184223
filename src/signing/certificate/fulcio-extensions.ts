import { CodecError } from '../../codec/error.ts';
import { readText } from '../../codec/der/primitives.ts';
import { expectTag, readDer } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';

const arc = '1.3.6.1.4.1.57264.1.';

/** By the last number of the object identifier (fulcio, docs/oid-info.md). `.7` is no extension but a name. */
const fields = {
  2: 'githubWorkflowTrigger',
  3: 'githubWorkflowSha',
  4: 'githubWorkflowName',
  5: 'githubWorkflowRepository',
  6: 'githubWorkflowRef',
  9: 'buildSignerUri',
  10: 'buildSignerDigest',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryUri',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  15: 'sourceRepositoryIdentifier',
  16: 'sourceRepositoryOwnerUri',
  17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigUri',
  19: 'buildConfigDigest',
  20: 'buildTrigger',
  21: 'runInvocationUri',
  22: 'sourceRepositoryVisibilityAtSigning',
  23: 'deploymentEnvironment',
  24: 'tokenSubject',
} as const;

/** The numbers whose value is the bare text; all later ones have a UTF8String in DER. */
const lastBare = 6;

/** The claims of an identity token that Fulcio wrote into a certificate. */
export type FulcioClaims = Readonly<Partial<Record<(typeof fields)[keyof typeof fields] | 'issuer', string>>>;

/** What Fulcio said of the signer. */
export interface FulcioExtensions {
  readonly claims: FulcioClaims;
  /** The text of each extension by its object identifier, those that have no name yet included. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads the extensions of Fulcio. The issuer is that of `.8`, and that of `.1` only where there is no `.8`.
 *
 * @throws CodecError
 */
export function readFulcioExtensions(certificate: Certificate): FulcioExtensions {
  const texts = new Map<string, string>();
  const claims: Partial<Record<keyof FulcioClaims, string>> = {};
  for (const [oid, { value }] of certificate.extensions) {
    const number = oid.startsWith(arc) ? Number(oid.slice(arc.length)) : Number.NaN;
    if (!Number.isSafeInteger(number) || number < 1) continue;
    const text = number <= lastBare ? decodeBare(value) : readUtf8(value, number);
    if (text === undefined) continue;
    texts.set(oid, text);
    const field = fields[number as keyof typeof fields] as (typeof fields)[keyof typeof fields] | undefined;
    if (field !== undefined) claims[field] = text;
  }
  const issuer = texts.get(`${arc}8`) ?? texts.get(`${arc}1`);
  return { claims: issuer === undefined ? claims : { issuer, ...claims }, texts };
}

/** Other names of claims: cosign's own, and what Fulcio's certificates spell in capitals (`BuildSignerURI`). */
const claimNumbers: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...Object.entries(fields).map(([number, name]) => [name.toLowerCase(), [Number(number)]] as const),
  ['issuer', [8, 1]],
  ['oidcissuer', [8, 1]],
]);

/**
 * One claim of a certificate, by its name, however that is spelled in capitals, or by the object identifier of any extension that holds
 * a text. Undefined where there is none.
 *
 * @throws CodecError
 */
export function claimOf(certificate: Certificate, claim: string): string | undefined {
  const { texts } = readFulcioExtensions(certificate);
  const numbers = claimNumbers.get(claim.toLowerCase());
  if (numbers !== undefined) {
    const number = numbers.find((one) => texts.has(`${arc}${one}`));
    return number === undefined ? undefined : texts.get(`${arc}${number}`);
  }
  const known = texts.get(claim);
  if (known !== undefined || claim.startsWith(arc)) return known;
  const value = certificate.extensions.get(claim)?.value;
  return value === undefined ? undefined : readAnyText(value);
}

/** A string in DER, or bare text, as authorities of one's own write it. */
function readAnyText(value: Buffer): string | undefined {
  try {
    return readText(readDer(value));
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  try {
    return decodeBare(value);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

/** Numbers that Fulcio may give out later need not be texts. */
function readUtf8(value: Buffer, number: number): string | undefined {
  try {
    return readText(expectTag(readDer(value), derTag.utf8String));
  } catch (error) {
    if (number <= 24 && number !== 7) throw error;
    return undefined;
  }
}

function decodeBare(value: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    throw new CodecError('MALFORMED', "A claim in Fulcio's certificate is not UTF-8", { cause });
  }
}
