import { apiVersionOf, type KubernetesObject } from '../../kubernetes/model.ts';
import { ownLabels } from '../ownership.ts';
import { imageVerdictType as type } from '../resources/image-verdict.ts';
import type { KeptVerdict } from './model.ts';
import { openVerdict, sealVerdict } from './seal.ts';

/** A verdict as an object of a cluster; undefined for one that is too long, or no name of an object. */
export function verdictObject(kept: KeptVerdict, key: Uint8Array): KubernetesObject | undefined {
  const sealed = sealVerdict(kept, key);
  if (sealed === undefined || !/^[0-9a-f]{64}$/.test(kept.key)) return undefined;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name: kept.key, labels: ownLabels },
    spec: { ...sealed, image: kept.image.slice(0, 4096), until: new Date(Math.max(kept.until, kept.at)).toISOString() },
  };
}

/** The verdict of an object; undefined for one that was not sealed with this key, whoever wrote it. */
export function verdictOfObject({ spec }: KubernetesObject, key: Uint8Array): KeptVerdict | undefined {
  const { content, seal } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof content !== 'string' || typeof seal !== 'string') return undefined;
  return openVerdict({ content, seal }, key);
}

/** What is held of an object while a list of them is read. */
export function keptOfVerdict({ apiVersion, kind, metadata, spec }: KubernetesObject): KubernetesObject {
  const { content, seal } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const { name, resourceVersion = '', creationTimestamp = '' } = metadata;
  return { apiVersion, kind, metadata: { name, resourceVersion, creationTimestamp }, spec: { content, seal } };
}
