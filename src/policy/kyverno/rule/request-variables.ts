import { once } from '../../../base/once.ts';
import { lazyObject } from '../../../base/lazy-object.ts';
import { isObject, type JsonObject, type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import { requestFields } from '../../resource/request-fields.ts';
import type { ResourceImages } from '../../resource/images.ts';
import { rolesLookup } from '../context/lookup.ts';
import { imagesVariable } from '../extract/images-variable.ts';
import type { Judging } from './judging.ts';
import type { Variable } from './scope.ts';

/** Variables that every rule has (Kyverno, "Pre-defined Variables"). */
export const reservedVariables: readonly string[] = [
  'request',
  'images',
  'serviceAccountName',
  'serviceAccountNamespace',
  'element',
  'elementIndex',
  'target',
];

/** The values of {@link reservedVariables} that are there outside of lists. */
export function requestVariables(judging: Judging, images: () => ResourceImages): ReadonlyMap<string, Variable> {
  const { user } = judging.input.subject;
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(user?.username ?? '') ?? [];
  return new Map<string, Variable>([
    ['request', once(() => requestOf(judging))],
    ['images', once(() => imagesVariable(images(), judging.tools.settings.naming))],
    ['serviceAccountName', () => name],
    ['serviceAccountNamespace', () => namespace],
  ]);
}

/**
 * The request, as Kyverno has it: of AdmissionReview, with the roles of whoever asks beside it. What is deleted is `object` and
 * `oldObject`; what is there already came by no operation and of nobody.
 */
function requestOf(judging: Judging): JsonObject {
  const { subject } = judging.input;
  const { operation, object, oldObject, user } = subject;
  const plain = {
    ...requestFields(subject),
    object,
    oldObject: oldObject ?? (operation === 'DELETE' ? object : null),
  };
  if (user === undefined) return plain;
  const request = new Map<string, Variable>(Object.entries(plain).map(([name, value]) => [name, () => value]));
  for (const which of ['roles', 'clusterRoles'] as const) {
    const known = user[which];
    const get = (): JsonValue => {
      if (known?.state === 'known') return known.value;
      const found = judging.lookUp(rolesLookup(), 'The roles of who asks') ?? null;
      return isObject(found) ? memberOf(found, which) : null;
    };
    request.set(which, get);
  }
  return lazyObject(request) as JsonObject;
}
