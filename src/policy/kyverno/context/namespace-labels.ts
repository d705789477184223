import { isObject, type JsonValue } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import type { ResourceInput } from '../../resource/policy.ts';
import { namespaceLabelsLookup } from './lookup.ts';

/** Labels of the object's namespace: those that came with it, or were looked up; undefined where nobody looked. */
export function namespaceLabelsOf({
  subject,
  lookups,
}: ResourceInput): Gathered<Readonly<Record<string, string>>> | undefined {
  if (subject.namespaceLabels !== undefined || lookups.size === 0) return subject.namespaceLabels;
  const found = lookups.get(namespaceLabelsLookup(subject.namespace).key);
  if (found?.state !== 'known') return found;
  return { ...found, value: textsOf(found.value) };
}

function textsOf(value: JsonValue): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
