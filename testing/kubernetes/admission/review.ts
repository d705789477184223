import type { Json } from '../status.ts';
import type { Attributes } from './attributes.ts';

/** The request of an AdmissionReview (Kubernetes API, admission.k8s.io/v1). */
export function admissionRequest(attributes: Attributes, uid: string): Json {
  const { type, subresource, operation, name, namespace, user, object, oldObject, dryRun, options } = attributes;
  const kind = { group: type.group, version: type.version, kind: type.kind };
  const resource = { group: type.group, version: type.version, resource: type.resource };
  return {
    uid,
    kind,
    resource,
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kind,
    requestResource: resource,
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: { username: user.username, ...(user.uid === undefined ? {} : { uid: user.uid }), groups: user.groups },
    object: object ?? null,
    oldObject: oldObject ?? null,
    dryRun,
    options,
  };
}

/** What a webhook decided, once its answer was found to be one. */
export interface WebhookAnswer {
  readonly allowed: boolean;
  /** The operations, decoded. */
  readonly patch: unknown;
  readonly result: Json | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Json;
}

/**
 * Checks an answer (apiserver, "VerifyAdmissionResponse").
 *
 * @throws Error as the API server words it; that is then a failure of the call
 */
export function readAnswer(body: Buffer, uid: string, isMutating: boolean): WebhookAnswer {
  const review = JSON.parse(body.toString('utf8')) as Json;
  const expected = 'admission.k8s.io/v1, Kind=AdmissionReview';
  const got = `${String(review['apiVersion'])}, Kind=${String(review['kind'])}`;
  if (got !== expected) throw new Error(`expected webhook response of ${expected}, got ${got}`);
  const response = review['response'] as Json | undefined;
  if (response === undefined || response === null) throw new Error('webhook response was absent');
  if (response['uid'] !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  }
  if (typeof response['allowed'] !== 'boolean') throw new Error('json: response.allowed is no bool');
  const patch = response['patch'] ?? '';
  const patchType = response['patchType'];
  if (typeof patch !== 'string') throw new Error('json: response.patch is no base64 string');
  if (!isMutating && patch !== '') throw new Error('validating webhook may not return response.patch');
  if (!isMutating && patchType !== undefined) throw new Error('validating webhook may not return response.patchType');
  if (patch !== '' && patchType === undefined)
    throw new Error('webhook returned response.patch but not response.patchType');
  if (patch === '' && patchType !== undefined)
    throw new Error('webhook returned response.patchType but not response.patch');
  if (patch !== '' && patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${JSON.stringify(patchType)}`);
  if (patch !== '' && Buffer.from(patch, 'base64').toString('base64') !== patch) throw new Error('illegal base64 data');
  const warnings = response['warnings'] ?? [];
  if (!Array.isArray(warnings) || !warnings.every((one) => typeof one === 'string'))
    throw new Error('json: response.warnings');
  return {
    allowed: response['allowed'],
    patch: patch === '' ? undefined : (JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as unknown),
    result: response['status'] as Json | undefined,
    warnings,
    auditAnnotations: (response['auditAnnotations'] ?? {}) as Json,
  };
}
