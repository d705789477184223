import { formatReference, type Reference } from '../../oci/reference.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';

/** The object that policies about objects are asked about: a Pod that is to be made with one container of the image, and nothing else. */
export function podOfImage(reference: Reference, namespace: string): ResourceSubject {
  const name = 'image';
  return {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace,
    name,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: { containers: [{ name, image: formatReference(reference) }] },
    },
  };
}
