import { isObject, type JsonObject, type JsonValue } from '../../lang/jmespath/value.ts';
import type { ResourceRequest, ResourceSubject } from '../../policy/resource/model.ts';
import { resourceNameOf } from '../../policy/resource/resource-name.ts';
import type { ObjectName } from './subject-of.ts';
import { withMember } from './with-values.ts';

type Member = 'text' | 'object' | 'flag' | readonly string[];

/** What there is to a request besides its object and its user, and what its members are: texts, objects, or yes or no. */
const members: ReadonlyMap<string, Member> = new Map<string, Member>([
  ['uid', 'text'],
  ['subResource', 'text'],
  ['requestSubResource', 'text'],
  ['dryRun', 'flag'],
  ['options', 'object'],
  ['resource', ['group', 'version', 'resource']],
  ['requestKind', ['group', 'version', 'kind']],
  ['requestResource', ['group', 'version', 'resource']],
]);

/** Whether a member of `request` may be set so. */
export function isTold(name: string): boolean {
  return members.has(name);
}

/** Sets a member, or what is within it; or says what is wrong with that, to complete a sentence about it. */
export function tell(told: JsonObject, path: readonly string[], value: JsonValue): JsonObject | string {
  const [name = ''] = path;
  const made = withMember(told, path, value);
  return wrongWith(made[name] ?? null, members.get(name)) ?? made;
}

function wrongWith(value: JsonValue, wanted: Member | undefined): string | undefined {
  if (wanted === 'text') return typeof value === 'string' ? undefined : ' to what is no text';
  if (wanted === 'flag') return typeof value === 'boolean' ? undefined : ' to what is neither true nor false';
  if (!isObject(value)) return ' to what is no object';
  if (typeof wanted !== 'object') return undefined;
  const isWrong = Object.entries(value).some(([member, each]) => !wanted.includes(member) || typeof each !== 'string');
  return isWrong ? `, which has ${wanted.join(', ')}, each a text, and nothing else` : undefined;
}

/** What of a subject is said by what was told; the rest is as the object has it. */
export function toldOf(
  told: JsonObject,
  { group, version, kind }: Pick<ObjectName, 'group' | 'version' | 'kind'>,
): Partial<Pick<ResourceSubject, 'resource' | 'subresource' | 'dryRun' | 'request'>> {
  const { subResource, dryRun, requestSubResource, uid, options } = told;
  const usual = { group, version };
  const resource = { ...usual, resource: resourceNameOf({ kind }), ...objectAt(told, 'resource') };
  const request: ResourceRequest = {
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(options === undefined ? {} : { options: objectAt(told, 'options') }),
    ...(told['resource'] === undefined ? {} : { resource }),
    ...(told['requestKind'] === undefined ? {} : { requestKind: { ...usual, kind, ...objectAt(told, 'requestKind') } }),
    ...(told['requestResource'] === undefined
      ? {}
      : { requestResource: { ...resource, ...objectAt(told, 'requestResource') } }),
    ...(typeof requestSubResource === 'string' ? { requestSubresource: requestSubResource } : {}),
  };
  return {
    ...(typeof subResource === 'string' ? { subresource: subResource } : {}),
    ...(typeof dryRun === 'boolean' ? { dryRun } : {}),
    ...(request.resource === undefined ? {} : { resource: request.resource.resource }),
    ...(Object.keys(request).length === 0 ? {} : { request }),
  };
}

function objectAt(told: JsonObject, name: string): JsonObject {
  const value = told[name] ?? null;
  return isObject(value) ? value : {};
}
