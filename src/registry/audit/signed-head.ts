import { sign, verify, type KeyObject } from 'node:crypto';
import { isChainName, type ChainHead } from './chain.ts';
import { AuditError } from './error.ts';

/** A head that somebody vouches for, to be kept where who writes the trail cannot change it. */
export interface SignedHead extends ChainHead {
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
  /** Ed25519 over the head and the time, as base64. */
  readonly signature: string;
}

/** Signs where a chain ends, with an Ed25519 key. @throws AuditError AUDIT_HEAD_INVALID */
export function signHead(head: ChainHead, time: number, key: KeyObject): SignedHead {
  requireEd25519(key);
  const { chain, sequence, hash } = head;
  return { chain, sequence, hash, time, signature: sign(null, encodeHead(head, time), key).toString('base64') };
}

/**
 * Checks who vouches for a head, and gives it.
 *
 * @throws AuditError AUDIT_HEAD_INVALID when it is not in form or the signature is not of this key
 */
export function verifySignedHead(signed: SignedHead, key: KeyObject): ChainHead {
  requireEd25519(key);
  const { chain, sequence, hash, time, signature } = signed;
  const inForm =
    isChainName(chain) &&
    Number.isSafeInteger(sequence) &&
    sequence >= 0 &&
    /^[0-9a-f]{64}$/.test(hash) &&
    Number.isSafeInteger(time);
  if (!inForm || !verify(null, encodeHead(signed, time), key, Buffer.from(signature, 'base64'))) {
    throw new AuditError(
      'AUDIT_HEAD_INVALID',
      'The head of the audit trail is not signed by this key; get the key and the head from where they were kept',
    );
  }
  return { chain, sequence, hash };
}

function encodeHead({ chain, sequence, hash }: ChainHead, time: number): Uint8Array {
  return Buffer.from(JSON.stringify({ format: 'seaworthy audit head 1', chain, sequence, hash, time }));
}

function requireEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType === 'ed25519') return;
  throw new AuditError(
    'AUDIT_HEAD_INVALID',
    'Heads of the audit trail are signed with Ed25519; give a key of that kind',
  );
}
