import { z } from 'zod';

/** What is read of CycloneDX JSON 1.2 to 1.7. Loose on purpose: one odd component must not hide the others. */

const text = z.string().optional().catch(undefined);
const properties = z
  .array(z.object({ name: z.string(), value: z.string() }).nullable().catch(null))
  .optional()
  .catch(undefined);

const component = z.object({
  type: z.string(),
  name: z.string(),
  version: text,
  'bom-ref': text,
  purl: text,
  supplier: z.object({ name: text }).optional().catch(undefined),
  hashes: z
    .array(z.object({ alg: z.string(), content: z.string() }))
    .optional()
    .catch(undefined),
  licenses: z
    .array(z.object({ license: z.object({ id: text, name: text }).optional(), expression: text }))
    .optional()
    .catch(undefined),
  properties,
  evidence: z
    .object({ occurrences: z.array(z.object({ location: z.string() })).optional() })
    .optional()
    .catch(undefined),
  components: z.array(z.unknown()).optional().catch(undefined),
});

const namedTool = z.object({ name: z.string(), version: text });

const document = z.object({
  specVersion: z.string(),
  serialNumber: text,
  metadata: z
    .object({
      timestamp: text,
      tools: z
        .union([z.array(namedTool), z.object({ components: z.array(namedTool) })])
        .optional()
        .catch(undefined),
      component: component.optional().catch(undefined),
      properties,
    })
    .optional()
    .catch(undefined),
  components: z.array(z.unknown()).optional(),
  dependencies: z.array(z.unknown()).optional(),
});

const dependency = z.object({ ref: z.string(), dependsOn: z.array(z.string()).optional() });

type Maybe<Value> = Value | undefined;

/** A fact under a producer's own name; null where the document has something else. */
type CycloneDxProperty = { readonly name: string; readonly value: string } | null;

/** The parts of a component that are read. */
export interface CycloneDxComponent {
  readonly type: string;
  readonly name: string;
  readonly version?: Maybe<string>;
  readonly 'bom-ref'?: Maybe<string>;
  readonly purl?: Maybe<string>;
  readonly supplier?: Maybe<{ readonly name?: Maybe<string> }>;
  readonly hashes?: Maybe<readonly { readonly alg: string; readonly content: string }[]>;
  readonly licenses?: Maybe<
    readonly {
      readonly license?: Maybe<{ readonly id?: Maybe<string>; readonly name?: Maybe<string> }>;
      readonly expression?: Maybe<string>;
    }[]
  >;
  readonly properties?: Maybe<readonly CycloneDxProperty[]>;
  readonly evidence?: Maybe<{ readonly occurrences?: Maybe<readonly { readonly location: string }[]> }>;
  readonly components?: Maybe<readonly unknown[]>;
}

interface NamedTool {
  readonly name: string;
  readonly version?: Maybe<string>;
}

/** The parts of a document that are read; components and graph nodes are checked one by one. */
export interface CycloneDxDocument {
  readonly specVersion: string;
  readonly serialNumber?: Maybe<string>;
  readonly metadata?: Maybe<{
    readonly timestamp?: Maybe<string>;
    readonly tools?: Maybe<readonly NamedTool[] | { readonly components: readonly NamedTool[] }>;
    readonly component?: Maybe<CycloneDxComponent>;
    readonly properties?: Maybe<readonly CycloneDxProperty[]>;
  }>;
  readonly components?: Maybe<readonly unknown[]>;
  readonly dependencies?: Maybe<readonly unknown[]>;
}

/** One node of the graph. */
export interface CycloneDxDependency {
  readonly ref: string;
  readonly dependsOn?: Maybe<readonly string[]>;
}

/** Checks the document's outline; undefined when it is none. */
export function readDocument(json: unknown): CycloneDxDocument | undefined {
  return document.safeParse(json).data;
}

/** Checks one component. */
export function readComponent(json: unknown): CycloneDxComponent | undefined {
  return component.safeParse(json).data;
}

/** Checks one node of the graph. */
export function readDependency(json: unknown): CycloneDxDependency | undefined {
  return dependency.safeParse(json).data;
}
