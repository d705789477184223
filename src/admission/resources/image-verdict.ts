import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { definitionOf } from '../../kubernetes/definition.ts';

/** Verdicts that replicas share. */
export const imageVerdictType: ResourceType = {
  group: 'verdicts.seaworthy.dev',
  version: 'v1alpha1',
  resource: 'imageverdicts',
  kind: 'ImageVerdict',
  namespaced: false,
};

/** The definition of {@link imageVerdictType}. Only `content` and `seal` count; the rest is for people. */
export function imageVerdictDefinition(): KubernetesObject {
  const text = (description: string, maxLength: number): object => ({ type: 'string', description, maxLength });
  return definitionOf(imageVerdictType, {
    singular: 'imageverdict',
    shortNames: ['imgv'],
    description: 'A verdict about an image that one replica of the webhook came to and others go by, until it is over.',
    status: false,
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        required: ['content', 'seal'],
        properties: {
          content: text('the verdict, in JSON', 262_144),
          seal: text('HMAC-SHA-256 of the content, under a key that the webhook alone has', 64),
          image: text('for people: the image', 4096),
          until: { ...text('for people: when the image is judged anew', 64), format: 'date-time' },
        },
      },
    },
    columns: [
      { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'The image that was judged.' },
      { name: 'Until', type: 'string', jsonPath: '.spec.until', description: 'When it is judged anew.' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it is kept.' },
    ],
  });
}
