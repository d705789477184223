import { z } from 'zod';

/** The parts of an OpenVEX document that are used (openvex/spec, OPENVEX-SPEC.md, v0.0.0 to v0.2.0). */

type Nullish<Value> = Value | null | undefined;

const nullish = <Schema extends z.ZodType>(schema: Schema): z.ZodNullable<z.ZodOptional<Schema>> =>
  schema.optional().nullable();
const text = nullish(z.string()).catch(undefined);

const component = z.object({ '@id': text, identifiers: nullish(z.record(z.string(), z.unknown())) });

// Before v0.2.0, products, their parts and vulnerabilities were plain texts.
const named = z.union([z.string(), component]);
const product = z.union([z.string(), component.extend({ subcomponents: nullish(z.array(named)) })]);

const vulnerability = z.union([
  z.string(),
  z.object({ '@id': text, name: text, aliases: nullish(z.array(z.string())) }),
]);

/** One statement. */
export const openVexStatement: z.ZodType<OpenVexStatement> = z.object({
  vulnerability,
  timestamp: text,
  last_updated: text,
  products: nullish(z.array(product)),
  subcomponents: nullish(z.array(named)),
  status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
  justification: text,
  impact_statement: text,
  status_notes: text,
});

/** A document; its statements are read one by one. */
export const openVexDocument: z.ZodType<OpenVexDocument> = z.object({
  '@context': z.string(),
  timestamp: text,
  last_updated: text,
  statements: z.array(z.unknown()),
});

/** {@link openVexDocument}, as read. */
export interface OpenVexDocument {
  readonly '@context': string;
  readonly timestamp?: Nullish<string>;
  readonly last_updated?: Nullish<string>;
  readonly statements: readonly unknown[];
}

/** {@link openVexStatement}, as read. */
export interface OpenVexStatement {
  readonly vulnerability:
    | string
    | {
        readonly '@id'?: Nullish<string>;
        readonly name?: Nullish<string>;
        readonly aliases?: Nullish<readonly string[]>;
      };
  readonly timestamp?: Nullish<string>;
  readonly last_updated?: Nullish<string>;
  readonly products?: Nullish<readonly (string | OpenVexProduct)[]>;
  readonly subcomponents?: Nullish<readonly (string | OpenVexComponent)[]>;
  readonly status: 'not_affected' | 'affected' | 'fixed' | 'under_investigation';
  readonly justification?: Nullish<string>;
  readonly impact_statement?: Nullish<string>;
  readonly status_notes?: Nullish<string>;
}

/** A product or a part of one. */
export interface OpenVexComponent {
  readonly '@id'?: Nullish<string>;
  readonly identifiers?: Nullish<Readonly<Record<string, unknown>>>;
}

/** A product with the parts of it that are meant. */
export interface OpenVexProduct extends OpenVexComponent {
  readonly subcomponents?: Nullish<readonly (string | OpenVexComponent)[]>;
}
