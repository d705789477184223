import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import type { LogEntryBody } from './body/body.ts';
import { readDsse1, readDsse2 } from './body/dsse.ts';
import { readHashedRekord1, readHashedRekord2 } from './body/hashedrekord.ts';
import { readIntoto1, readIntoto2 } from './body/intoto.ts';
import { readRekord1 } from './body/rekord.ts';
import { malformed, objectIn, textIn, unsupported } from './fields.ts';
import { foreignText } from './foreign-text.ts';
import { logLimits } from './limits.ts';

type SpecReader = (spec: JsonObject) => Pick<LogEntryBody, 'subject' | 'signatures'>;

const readers: ReadonlyMap<string, SpecReader> = new Map([
  ['hashedrekord 0.0.1', readHashedRekord1],
  ['hashedrekord 0.0.2', readHashedRekord2],
  ['dsse 0.0.1', readDsse1],
  ['dsse 0.0.2', readDsse2],
  ['intoto 0.0.1', readIntoto1],
  ['intoto 0.0.2', readIntoto2],
  ['rekord 0.0.1', readRekord1],
]);

/** Entries that only logs of the second generation have: one tree, an index that is the leaf's, no promise. */
const tiled: ReadonlySet<string> = new Set(['hashedrekord 0.0.2', 'dsse 0.0.2']);

/** Reads a canonical entry. @throws CodecError */
export function parseEntryBody(bytes: Uint8Array): LogEntryBody {
  const { kind, version, document } = readDocument(bytes);
  const read = readers.get(`${kind} ${version}`);
  if (read === undefined) throw unsupported(`it is of kind "${foreignText(`${kind} ${version}`)}"`);
  return { kind, version, ...read(objectIn(document, 'spec')) };
}

/** Reads of a canonical entry only what kind it is. @throws CodecError */
export function parseEntryKind(bytes: Uint8Array): Pick<LogEntryBody, 'kind' | 'version'> {
  const { kind, version } = readDocument(bytes);
  return { kind, version };
}

/** Whether an entry of this kind is one of a tiled log, Rekor v2. */
export function isTiled({ kind, version }: Pick<LogEntryBody, 'kind' | 'version'>): boolean {
  return tiled.has(`${kind} ${version}`);
}

function readDocument(bytes: Uint8Array): { kind: string; version: string; document: JsonObject } {
  if (bytes.length > logLimits.bodyBytes) throw new CodecError('LIMIT_EXCEEDED', 'The log entry is too long');
  const document = asObject(parseStrictJson(bytes, logLimits.bodyDepth), 'it', malformed);
  return { kind: textIn(document, 'kind'), version: textIn(document, 'apiVersion'), document };
}
