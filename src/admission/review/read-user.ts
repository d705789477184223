import { isObject, type JsonObject, type JsonValue, objectOf } from '../../lang/jmespath/value.ts';
import { admissionLimits } from '../limits.ts';
import type { ReviewUser } from './model.ts';
import { malformed, readObject } from './read-field.ts';

/** Who asks (Kubernetes, authentication.k8s.io/v1, UserInfo). @throws AdmissionError REVIEW_MALFORMED */
export function readUser(request: JsonObject): ReviewUser {
  const user = readObject(request, 'userInfo', 'request.userInfo');
  return {
    username: textOf(user['username'], 'username'),
    uid: textOf(user['uid'], 'uid'),
    groups: textsOf(user['groups'], 'groups'),
    extra: readExtra(user['extra']),
  };
}

function readExtra(extra: JsonValue | undefined): ReviewUser['extra'] {
  if (extra === undefined || extra === null) return {};
  if (!isObject(extra)) throw malformed('request.userInfo.extra is no object');
  const entries = Object.entries(extra).map(([name, values]) => [name, textsOf(values, 'extra')] as const);
  return objectOf(entries) as ReviewUser['extra'];
}

function textOf(value: JsonValue | undefined, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw malformed(`request.userInfo.${name} is no text`);
  return value;
}

function textsOf(value: JsonValue | undefined, name: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const isList = Array.isArray(value) && value.length <= admissionLimits.groups;
  if (!isList || !value.every((each) => typeof each === 'string')) {
    throw malformed(`request.userInfo.${name} is no list of at most ${admissionLimits.groups} texts`);
  }
  return value;
}
