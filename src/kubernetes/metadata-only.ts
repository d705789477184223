import type { ResourceType } from './model.ts';

/** What is asked for where only the metadata of objects matters (API concepts, "Receiving resources as Tables", "PartialObjectMetadata"). */
export const acceptMetadata = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
} as const;

/** The type by which metadata alone comes. */
export function metadataOf(type: ResourceType): ResourceType {
  return { ...type, group: 'meta.k8s.io', version: 'v1', kind: 'PartialObjectMetadata' };
}
