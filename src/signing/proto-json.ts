import { decodeBase64 } from '../codec/base64/decode.ts';
import { CodecError } from '../codec/error.ts';

/**
 * The form of a protobuf message in JSON (protobuf.dev, "ProtoJSON Format"), checked before the generated readers of
 * `@sigstore/protobuf-specs` see it: those take whatever comes and turn it into something.
 */
export type ProtoShape =
  | 'opaque'
  | 'text'
  | 'bytes'
  | 'integer'
  | 'time'
  | 'enum'
  | 'boolean'
  | ProtoList
  | ProtoMessage;

/** A repeated field. */
export interface ProtoList {
  readonly list: ProtoShape;
  readonly most: number;
}

/** A message by the names of its fields. */
export interface ProtoMessage {
  readonly fields: Readonly<Record<string, ProtoShape>>;
  /** Of these only one may be set; readers would differ in which they take. */
  readonly oneOf?: readonly string[];
}

/** What to do with fields that the shape does not know: Go's reader refuses them. */
export type UnknownFields = 'refuse' | 'ignore';

/**
 * Checks a JSON value against the form of a message.
 *
 * @param name what a person calls the document
 * @throws CodecError MALFORMED or LIMIT_EXCEEDED
 */
export function checkProtoJson(value: unknown, shape: ProtoShape, name: string, unknown: UnknownFields): void {
  if (typeof shape === 'string') return checkScalar(value, shape, name);
  if ('list' in shape) {
    if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
    if (value.length > shape.most) {
      throw new CodecError('LIMIT_EXCEEDED', `${name} has ${value.length} entries, more than ${shape.most}`);
    }
    value.forEach((entry, at) => checkProtoJson(entry, shape.list, `${name}[${at}]`, unknown));
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${name} is not an object`);
  for (const [field, entry] of Object.entries(value)) {
    const inner = Object.hasOwn(shape.fields, field) ? shape.fields[field] : undefined;
    if (inner === undefined) {
      if (unknown === 'refuse') throw malformed(`${name} has a field "${field.slice(0, 60)}" that it cannot have`);
      continue;
    }
    // ProtoJSON takes null for a field that is not set.
    if (entry !== null) checkProtoJson(entry, inner, `${name}.${field}`, unknown);
  }
  const set = (shape.oneOf ?? []).filter((field) => Object.hasOwn(value, field) && (value as Fields)[field] !== null);
  if (set.length > 1) throw malformed(`${name} has ${set.join(' and ')} at once`);
}

type Fields = Readonly<Record<string, unknown>>;

/** Of 64 bits; what may not be negative is checked by whoever uses it. */
const integerPattern = /^-?(?:0|[1-9][0-9]{0,18})$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

function checkScalar(value: unknown, shape: ProtoShape & string, name: string): void {
  switch (shape) {
    // Read by somebody else.
    case 'opaque':
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw malformed(`${name} is not a boolean`);
      return;
    case 'integer': {
      const whole = typeof value === 'number' && Number.isSafeInteger(value);
      if (!whole && !(typeof value === 'string' && integerPattern.test(value))) {
        throw malformed(`${name} is not a whole number`);
      }
      return;
    }
    case 'enum':
      if (typeof value !== 'string' && !Number.isSafeInteger(value)) throw malformed(`${name} is not a name`);
      return;
    default:
      if (typeof value !== 'string') throw malformed(`${name} is not a text`);
      if (shape === 'time' && !(timePattern.test(value) && !Number.isNaN(Date.parse(value)))) {
        throw malformed(`${name} is not a time`);
      }
      if (shape === 'bytes') decodeBytes(value, name);
  }
}

function decodeBytes(text: string, name: string): void {
  try {
    decodeBase64(text);
  } catch (cause) {
    throw new CodecError('MALFORMED', `${name} is not base64`, { cause });
  }
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The document cannot be read: ${what}`);
}
