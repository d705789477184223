import type { KubernetesObject } from '../model.ts';

/** The object without the record of who set which field, which is often the larger half of it and which nobody here reads. */
export function dropManagedFields(object: KubernetesObject): KubernetesObject {
  if (object.metadata['managedFields'] === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
