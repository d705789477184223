import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { ResourceOperation, ResourceSubject, ResourceUser } from '../../policy/resource/model.ts';
import type { Named, SuiteUser } from './document/model.ts';
import { isTold, tell, toldOf } from './told-request.ts';
import { partsOf, withMember } from './with-values.ts';

/** Kinds of Kubernetes' own that are in no namespace; objects of others are in `default` where they do not say. */
const clusterKinds: ReadonlySet<string> = new Set(
  (
    'APIService CertificateSigningRequest ClusterRole ClusterRoleBinding CSIDriver ' +
    'CSINode CustomResourceDefinition IngressClass MutatingWebhookConfiguration Namespace ' +
    'Node PersistentVolume PriorityClass RuntimeClass StorageClass ' +
    'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment ClusterPolicy ' +
    'FlowSchema PriorityLevelConfiguration'
  ).split(' '),
);

/** Variables that Kyverno makes of the object. */
const fromObject: ReadonlySet<string> = new Set(['images', 'element', 'elementIndex', 'target']);

const operations: ReadonlySet<JsonValue> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/** What an object is called: `apps/v1/Deployment/team/web`. */
export interface ObjectName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What an object is called, as far as it says. */
export function nameOf(object: JsonObject): ObjectName {
  const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
  const metadata = (object['metadata'] ?? {}) as JsonObject;
  const [first = '', second] = text(object['apiVersion']).split('/');
  const kind = text(object['kind']);
  return {
    group: second === undefined ? '' : first,
    version: second ?? first,
    kind,
    namespace: clusterKinds.has(kind) ? '' : text(metadata['namespace']) || 'default',
    name: text(metadata['name']) || text(metadata['generateName']),
  };
}

/** `v1/Pod/default/app`, as Kyverno's tables have it. */
export function formatName({ group, version, kind, namespace, name }: ObjectName): string {
  return [group, version, kind, namespace, name].filter((part) => part !== '').join('/');
}

/** A request that values change. */
interface Request {
  operation: ResourceOperation;
  object: JsonObject;
  oldObject?: JsonObject;
  user?: ResourceUser;
  /** What else there is to it, by the names of `request`. */
  told: JsonObject;
  /** Of the service account that asks. */
  accountName?: string;
  accountNamespace?: string;
}

const nobody: ResourceUser = { username: '', groups: [] };

/**
 * The request by which an object comes, as values change it; or why there is none such, to complete a sentence about the values.
 *
 * @param values by the names of variables; those of contexts are nothing to it
 */
export function subjectOf(
  object: JsonObject,
  values: Named,
  user: SuiteUser | undefined,
  isAudit: boolean,
): ResourceSubject | string {
  const name = nameOf(object);
  const who = userOf(user);
  const request: Request = {
    operation: 'CREATE',
    told: {},
    object: name.namespace === '' ? object : withMember(object, ['metadata', 'namespace'], name.namespace),
    ...(who === undefined ? {} : { user: who }),
  };
  for (const [variable, value] of Object.entries(values)) {
    const wrong = setVariable(request, partsOf(variable), value);
    if (wrong !== undefined) return `set ${variable}${wrong}`;
  }
  const { accountName, accountNamespace = 'default' } = request;
  const asking =
    accountName === undefined
      ? request.user
      : { ...nobody, ...request.user, username: `system:serviceaccount:${accountNamespace}:${accountName}` };
  return {
    operation: isAudit ? 'audit' : request.operation,
    ...name,
    subresource: '',
    ...toldOf(request.told, name),
    object: request.object,
    ...(request.oldObject === undefined ? {} : { oldObject: request.oldObject }),
    ...(asking === undefined ? {} : { user: asking }),
  };
}

/** Sets a variable of the request; says what is wrong with that. Other variables are of contexts. */
function setVariable(
  request: Request,
  [first = '', second = '', ...rest]: readonly string[],
  value: JsonValue,
): string | undefined {
  if (fromObject.has(first)) return ', which comes from the object; change the object';
  if (first === 'serviceAccountName' && typeof value === 'string') request.accountName = value;
  else if (first === 'serviceAccountNamespace' && typeof value === 'string') request.accountNamespace = value;
  if (first !== 'request') return undefined;
  const asked = [second, ...rest].join('.');
  if (second === 'operation') {
    if (!operations.has(value)) return ' to what is no operation';
    request.operation = value as ResourceOperation;
  } else if (second === 'object' && rest.length > 0) request.object = withMember(request.object, rest, value);
  else if (second === 'oldObject' && rest.length > 0) {
    request.oldObject = withMember(request.oldObject ?? request.object, rest, value);
  } else if (asked === 'userInfo.username' && typeof value === 'string') {
    request.user = { ...(request.user ?? nobody), username: value };
  } else if (asked === 'userInfo.groups' && isTexts(value)) {
    request.user = { ...(request.user ?? nobody), groups: value };
  } else if ((asked === 'roles' || asked === 'clusterRoles') && isTexts(value)) {
    request.user = { ...(request.user ?? nobody), [asked]: { state: 'known', value, at: 0 } };
  } else if (asked === 'userInfo.uid' && typeof value === 'string') {
    request.user = { ...(request.user ?? nobody), uid: value };
  } else if (second === 'userInfo' && rest.length === 2 && rest[0] === 'extra' && isTexts(value)) {
    const { extra = {}, ...user } = request.user ?? nobody;
    request.user = { ...user, extra: { ...extra, [rest[1] ?? '']: value } };
  } else if (isTold(second)) {
    const told = tell(request.told, [second, ...rest], value);
    if (typeof told === 'string') return told;
    request.told = told;
  } else return ', which tests cannot set';
  return undefined;
}

function userOf(user: SuiteUser | undefined): ResourceUser | undefined {
  if (user === undefined) return undefined;
  const { roles, clusterRoles, userInfo } = user;
  return {
    username: userInfo?.username ?? '',
    groups: userInfo?.groups ?? [],
    ...(userInfo?.uid === undefined ? {} : { uid: userInfo.uid }),
    ...(userInfo?.extra === undefined ? {} : { extra: userInfo.extra }),
    ...(roles === undefined ? {} : { roles: { state: 'known', value: roles, at: 0 } }),
    ...(clusterRoles === undefined ? {} : { clusterRoles: { state: 'known', value: clusterRoles, at: 0 } }),
  };
}

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
