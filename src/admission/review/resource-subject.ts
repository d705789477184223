import type { ResourceSubject } from '../../policy/resource/model.ts';
import { malformed } from './read-field.ts';
import type { ReviewRequest } from './model.ts';

/**
 * The object of a review as policies see it. What is deleted is judged as it was, and what is connected to by the options of the
 * connection, which is all that an API server shows of it.
 *
 * @throws AdmissionError REVIEW_MALFORMED where there is no object to judge
 */
export function toResourceSubject(request: ReviewRequest): ResourceSubject {
  const { operation, kind, subResource, namespace, name, userInfo, oldObject, dryRun, resource, options } = request;
  const object = operation === 'DELETE' ? oldObject : request.object;
  if (object === undefined) throw malformed('it shows no object');
  return {
    operation,
    ...kind,
    resource: resource.resource,
    subresource: subResource,
    namespace,
    name,
    object,
    ...(oldObject === undefined ? {} : { oldObject }),
    dryRun,
    user: {
      username: userInfo.username,
      groups: userInfo.groups,
      ...(userInfo.uid === '' ? {} : { uid: userInfo.uid }),
      ...(Object.keys(userInfo.extra).length === 0 ? {} : { extra: userInfo.extra }),
    },
    request: {
      uid: request.uid,
      resource,
      requestKind: request.requestKind,
      requestResource: request.requestResource,
      requestSubresource: request.requestSubResource,
      ...(options === undefined ? {} : { options }),
    },
  };
}
