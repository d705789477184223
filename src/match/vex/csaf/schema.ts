import { z } from 'zod';

/** The parts of a CSAF document that VEX needs (OASIS CSAF 2.0, sections 3.2.2, 3.2.3 and 4.5). */

type Nullish<Value> = Value | null | undefined;

const nullish = <Schema extends z.ZodType>(schema: Schema): z.ZodNullable<z.ZodOptional<Schema>> =>
  schema.optional().nullable();
const text = nullish(z.string()).catch(undefined);
const texts = nullish(z.array(z.string()));

/** A product with what identifies it (3.1.3). */
export const csafProduct: z.ZodType<CsafProduct> = z.object({
  product_id: z.string(),
  product_identification_helper: nullish(z.object({ purl: text, purls: texts.catch(undefined) })).catch(undefined),
});

/** A node of the tree (3.1.2). */
export const csafBranch: z.ZodType<CsafBranch> = z.object({
  product: nullish(z.unknown()),
  branches: nullish(z.array(z.unknown())),
});

/** How two products make a third (3.2.2.4). */
export const csafRelationship: z.ZodType<CsafRelationship> = z.object({
  category: z.string(),
  product_reference: z.string(),
  relates_to_product_reference: z.string(),
  full_product_name: csafProduct,
});

const concerns = { product_ids: texts, group_ids: texts };

/** What a document says of one flaw (3.2.3). */
export const csafVulnerability: z.ZodType<CsafVulnerability> = z.object({
  cve: text,
  ids: nullish(z.array(z.object({ text: z.string() }))),
  product_status: nullish(
    z.object({
      known_not_affected: texts,
      fixed: texts,
      first_fixed: texts,
      known_affected: texts,
      first_affected: texts,
      last_affected: texts,
      under_investigation: texts,
    }),
  ),
  flags: nullish(z.array(z.object({ label: z.string(), ...concerns }))),
  threats: nullish(z.array(z.object({ category: z.string(), details: z.string(), ...concerns }))),
});

/** A document; nodes of its tree and its vulnerabilities are read one by one. */
export const csafDocument: z.ZodType<CsafDocument> = z.object({
  document: z.object({
    csaf_version: z.string(),
    tracking: nullish(z.object({ status: text, current_release_date: text })).catch(undefined),
  }),
  product_tree: nullish(
    z.object({
      full_product_names: nullish(z.array(z.unknown())),
      branches: nullish(z.array(z.unknown())),
      relationships: nullish(z.array(z.unknown())),
      product_groups: nullish(z.array(z.object({ group_id: z.string(), product_ids: z.array(z.string()) }))),
    }),
  ),
  vulnerabilities: nullish(z.array(z.unknown())),
});

/** {@link csafProduct}, as read. */
export interface CsafProduct {
  readonly product_id: string;
  readonly product_identification_helper?: Nullish<{
    readonly purl?: Nullish<string>;
    readonly purls?: Nullish<readonly string[]>;
  }>;
}

/** {@link csafBranch}, as read. */
export interface CsafBranch {
  readonly product?: unknown;
  readonly branches?: Nullish<readonly unknown[]>;
}

/** {@link csafRelationship}, as read. */
export interface CsafRelationship {
  readonly category: string;
  readonly product_reference: string;
  readonly relates_to_product_reference: string;
  readonly full_product_name: CsafProduct;
}

/** Which products something is said of. */
export interface CsafConcerns {
  readonly product_ids?: Nullish<readonly string[]>;
  readonly group_ids?: Nullish<readonly string[]>;
}

/** {@link csafVulnerability}, as read. */
export interface CsafVulnerability {
  readonly cve?: Nullish<string>;
  readonly ids?: Nullish<readonly { readonly text: string }[]>;
  readonly product_status?: Nullish<{
    readonly known_not_affected?: Nullish<readonly string[]>;
    readonly fixed?: Nullish<readonly string[]>;
    readonly first_fixed?: Nullish<readonly string[]>;
    readonly known_affected?: Nullish<readonly string[]>;
    readonly first_affected?: Nullish<readonly string[]>;
    readonly last_affected?: Nullish<readonly string[]>;
    readonly under_investigation?: Nullish<readonly string[]>;
  }>;
  readonly flags?: Nullish<readonly (CsafConcerns & { readonly label: string })[]>;
  readonly threats?: Nullish<readonly (CsafConcerns & { readonly category: string; readonly details: string })[]>;
}

/** {@link csafDocument}, as read. */
export interface CsafDocument {
  readonly document: {
    readonly csaf_version: string;
    readonly tracking?: Nullish<{ readonly status?: Nullish<string>; readonly current_release_date?: Nullish<string> }>;
  };
  readonly product_tree?: Nullish<{
    readonly full_product_names?: Nullish<readonly unknown[]>;
    readonly branches?: Nullish<readonly unknown[]>;
    readonly relationships?: Nullish<readonly unknown[]>;
    readonly product_groups?: Nullish<
      readonly { readonly group_id: string; readonly product_ids: readonly string[] }[]
    >;
  }>;
  readonly vulnerabilities?: Nullish<readonly unknown[]>;
}
