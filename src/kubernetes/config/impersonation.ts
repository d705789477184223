import { isObject } from '../json.ts';
import { invalidEntry, type KubeEntry, listField, objectField, textField } from './entry.ts';
import { configLimits as limits } from './limits.ts';

/** The headers by which a user asks as another one (Kubernetes documentation, "User impersonation"). @throws KubernetesError CONFIG_INVALID */
export function impersonationHeaders(user: KubeEntry): Readonly<Record<string, string>> {
  const name = textField(user, 'as');
  const uid = textField(user, 'as-uid');
  const groups = listField(user, 'as-groups', limits.extras);
  const extras = Object.entries(objectField(user, 'as-user-extra') ?? {});
  if (name === undefined) {
    if (uid === undefined && groups.length === 0 && extras.length === 0) return {};
    throw invalidEntry(user, 'asks as another user without a name; set "as"');
  }
  const headers: Record<string, string> = { 'impersonate-user': check(user, name) };
  if (uid !== undefined) headers['impersonate-uid'] = check(user, uid);
  if (groups.length > 0) headers['impersonate-group'] = only(user, groups, 'as-groups');
  for (const [key, values] of extras.slice(0, limits.extras)) {
    const list = Array.isArray(values) ? (values as readonly unknown[]) : isObject(values) ? [] : [values];
    if (list.length === 0) continue;
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = only(user, list, 'as-user-extra');
  }
  return headers;
}

/** Several values are several headers of one name, which is not sent here. */
function only(user: KubeEntry, values: readonly unknown[], name: string): string {
  const [value, second] = values;
  if (typeof value !== 'string' || second !== undefined) {
    throw invalidEntry(user, `has several values in ${name}, of which only one can be sent; keep one`);
  }
  return check(user, value);
}

function check(user: KubeEntry, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw invalidEntry(user, 'asks as a user with characters that no header can hold; correct it');
}
