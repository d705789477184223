import { isObject } from '../../kubernetes/json.ts';
import type { KubernetesObject, OwnerReference } from '../../kubernetes/model.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { Labels, ObjectName } from '../model.ts';

/** An object that controls another one, as that one says. */
export interface Controller extends ObjectName {
  /** Tells it from one of the same name that was there before. */
  readonly uid: string;
}

/** What controls an object (Kubernetes, "Owners and Dependents"): the one owner that is its controller, if there can be such a one. */
export function controllerOf({ metadata }: KubernetesObject): Controller | undefined {
  const owners: unknown = metadata.ownerReferences;
  if (!Array.isArray(owners)) return undefined;
  const found = (owners as readonly unknown[]).find((each) => isObject(each) && each['controller'] === true);
  if (found === undefined) return undefined;
  const { apiVersion, kind, name, uid } = found as unknown as OwnerReference;
  const { ownerTexts } = limits;
  const isWhole = [
    [apiVersion, ownerTexts.apiVersion] as const,
    [kind, ownerTexts.kind] as const,
    [name, ownerTexts.name] as const,
  ].every(([text, most]: readonly [unknown, number]) => typeof text === 'string' && text !== '' && text.length <= most);
  if (!isWhole) return undefined;
  return { group: groupOf(apiVersion), kind, name, uid: typeof uid === 'string' ? uid : '' };
}

/** `apps` of `apps/v1`; empty for the core group. */
function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
}

/** The labels of an object that are texts, as many as are kept. */
export function labelsOf({ metadata }: KubernetesObject): Labels {
  const labels: unknown = metadata.labels;
  if (!isObject(labels)) return {};
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts.slice(0, limits.labels));
}

/** A text that says something. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What tells objects apart: their uid, or their names where they have none. */
export function identityOf(namespace: string, { group, kind, name, uid }: Controller): string {
  return uid === '' ? JSON.stringify([namespace, group, kind, name]) : `${namespace}/${uid}`;
}
