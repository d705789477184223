import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { signingLimits } from '../../signing/limits.ts';
import { ConfigError } from '../config/error.ts';

/**
 * The JSON objects of a file: one, or one a line (JSON Lines, as bundles of attestations come).
 *
 * @param file for messages
 * @throws ConfigError SETTING_INVALID
 */
export function splitDocuments(bytes: Buffer, file: string): Buffer[] {
  if (isObject(bytes)) return [bytes];
  const lines = bytes.toString('utf8').split('\n');
  const documents = lines.flatMap((line) => (line.trim() === '' ? [] : [Buffer.from(line.trim())]));
  const bad = documents.findIndex((document) => !isObject(document));
  if (bad >= 0 || documents.length === 0) {
    throw new ConfigError('SETTING_INVALID', `${file} holds neither a JSON object nor one on each line`);
  }
  const { attachments } = signingLimits;
  if (documents.length <= attachments) return documents;
  const message = `${file} holds ${documents.length} documents, more than the ${attachments} that verifiers read`;
  throw new ConfigError('SETTING_INVALID', message);
}

function isObject(bytes: Buffer): boolean {
  try {
    const value = parseStrictJson(bytes, signingLimits.jsonDepth);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
