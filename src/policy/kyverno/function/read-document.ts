import {
  boolYaml11Tag,
  EVENT_ID,
  floatYaml11Tag,
  intYaml11Tag,
  load,
  mapTag,
  nullYaml11Tag,
  parseEvents,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';
import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import { jmespathLimits } from '../../../lang/jmespath/limits.ts';
import { type JsonValue, typeOf } from '../../../lang/jmespath/value.ts';
import { kyvernoLimits } from '../limits.ts';

/** What Kubernetes reads YAML as: version 1.1, without its times, so that all of it is JSON. */
const kubernetes: Schema = new Schema([
  nullYaml11Tag,
  boolYaml11Tag,
  intYaml11Tag,
  floatYaml11Tag,
  strTag,
  seqTag,
  mapTag,
]);

/** Reads a text of JSON. @throws LangError EVALUATION, LIMIT_EXCEEDED */
export function readJson(text: string, name: string): JsonValue {
  checkSize(text, name);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new LangError('EVALUATION', `${name}(): the text is no JSON`, { cause });
  }
  checkDepth(value, name);
  return value;
}

/** Reads one document of YAML as Kubernetes does. Aliases are refused: a small text would stand for a huge value. @throws LangError */
export function readYaml(text: string, name: string): JsonValue {
  checkSize(text, name);
  let value: JsonValue;
  try {
    const maxDepth = jmespathLimits.nesting;
    if (parseEvents(text, { maxDepth }).some(({ type }) => type === EVENT_ID.ALIAS)) {
      throw new LangError('LIMIT_EXCEEDED', `${name}(): aliases of YAML are not followed`);
    }
    value = load(text, { schema: kubernetes, maxDepth }) as JsonValue;
  } catch (cause) {
    if (cause instanceof LangError) throw cause;
    throw new LangError('EVALUATION', `${name}(): the text is no YAML: ${firstLine(cause)}`, { cause });
  }
  return plain(value);
}

/** Numbers that JSON has not are texts. */
function plain(value: JsonValue): JsonValue {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeOf(value) !== 'object') return value;
  return Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, plain(each as JsonValue)]));
}

function checkSize(text: string, name: string): void {
  if (text.length <= kyvernoLimits.document) return;
  throw new LangError('LIMIT_EXCEEDED', `${name}(): the text has more than ${kyvernoLimits.document} characters`);
}

function checkDepth(value: JsonValue, name: string, depth = 0): void {
  if (depth > jmespathLimits.nesting) {
    throw new LangError(
      'LIMIT_EXCEEDED',
      `${name}(): the text has more than ${jmespathLimits.nesting} parts within each other`,
    );
  }
  if (value === null || typeof value !== 'object') return;
  for (const each of Object.values(value)) checkDepth(each, name, depth + 1);
}

function firstLine(error: unknown): string {
  return errorMessage(error).split('\n', 1)[0] ?? '';
}
