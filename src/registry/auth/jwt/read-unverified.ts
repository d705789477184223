import { decodeBase64Url } from '../../../codec/base64/decode.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { jwtLimits } from './limits.ts';

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A token as it says itself, whoever wrote it. It decides which key is looked for, and nothing else. */
export interface UnverifiedJwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** The parts of a token in the compact form (RFC 7515, 7.1); undefined for what is none. Names may not be repeated in them. */
export function readUnverified(token: string): UnverifiedJwt | undefined {
  if (token.length > jwtLimits.tokenLength || !/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const [first = '', second = '', signature = ''] = token.split('.');
  const header = readPart(first);
  const claims = readPart(second);
  // One token has one text: what is remembered of tokens is found by it.
  const isWritten = Buffer.from(signature, 'base64url').toString('base64url') === signature;
  return header === undefined || claims === undefined || !isWritten ? undefined : { header, claims };
}

function readPart(part: string): JsonObject | undefined {
  try {
    const value = parseStrictJson(decodeBase64Url(part), jwtLimits.depth);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
