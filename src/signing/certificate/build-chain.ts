import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { signingLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import {
  type ChainFailure,
  findIssuerFailure,
  findLeafFailure,
  nameOf,
  type Purpose,
  shortName,
} from './chain-rules.ts';
import { readAuthorityKeyId, readSubjectKeyId } from './extensions.ts';
import { certificateLimits } from './limits.ts';
import type { KnownSignatures } from './known-signatures.ts';
import { isSignedBy } from './verify-signature.ts';

/** What a chain is wanted for. */
export interface ChainRequest {
  readonly leaf: Certificate;
  /** Hints that came with the signature: they are used where they fit and trusted never. */
  readonly intermediates: readonly Certificate[];
  /** One authority's certificates: the last is its anchor, whether it signed itself or not; the others are hints. */
  readonly authority: readonly Certificate[];
  readonly purpose: Purpose;
  /** One or more times; the chain holds at each of them. */
  readonly times: readonly Date[];
  /** For many verifications with the same authorities. */
  readonly known?: KnownSignatures;
}

/** The chain, from the leaf to the anchor, or why there is none. */
export type ChainResult = { readonly chain: readonly Certificate[] } | { readonly failure: ChainFailure };

/**
 * Builds a chain from a leaf to an authority's anchor (RFC 5280, section 6). Names are followed upwards, likely issuers
 * first, and a certificate is laid on top only when it keeps every rule and its key made the signature below. The search
 * has a budget of signatures and of steps, so that certificates which sign each other across in all directions cost no
 * more than an honest chain can (CVE-2026-32280). Of the failures met, the one furthest up is told.
 */
export function buildChain(request: ChainRequest): ChainResult {
  const { leaf, intermediates, authority, purpose, times } = request;
  const leafFailure = findLeafFailure(leaf, purpose, times);
  if (leafFailure !== undefined) return { failure: leafFailure };
  const anchor = authority.at(-1);
  if (anchor === undefined) {
    return { failure: { code: 'CERTIFICATE_UNTRUSTED', message: 'The authority has no certificate' } };
  }
  // What the trusted root lists is trusted as it stands, a timestamp authority's own certificate too.
  if (leaf.der.equals(anchor.der)) return { chain: [leaf] };
  const signatures = new SignatureBudget(request.known);
  const queue = new LinkQueue([...authority.toReversed(), ...intermediates]);
  queue.addIssuersOf([leaf]);
  let failure: ChainFailure = {
    code: 'CERTIFICATE_UNTRUSTED',
    message: `No trusted authority issued the certificate ${nameOf(leaf)}`,
    found: `issued by ${shortName(leaf.issuer)}`,
  };
  let failureHeight = 0;
  for (let link = queue.take(); link !== undefined; link = queue.take()) {
    const { path, issuer } = link;
    if (signatures.isSpent || queue.isSpent) return { failure: tooMany };
    const found =
      signatures.findFailure(path.at(-1) as Certificate, issuer) ?? findIssuerFailure(issuer, path, purpose, times);
    if (found !== undefined) {
      if (found !== unrelated && path.length > failureHeight) [failure, failureHeight] = [found, path.length];
      continue;
    }
    const longer = [...path, issuer];
    if (issuer.der.equals(anchor.der)) return { chain: longer };
    if (longer.length < signingLimits.chain) queue.addIssuersOf(longer);
  }
  return { failure };
}

const tooMany: ChainFailure = {
  code: 'SIGNATURE_TOO_LARGE',
  message: 'The certificates sign each other in more ways than can be tried',
};

/** An issuer has the right name and another key: nothing to tell anybody. */
const unrelated: ChainFailure = { code: 'CERTIFICATE_UNTRUSTED', message: 'Another key signed the certificate' };

/** Checks each signature with each key once, and not endlessly many. */
class SignatureBudget {
  readonly #known: KnownSignatures | undefined;
  readonly #results = new Map<string, ChainFailure | undefined>();

  constructor(known: KnownSignatures | undefined) {
    this.#known = known;
  }

  get isSpent(): boolean {
    return this.#results.size >= certificateLimits.chainSignatures;
  }

  findFailure(certificate: Certificate, issuer: Certificate): ChainFailure | undefined {
    if (this.#known?.has(certificate, issuer) === true) return undefined;
    const key = `${keyOf(certificate.der)}\n${keyOf(issuer.publicKey.spki)}`;
    if (!this.#results.has(key)) this.#results.set(key, this.#check(certificate, issuer.publicKey));
    const failure = this.#results.get(key);
    if (failure === undefined) this.#known?.add(certificate, issuer);
    return failure;
  }

  #check(certificate: Certificate, key: Certificate['publicKey']): ChainFailure | undefined {
    try {
      return isSignedBy(certificate, key) ? undefined : unrelated;
    } catch (cause) {
      if (!(cause instanceof CodecError)) throw cause;
      const message = `The signature of the certificate ${nameOf(certificate)} cannot be trusted: ${errorMessage(cause)}`;
      return { code: 'CERTIFICATE_UNTRUSTED', message, cause };
    }
  }
}

/** A certificate that may be laid on top of others. */
interface Link {
  readonly path: readonly Certificate[];
  readonly issuer: Certificate;
}

/**
 * The links that are still to be tried: first where the key is the one that is named (RFC 5280, 4.2.1.1), then where
 * nothing is said, then where another is named. Among equals those go first that lead on from the last success.
 */
class LinkQueue {
  readonly #bySubject: ReadonlyMap<string, readonly Certificate[]>;
  readonly #links: readonly [Link[], Link[], Link[]] = [[], [], []];
  #steps = 0;

  constructor(certificates: readonly Certificate[]) {
    const distinct = new Map(certificates.map((certificate) => [keyOf(certificate.der), certificate]));
    this.#bySubject = Map.groupBy(distinct.values(), ({ subject }) => keyOf(subject));
  }

  get isSpent(): boolean {
    return this.#steps > certificateLimits.chainSteps;
  }

  addIssuersOf(path: readonly Certificate[]): void {
    const top = path.at(-1) as Certificate;
    const wanted = quietly(() => readAuthorityKeyId(top));
    const issuers = this.#bySubject.get(keyOf(top.issuer)) ?? [];
    for (const issuer of issuers.toReversed()) {
      if (path.some((one) => isSameHolder(one, issuer))) continue;
      this.#steps += 1;
      if (this.isSpent) return;
      const id = wanted === undefined ? undefined : quietly(() => readSubjectKeyId(issuer));
      const likelihood = wanted === undefined || id === undefined ? 1 : id.equals(wanted) ? 0 : 2;
      this.#links[likelihood].push({ path, issuer });
    }
  }

  take(): Link | undefined {
    const [named, unnamed, others] = this.#links;
    return named.pop() ?? unnamed.pop() ?? others.pop();
  }
}

/** Identifiers are hints; one that cannot be read is none. */
function quietly(read: () => Buffer | undefined): Buffer | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

/** The same name with the same key: such a certificate only leads back to where the path has been. */
function isSameHolder(one: Certificate, other: Certificate): boolean {
  return one.subject.equals(other.subject) && one.publicKey.spki.equals(other.publicKey.spki);
}

function keyOf(bytes: Buffer): string {
  return bytes.toString('latin1');
}
