import type { KubernetesObject, ResourceType } from './model.ts';

/** A structural schema (Kubernetes, "Specifying a structural schema"). */
export type StructuralSchema = Readonly<Record<string, unknown>>;

/** What a definition says besides its type. */
export interface DefinitionParts {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  /** Of a whole object, without `apiVersion`, `kind` and `metadata`. */
  readonly properties: Readonly<Record<string, StructuralSchema>>;
  readonly required: readonly string[];
  /** Whether it has a `status` that is written apart. */
  readonly status: boolean;
  /** Columns of `kubectl get`. */
  readonly columns: readonly {
    readonly name: string;
    readonly type: 'string' | 'date' | 'integer';
    readonly jsonPath: string;
    readonly description: string;
    /** Above 0, with `-o wide` alone. */
    readonly priority?: number;
  }[];
}

/** The object that has a cluster know a type (apiextensions.k8s.io/v1), in one version that is served and kept. */
export function definitionOf(type: ResourceType, parts: DefinitionParts): KubernetesObject {
  const { group, version, resource, kind, namespaced } = type;
  const { singular, shortNames, description, properties, required, status, columns } = parts;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { plural: resource, singular, kind, listKind: `${kind}List`, shortNames },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(status ? { subresources: { status: {} } } : {}),
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                ...properties,
              },
            },
          },
        },
      ],
    },
  };
}
