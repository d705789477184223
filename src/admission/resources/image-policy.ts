import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { imagePolicyJsonSchema } from '../../policy/seaworthy/image-policy/schema.ts';
import { definitionOf, type StructuralSchema } from '../../kubernetes/definition.ts';
import { structuralSchema } from './structural-schema.ts';

/** Policies in the form of this program, for the whole cluster. */
export const imagePolicyType: ResourceType = {
  group: 'seaworthy.dev',
  version: 'v1',
  resource: 'imagepolicies',
  kind: 'ImagePolicy',
  namespaced: false,
};

/** The schema of `spec`, as a cluster takes it; fields that it does not name are not kept. */
export function imagePolicySpecSchema(): StructuralSchema {
  const document = imagePolicyJsonSchema() as { readonly properties: { readonly spec: unknown } };
  return structuralSchema(document.properties.spec);
}

/** The definition of {@link imagePolicyType}, whose schema is that of the documents themselves. */
export function imagePolicyDefinition(): KubernetesObject {
  return definitionOf(imagePolicyType, {
    singular: 'imagepolicy',
    shortNames: ['imgp'],
    description: 'What images must be like to run in this cluster.',
    status: true,
    required: ['spec'],
    properties: { spec: imagePolicySpecSchema(), status: statusSchema },
    columns: [
      {
        name: 'Enforcement',
        type: 'string',
        jsonPath: '.spec.enforcement',
        description: 'What becomes of an image that breaks it.',
      },
      {
        name: 'Ready',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        description: 'Whether it counts.',
      },
      {
        name: 'Message',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].message',
        description: 'Why it does not.',
        priority: 1,
      },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it is there.' },
    ],
  });
}

const text = { type: 'string' } as const;

/** Conditions as all of Kubernetes has them (meta/v1, Condition), and what is wrong with the policy. */
const statusSchema = {
  type: 'object',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
        properties: {
          type: text,
          status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
          observedGeneration: { type: 'integer', format: 'int64' },
          lastTransitionTime: { type: 'string', format: 'date-time' },
          reason: text,
          message: text,
        },
      },
    },
    mistakes: {
      type: 'array',
      items: text,
      description: 'what is wrong with it; it does not count before that is mended',
    },
  },
} as const;
