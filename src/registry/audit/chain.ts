import { createHash } from 'node:crypto';
import type { AuditEntry } from './entry.ts';
import { AuditError } from './error.ts';

/** Where a chain ends. Every writer has a chain of its own, so that none waits for another. */
export interface ChainHead {
  readonly chain: string;
  /** Of the last entry; 0 before the first. */
  readonly sequence: number;
  /** Of the last entry, as 64 hex digits; zeros before the first. */
  readonly hash: string;
}

/** An entry in its place in a chain. */
export interface SealedEntry {
  readonly chain: string;
  /** From 1 on, without a gap. */
  readonly sequence: number;
  /** The hash of the entry before. */
  readonly previous: string;
  readonly hash: string;
  readonly entry: AuditEntry;
}

const chainGrammar = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** What the hash of the first entry goes on from. */
const nothing = '0'.repeat(64);

/** Begins a chain. @throws AuditError AUDIT_CHAIN_INVALID */
export function beginChain(chain: string): ChainHead {
  if (!isChainName(chain)) {
    throw new AuditError(
      'AUDIT_CHAIN_INVALID',
      'The chain has no usable name; take 1 to 64 of the characters a-z, 0-9 and -',
    );
  }
  return { chain, sequence: 0, hash: nothing };
}

/** True for what a chain may be called. */
export function isChainName(text: string): boolean {
  return chainGrammar.test(text);
}

/** Puts an entry at the end of a chain. */
export function sealEntry(head: ChainHead, entry: AuditEntry): SealedEntry {
  const place = { chain: head.chain, sequence: head.sequence + 1, previous: head.hash };
  return { ...place, hash: hashEntry(place, entry), entry };
}

/** The head after an entry. */
export function headOf({ chain, sequence, hash }: SealedEntry): ChainHead {
  return { chain, sequence, hash };
}

/** SHA-256 over the hash before and the canonical bytes of the entry in its place, as hex. */
export function hashEntry(place: Pick<SealedEntry, 'chain' | 'sequence' | 'previous'>, entry: AuditEntry): string {
  return createHash('sha256')
    .update(Buffer.from(place.previous, 'hex'))
    .update(encodeEntry(place, entry))
    .digest('hex');
}

/**
 * The bytes of an entry in its place that are hashed: JSON without blanks in UTF-8, fields in the order that is written here
 * and only those that are there. A field that is added later goes last, so that older entries keep their bytes.
 */
export function encodeEntry(
  { chain, sequence }: Pick<SealedEntry, 'chain' | 'sequence'>,
  entry: AuditEntry,
): Uint8Array {
  const { time, actor, action, outcome, repository, reference, digest, reason, address, userAgent, requestId } = entry;
  const { traceId, before } = entry;
  const { kind, name } = actor;
  const known = {
    time,
    actor: { kind, name },
    action,
    outcome,
    repository,
    reference,
    digest,
    reason,
    address,
    userAgent,
    requestId,
    traceId,
    before,
  };
  return Buffer.from(JSON.stringify({ format: 'seaworthy audit 1', chain, sequence, ...known }));
}
