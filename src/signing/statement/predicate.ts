import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { SigningError } from '../error.ts';
import type { PredicateName } from './predicate-type.ts';

/** A predicate's text as the user gives it, read as its type demands. */
type ReadPredicate = (text: string, now: Date) => unknown;

/** What each name of `--type` makes of a file: the same as cosign, so that its policies find what they look for. */
const readers: Readonly<Record<PredicateName, ReadPredicate>> = {
  custom: (text, now) => ({ Data: text, Timestamp: now.toISOString().replace(/\.\d+Z$/, 'Z') }),
  slsaprovenance: (text) => withFields(text, slsa02),
  slsaprovenance02: (text) => withFields(text, slsa02),
  slsaprovenance1: (text) => withFields(text, slsa1),
  // A tag-value document is a text; one in JSON is what `spdxjson` is for.
  spdx: (text) => text,
  spdxjson: (text) => object(text),
  cyclonedx: (text) => object(text),
  link: (text) => object(text),
  vuln: (text) => withFields(text, { scanner: 'object', metadata: 'object' }),
  openvex: (text) => withFields(text, { '@context': 'string', statements: 'object' }),
};

type Fields = Readonly<Record<string, 'object' | 'string'>>;

/** slsa.dev/provenance/v0.2, "Schema": what is required. */
const slsa02: Fields = { builder: 'object', buildType: 'string' };
/** slsa.dev/provenance/v1, "Schema". */
const slsa1: Fields = { buildDefinition: 'object', runDetails: 'object' };

/**
 * Makes the predicate of a statement from what a user wrote.
 *
 * @param name of `--type`; undefined for a predicate type that was given as a URI: any JSON object
 * @throws SigningError PREDICATE_INVALID
 */
export function readPredicate(name: PredicateName | undefined, text: string, now: Date): unknown {
  return name === undefined ? object(text) : readers[name](text, now);
}

function withFields(text: string, fields: Fields): unknown {
  const value = object(text);
  for (const [name, type] of Object.entries(fields)) {
    if (typeof value[name] === type && value[name] !== null) continue;
    throw invalid(`it lacks "${name}", which its type demands`);
  }
  return value;
}

function object(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw invalid(errorMessage(error), error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid('it is no JSON object');
}

function invalid(why: string, cause?: unknown): SigningError {
  const message = `The predicate cannot be used: ${why}; check the file and --type`;
  return new SigningError('PREDICATE_INVALID', message, cause === undefined ? undefined : { cause });
}
