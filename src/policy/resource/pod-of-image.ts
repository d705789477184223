import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from './model.ts';

/**
 * The object that policies about objects are asked about where there is an image and nothing else: a Pod that is to be made with one
 * container of it.
 *
 * @param image as a Pod would write it
 */
export function podOfImage(image: string, namespace: string): ResourceSubject {
  return subjectOf({ name: containerName, image }, namespace);
}

/** The same, for whoever must know whether anybody looks at the image. @param onRead called each time that somebody does */
export function watchedPodOfImage(image: string, namespace: string, onRead: () => void): ResourceSubject {
  const container: JsonObject = Object.defineProperty({ name: containerName, image }, 'image', {
    enumerable: true,
    get() {
      onRead();
      return image;
    },
  });
  return subjectOf(container, namespace);
}

const containerName = 'image';

function subjectOf(container: JsonObject, namespace: string): ResourceSubject {
  const name = containerName;
  return {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace,
    name,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { containers: [container] } },
  };
}
