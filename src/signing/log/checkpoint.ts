import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { signingLimits } from '../limits.ts';
import type { LogInstance } from '../trust/trust-material.ts';
import { isKeyOf, isOriginOf } from './checkpoint-key.ts';
import { logLimits } from './limits.ts';
import { parseSignedNote, type SignedNote } from './signed-note.ts';
import { verifyLogSignature } from './verify-log-signature.ts';

/** What a log says of its tree (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log, or which tree of it: `rekor.sigstore.dev - 2605736670972794746`. */
  readonly origin: string;
  readonly size: bigint;
  readonly rootHash: Buffer;
  /** Lines that some logs add, such as `Timestamp: …`. */
  readonly extensions: readonly string[];
  readonly note: SignedNote;
}

const hashBytes = 32;
const decimal = /^(?:0|[1-9][0-9]{0,18})$/;

/** Reads a checkpoint; its signatures are not looked at. @throws CodecError */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseSignedNote(text);
  const [origin = '', sizeLine = '', rootLine = '', ...extensions] = note.text.slice(0, -1).split('\n');
  if (extensions.length > signingLimits.checkpointLines) {
    throw new CodecError('LIMIT_EXCEEDED', `The checkpoint has more than ${signingLimits.checkpointLines} lines`);
  }
  if (origin === '' || extensions.includes('')) throw malformed('has an empty line');
  if (!decimal.test(sizeLine)) throw malformed('has no tree size in its second line');
  const size = BigInt(sizeLine);
  if (size >= logLimits.integerEnd) throw malformed('has a tree size that no tree reaches');
  const rootHash = decodeBase64(rootLine);
  if (rootHash.length !== hashBytes) throw malformed('has no root hash in its third line');
  return { origin, size, rootHash, extensions, note };
}

/** Whether a log vouches for a checkpoint. */
export type CheckpointVerdict = 'signed' | 'not-signed' | 'wrong-signature' | 'other-origin';

/**
 * Looks for the log's own signature among those of a checkpoint. Lines of witnesses and of keys that are not known are
 * ignored; one that bears the log's name and key id must hold (C2SP signed-note, "Signatures").
 *
 * @param tiled whether the log is one of the second generation, whose origin is its name
 */
export function judgeCheckpoint({ origin, note }: Checkpoint, log: LogInstance, tiled: boolean): CheckpointVerdict {
  const own = note.signatures.filter((line) => isKeyOf(log, line.name, line.keyId));
  if (own.length === 0) return 'not-signed';
  if (!own.every(({ name }) => isOriginOf(log, origin, name, tiled))) return 'other-origin';
  const text = Buffer.from(note.text);
  return own.every(({ signature }) => verifyLogSignature(log.key, text, signature)) ? 'signed' : 'wrong-signature';
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The checkpoint ${what}`);
}
