import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { signingLimits } from '../limits.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { Statement, StatementType, Subject } from './statement.ts';

const statementTypes: readonly string[] = [
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
] satisfies readonly StatementType[];

/**
 * Reads an in-toto statement, the payload of an envelope.
 *
 * @throws VerificationError SIGNATURE_MALFORMED or SIGNATURE_TOO_LARGE
 */
export function parseStatement(payload: Uint8Array): Statement {
  let document: unknown;
  try {
    document = parseStrictJson(payload, signingLimits.jsonDepth);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw malformed(errorMessage(error), error);
  }
  const { _type, subject, predicateType, predicate } = asObject(document, 'it');
  if (typeof _type !== 'string' || !statementTypes.includes(_type)) {
    throw malformed(`its type is ${JSON.stringify(_type ?? null).slice(0, 100)}`);
  }
  if (typeof predicateType !== 'string' || predicateType === '') throw malformed('it has no predicate type');
  if (!Array.isArray(subject) || subject.length === 0) throw malformed('it is about nothing: it has no subject');
  if (subject.length > signingLimits.subjects) {
    const sentence = `The statement has ${subject.length} subjects, more than ${signingLimits.subjects}`;
    throw new VerificationError('SIGNATURE_TOO_LARGE', sentence, { check: 'subject' });
  }
  return { type: _type as StatementType, subjects: subject.map(readSubject), predicateType, predicate };
}

function readSubject(value: unknown): Subject {
  const { name, digest, annotations } = asObject(value, 'a subject');
  const digests = textMap(digest, 'digest');
  if (digests.size === 0) throw malformed('a subject has no digest');
  return {
    ...(typeof name === 'string' ? { name } : {}),
    digests,
    // cosign signs annotations as texts; what else a statement may hold there is nobody's promise.
    annotations:
      annotations === undefined || annotations === null ? new Map() : textMap(annotations, 'annotation', true),
  };
}

function textMap(value: unknown, what: string, others = false): ReadonlyMap<string, string> {
  const entries = Object.entries(asObject(value, `a subject's ${what}s`));
  if (what === 'digest' && entries.length > signingLimits.digests) {
    const sentence = `A subject has ${entries.length} digests, more than ${signingLimits.digests}`;
    throw new VerificationError('SIGNATURE_TOO_LARGE', sentence, { check: 'subject' });
  }
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!others && texts.length < entries.length) throw malformed(`a ${what} is not a text`);
  return new Map(texts);
}

function asObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${name} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function malformed(why: string, cause?: unknown): VerificationError {
  const options = cause === undefined ? undefined : { cause };
  const message = `The statement cannot be read: ${why}`;
  return new VerificationError('SIGNATURE_MALFORMED', message, { check: 'subject' }, options);
}
