import { memberOf, type JsonValue } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { ReportTarget } from './model.ts';

/** Subresources whose reviews show the object itself (Kubernetes API, "Pod v1"); others show options, or a part. */
const wholeObjects: ReadonlySet<string> = new Set(['', 'ephemeralcontainers']);

/**
 * The object of a subject, where it has one that is kept: what the API server has not given a uid yet is none, nor are the options of a
 * connection.
 */
export function reportTargetOf({
  group,
  version,
  kind,
  subresource,
  namespace,
  object,
}: ResourceSubject): ReportTarget | undefined {
  if (!wholeObjects.has(subresource)) return undefined;
  const metadata = memberOf(object, 'metadata');
  const uid = textOf(memberOf(metadata, 'uid'));
  const name = textOf(memberOf(metadata, 'name'));
  // It becomes a name of its own, and those are DNS names.
  if (name === undefined || uid === undefined || !/^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/.test(uid)) return undefined;
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, namespace, name, uid };
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
