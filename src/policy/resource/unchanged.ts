import { LangError } from '../../lang/error.ts';
import { areEqual, isObject, type JsonObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceImages } from './images.ts';
import { isDeleted } from './is-deleted.ts';
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

/** What the API server and controllers write into metadata of what is being deleted. */
const bookkeeping: ReadonlySet<string> = new Set([
  'finalizers',
  'managedFields',
  'resourceVersion',
  'generation',
  'ownerReferences',
]);

/**
 * The same as {@link isEnding} for an object whose images may be anywhere, as where an expression finds them: nothing but its finalizers and
 * what goes with them changes.
 */
export function isOnlyLetGo({ operation, object, oldObject }: ResourceSubject): boolean {
  if (operation !== 'UPDATE' || oldObject === undefined || !isDeleted(object) || !isDeleted(oldObject)) return false;
  return isSame(withoutBookkeeping(object), withoutBookkeeping(oldObject));
}

/** Whether an object is only made to run less often, with the images that it has. */
export function isScalingDown(subject: ResourceSubject, imagesOf: ImagesOf): boolean {
  const { operation, object, oldObject } = subject;
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  const [now, before] = [replicasOf(object), replicasOf(oldObject)];
  return now !== undefined && before !== undefined && now < before && hasSameImages(subject, oldObject, imagesOf);
}

/** Whether nothing of an object changes but its metadata and status. */
export function isOnlyNoted({ operation, object, oldObject }: ResourceSubject): boolean {
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  return isSame(withoutRecord(object), withoutRecord(oldObject));
}

/**
 * Whether a change only takes finalizers off an object, as the controller of Jobs does with a pod that has ended (Kubernetes, "Job tracking
 * with finalizers"): denied because of an image that passed when it came, the Job would never end.
 */
export function isOnlyFreed({ operation, object, oldObject }: ResourceSubject): boolean {
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  const before = finalizersOf(oldObject);
  const now = finalizersOf(object);
  if (now.length >= before.length || !now.every((each) => before.includes(each))) return false;
  return isSame(withoutBookkeeping(object), withoutBookkeeping(oldObject));
}

/**
 * Whether an object is made to run less often, and nothing else of it changes than its metadata and status. A Deployment that goes to
 * another image takes its old ReplicaSet down so, which goes on with the old image where that is denied.
 */
export function isOnlyScaledDown(subject: ResourceSubject, imagesOf: ImagesOf): boolean {
  const { object, oldObject } = subject;
  if (oldObject === undefined || !isScalingDown(subject, imagesOf)) return false;
  return isSame(withoutReplicas(withoutRecord(object)), withoutReplicas(withoutRecord(oldObject)));
}

function finalizersOf(object: JsonObject): readonly JsonValue[] {
  const found = memberOf(memberOf(object, 'metadata'), 'finalizers');
  return Array.isArray(found) ? found : [];
}

function withoutRecord(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'metadata' && name !== 'status'));
}

function withoutBookkeeping(object: JsonObject): JsonObject {
  const metadata = memberOf(object, 'metadata');
  const rest = withoutRecord(object);
  if (!isObject(metadata)) return { ...rest, metadata: {} };
  return { ...rest, metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => !bookkeeping.has(name))) };
}

function withoutReplicas(object: JsonObject): JsonObject {
  const spec = memberOf(object, 'spec');
  if (!isObject(spec)) return object;
  return { ...object, spec: Object.fromEntries(Object.entries(spec).filter(([name]) => name !== 'replicas')) };
}

/** What nests too far to be compared is not the same. */
function isSame(one: JsonValue, other: JsonValue): boolean {
  try {
    return areEqual(one, other, () => undefined);
  } catch (error) {
    if (error instanceof LangError) return false;
    throw error;
  }
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

function replicasOf(object: JsonObject): number | undefined {
  const replicas = memberOf(memberOf(object, 'spec'), 'replicas');
  return typeof replicas === 'number' ? replicas : undefined;
}
