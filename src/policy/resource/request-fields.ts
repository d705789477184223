import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from './model.ts';
import { resourceNameOf } from './resource-name.ts';

/**
 * The request as expressions see it, but for its objects, by the names of the API server (Kubernetes, admission.k8s.io/v1,
 * AdmissionRequest). What is there already came by no operation and of nobody, and what nobody told has no `uid` and no `options`.
 */
export function requestFields(subject: ResourceSubject): JsonObject {
  const { operation, group, version, kind: name, subresource, namespace, user, dryRun, request = {} } = subject;
  const kind = { group, version, kind: name };
  const { uid, resource = { group, version, resource: resourceNameOf(subject) }, options } = request;
  const { requestKind = kind, requestResource = resource, requestSubresource = subresource } = request;
  return {
    ...(uid === undefined ? {} : { uid }),
    kind,
    resource: { ...resource },
    subResource: subresource,
    requestKind: { ...requestKind },
    requestResource: { ...requestResource },
    requestSubResource: requestSubresource,
    namespace,
    name: subject.name,
    dryRun: dryRun ?? false,
    ...(operation === 'audit' ? {} : { operation }),
    ...(user === undefined ? {} : { userInfo: userInfoOf(user) }),
    ...(options === undefined ? {} : { options }),
  };
}

/** What is not told of a user is left out, as the API server does (authentication.k8s.io/v1, UserInfo). */
function userInfoOf({ username, uid, groups, extra }: NonNullable<ResourceSubject['user']>): JsonValue {
  return {
    username,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra: extra as JsonObject }),
  };
}
