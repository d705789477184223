import { z } from 'zod';

/** The parts of a CycloneDX document that VEX needs (CycloneDX JSON 1.4 to 1.7, `vulnerabilities`). */

type Nullish<Value> = Value | null | undefined;

const nullish = <Schema extends z.ZodType>(schema: Schema): z.ZodNullable<z.ZodOptional<Schema>> =>
  schema.optional().nullable();
const text = nullish(z.string()).catch(undefined);

/** A component. */
export const vexComponent: z.ZodType<VexComponent> = z.object({
  'bom-ref': text,
  purl: text,
  components: nullish(z.array(z.unknown())).catch(undefined),
});

/** A document; its components and vulnerabilities are read one by one. */
export const vexBom: z.ZodType<VexBom> = z.object({
  specVersion: z.string(),
  serialNumber: text,
  version: nullish(z.number().int().nonnegative()).catch(undefined),
  metadata: nullish(z.object({ timestamp: text, component: nullish(z.unknown()) })).catch(undefined),
  components: nullish(z.array(z.unknown())).catch(undefined),
  vulnerabilities: nullish(z.array(z.unknown())),
});

/** What a document says of one flaw. */
export const vexVulnerability: z.ZodType<VexVulnerability> = z.object({
  id: text,
  references: nullish(z.array(z.object({ id: text }))),
  updated: text,
  analysis: nullish(
    z.object({
      state: nullish(
        z.enum(['resolved', 'resolved_with_pedigree', 'exploitable', 'in_triage', 'false_positive', 'not_affected']),
      ),
      justification: text,
      detail: text,
      firstIssued: text,
      lastUpdated: text,
    }),
  ),
  affects: nullish(
    z.array(
      z.object({
        ref: z.string(),
        versions: nullish(z.array(z.object({ version: text, range: text, status: text }))),
      }),
    ),
  ),
});

/** {@link vexComponent}, as read. */
export interface VexComponent {
  readonly 'bom-ref'?: Nullish<string>;
  readonly purl?: Nullish<string>;
  readonly components?: Nullish<readonly unknown[]>;
}

/** {@link vexBom}, as read. */
export interface VexBom {
  readonly specVersion: string;
  readonly serialNumber?: Nullish<string>;
  readonly version?: Nullish<number>;
  readonly metadata?: Nullish<{ readonly timestamp?: Nullish<string>; readonly component?: unknown }>;
  readonly components?: Nullish<readonly unknown[]>;
  readonly vulnerabilities?: Nullish<readonly unknown[]>;
}

/** {@link vexVulnerability}, as read. */
export interface VexVulnerability {
  readonly id?: Nullish<string>;
  readonly references?: Nullish<readonly { readonly id?: Nullish<string> }[]>;
  readonly updated?: Nullish<string>;
  readonly analysis?: Nullish<{
    readonly state?: Nullish<
      'resolved' | 'resolved_with_pedigree' | 'exploitable' | 'in_triage' | 'false_positive' | 'not_affected'
    >;
    readonly justification?: Nullish<string>;
    readonly detail?: Nullish<string>;
    readonly firstIssued?: Nullish<string>;
    readonly lastUpdated?: Nullish<string>;
  }>;
  readonly affects?: Nullish<readonly VexAffects[]>;
}

/** An entry of `affects`. */
export interface VexAffects {
  readonly ref: string;
  readonly versions?: Nullish<
    readonly {
      readonly version?: Nullish<string>;
      readonly range?: Nullish<string>;
      readonly status?: Nullish<string>;
    }[]
  >;
}
