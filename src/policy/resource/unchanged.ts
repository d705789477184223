import { isObject, type JsonObject, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceImages } from './images.ts';
import type { ResourceSubject } from './model.ts';

/** Finds the images of an object. */
export type ImagesOf = (subject: ResourceSubject) => ResourceImages;

/**
 * Whether an object is only let go: whoever removes its last finalizer must be able to do so, whatever its images
 * (kyverno/policies#1293), and must not put in another one (CVE-2023-34091). What the API server keeps as the object counts.
 */
export function isEnding(subject: ResourceSubject, imagesOf: ImagesOf): boolean {
  const { operation, object, oldObject } = subject;
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  return isDeleted(object) && isDeleted(oldObject) && hasSameImages(subject, oldObject, imagesOf);
}

/** Whether an object is only made to run less often, with the images that it has. */
export function isScalingDown(subject: ResourceSubject, imagesOf: ImagesOf): boolean {
  const { operation, object, oldObject } = subject;
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  const [now, before] = [replicasOf(object), replicasOf(oldObject)];
  return now !== undefined && before !== undefined && now < before && hasSameImages(subject, oldObject, imagesOf);
}

function hasSameImages(subject: ResourceSubject, oldObject: JsonObject, imagesOf: ImagesOf): boolean {
  const before = imagesOf({ ...subject, object: oldObject });
  const were = new Set(before.images.map(({ image }) => image));
  const unreadable = new Set(before.unreadable.map(({ pointer }) => pointer));
  const now = imagesOf(subject);
  return (
    now.images.every(({ image }) => were.has(image)) && now.unreadable.every(({ pointer }) => unreadable.has(pointer))
  );
}

function isDeleted(object: JsonObject): boolean {
  const metadata = memberOf(object, 'metadata');
  return isObject(metadata) && typeof memberOf(metadata, 'deletionTimestamp') === 'string';
}

function replicasOf(object: JsonObject): number | undefined {
  const replicas = memberOf(memberOf(object, 'spec'), 'replicas');
  return typeof replicas === 'number' ? replicas : undefined;
}
