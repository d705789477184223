import { createHash } from 'node:crypto';
import { readBitString } from '../../codec/der/primitives.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';

/** The head of a log, as it is signed (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Signs a checkpoint as a note (C2SP signed-note), in the name of the log. */
export function signCheckpoint({ origin, size, root }: Checkpoint, name: string, key: DevKey, keyId: Buffer): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([keyId.subarray(0, 4), signWith(key, Buffer.from(text))]);
  return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`;
}

/**
 * The id of a key in notes, of which a signature has the first four bytes: with Ed25519 the hash of name, kind and key,
 * with ECDSA, which came before the rule, of the key alone.
 */
export function noteKeyId(name: string, { type, spki }: DevKey): Buffer {
  const hash = createHash('sha256');
  if (type !== 'ed25519') return hash.update(spki).digest();
  const raw = readBitString(readSequence(readDer(spki))[1]);
  return hash.update(`${name}\n\u0001`).update(raw).digest();
}
