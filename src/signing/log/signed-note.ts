import { CodecError } from '../../codec/error.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { signingLimits } from '../limits.ts';
import { logLimits } from './limits.ts';

/** A text and who signed it (C2SP signed-note). Nothing of it is to be believed before a signature is verified. */
export interface SignedNote {
  /** With its last line break: what the signatures are over. */
  readonly text: string;
  /** In order; unknown ones are to be ignored. */
  readonly signatures: readonly NoteSignature[];
}

/** One line below the text. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes that tell keys of one name apart; a hint and no proof. */
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

const dash = '\u2014';
const controls = /[\0-\t\v-\x1f]/;
const badName = /[\p{White_Space}+]/u;
const keyIdBytes = 4;

/**
 * Reads a signed note: the text ends at the last empty line, and every line after it is a signature.
 *
 * @throws CodecError
 */
export function parseSignedNote(note: string): SignedNote {
  if (note.length > logLimits.noteLength) throw new CodecError('LIMIT_EXCEEDED', 'The signed note is too long');
  if (controls.test(note) || !note.isWellFormed()) throw malformed('has characters that no text has');
  const end = note.lastIndexOf('\n\n');
  if (end <= 0) throw malformed('has no empty line between its text and its signatures');
  const below = note.slice(end + 2);
  if (!below.endsWith('\n')) throw malformed(below === '' ? 'is not signed' : 'does not end with a line break');
  const lines = below.slice(0, -1).split('\n', signingLimits.checkpointLines + 1);
  if (lines.length > signingLimits.checkpointLines) {
    throw new CodecError('LIMIT_EXCEEDED', `The signed note has more than ${signingLimits.checkpointLines} signatures`);
  }
  return { text: note.slice(0, end + 1), signatures: lines.map(parseLine) };
}

/** Writes a note from its text, which ends with a line break, and its signatures. */
export function formatSignedNote({ text, signatures }: SignedNote): string {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${dash} ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

function parseLine(line: string): NoteSignature {
  const [mark, name = '', encoded = '', ...rest] = line.split(' ', 4);
  if (mark !== dash || name === '' || badName.test(name) || rest.length > 0) {
    throw malformed('has a line among its signatures that is none');
  }
  const bytes = decodeBase64(encoded);
  if (bytes.length <= keyIdBytes) throw malformed('has a signature that is too short');
  return { name, keyId: bytes.subarray(0, keyIdBytes), signature: bytes.subarray(keyIdBytes) };
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The signed note ${what}`);
}
