import { createHash } from 'node:crypto';
import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import {
  checkTextLength,
  type JsonObject,
  type JsonValue,
  memberOf,
  objectOf,
  typeOf,
} from '../../../lang/jmespath/value.ts';
import { matchesWildcard } from '../wildcard.ts';
import { readJson, readYaml } from './read-document.ts';

/** Functions of lists, objects, documents and bytes. */
export const dataFunctions: readonly JmespathFunction[] = [
  valueFunction('pattern_match', ['string', ['string', 'number']], ([pattern, text]) =>
    matchesWildcard(pattern as string, typeof text === 'number' ? String(text) : (text as string)),
  ),
  valueFunction('label_match', ['object', 'object'], ([wanted, labels = null]) =>
    Object.entries(wanted as JsonObject).every(([name, value]) => value !== null && memberOf(labels, name) === value),
  ),
  valueFunction(
    'lookup',
    [
      ['object', 'array'],
      ['string', 'number'],
    ],
    ([within = null, key = null]) => lookup(within, key),
  ),
  valueFunction('items', [['object', 'array'], 'string', 'string'], ([value, key, name], { step }) => {
    const entries: readonly (readonly [JsonValue, JsonValue])[] = Array.isArray(value)
      ? (value as readonly JsonValue[]).map((each, at) => [at, each])
      : Object.entries(value as JsonObject).sort(([left], [right]) => (left < right ? -1 : 1));
    return entries.map(([at, each]) => {
      step();
      return objectOf([
        [key as string, at],
        [name as string, each],
      ]);
    });
  }),
  valueFunction('object_from_lists', ['array', 'array'], ([names, values], { step }) => {
    const found: [string, JsonValue][] = [];
    for (const [at, name] of (names as readonly JsonValue[]).entries()) {
      step();
      if (typeof name !== 'string') {
        throw new LangError('EVALUATION', 'object_from_lists(): the first list must hold texts alone');
      }
      found.push([name, (values as readonly JsonValue[])[at] ?? null]);
    }
    return objectOf(found);
  }),
  valueFunction('parse_json', ['string'], ([text]) => readJson(text as string, 'parse_json')),
  valueFunction('parse_yaml', ['string'], ([text]) => readYaml(text as string, 'parse_yaml')),
  valueFunction('base64_encode', ['string'], ([text]) => {
    checkTextLength((text as string).length * 2);
    return Buffer.from(text as string).toString('base64');
  }),
  valueFunction('base64_decode', ['string'], ([text]) => decodeBase64(text as string)),
  ...(['sha256', 'sha1', 'md5'] as const).map((name) =>
    valueFunction(name, ['string'], ([text]) =>
      createHash(name)
        .update(text as string)
        .digest('hex'),
    ),
  ),
];

function lookup(within: JsonValue, key: JsonValue): JsonValue {
  if (Array.isArray(within)) {
    if (typeof key === 'number' && Number.isInteger(key)) return (within as readonly JsonValue[])[key] ?? null;
    throw new LangError('EVALUATION', `lookup(): a list is looked up by a whole number, not by ${typeOf(key)}`);
  }
  if (typeof key === 'string') return memberOf(within, key);
  throw new LangError('EVALUATION', `lookup(): an object is looked up by a name, not by ${typeOf(key)}`);
}

/** In the standard alphabet, with what fills it up (Go, encoding/base64, StdEncoding). */
function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  // Buffer passes over what is no base64; what was read is written again to see that nothing was.
  if (bytes.toString('base64') === text.replaceAll(/[\r\n]/g, '')) return bytes.toString();
  throw new LangError('EVALUATION', 'base64_decode(): the text is no base64');
}
