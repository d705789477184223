import type { VexProduct } from '../../../finding/vex.ts';
import type { PackageUrl } from '../../../package/package-url.ts';
import { malformed, purlOrNone } from '../document.ts';
import { vexLimits } from '../limits.ts';
import {
  csafBranch,
  csafProduct,
  csafRelationship,
  type CsafConcerns,
  type CsafDocument,
  type CsafRelationship,
} from './schema.ts';

/** The products that a document's statements name by their ids. */
export interface ProductTree {
  /** Undefined for one that packages cannot be held against, such as one that only a CPE names. */
  product(id: string): VexProduct | undefined;
  /** The products that something is said of; undefined where it is said of all. */
  concerned(concerns: CsafConcerns): ReadonlySet<string> | undefined;
}

/** Relationships in which the first product is a part of what the second is (CSAF 2.0, 3.2.2.4.1). */
const partOf: ReadonlySet<string> = new Set([
  'default_component_of',
  'optional_component_of',
  'installed_on',
  'installed_with',
]);

/** Reads a document's tree. @throws VexError VEX_MALFORMED */
export function readProductTree({ product_tree: tree }: CsafDocument, source: string): ProductTree {
  const purls = new Map<string, readonly PackageUrl[]>();
  const take = (json: unknown): void => {
    const { data: product, error } = csafProduct.safeParse(json);
    if (product === undefined) throw malformed(source, 'a product of its tree has no id', error);
    const helper = product.product_identification_helper;
    const texts = [helper?.purl, ...(helper?.purls ?? [])].filter((text) => text != null);
    purls.set(
      product.product_id,
      texts.map(purlOrNone).filter((purl) => purl !== undefined),
    );
  };
  for (const product of tree?.full_product_names ?? []) take(product);
  const lists = [tree?.branches ?? []];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    for (const json of list) {
      const { data: branch, error } = csafBranch.safeParse(json);
      if (branch === undefined) throw malformed(source, 'a branch of its product tree is none', error);
      if (branch.product != null) take(branch.product);
      if (branch.branches != null) lists.push(branch.branches);
    }
  }
  const relationships = new Map<string, CsafRelationship>();
  for (const json of tree?.relationships ?? []) {
    const { data: relationship, error } = csafRelationship.safeParse(json);
    if (relationship === undefined) throw malformed(source, 'a relationship of its product tree is none', error);
    take(relationship.full_product_name);
    relationships.set(relationship.full_product_name.product_id, relationship);
  }
  const groups = new Map((tree?.product_groups ?? []).map(({ group_id: id, product_ids: ids }) => [id, ids]));
  return {
    product: (id) => productOf(id, purls, relationships),
    concerned({ product_ids: ids, group_ids: groupIds }) {
      if (ids == null && groupIds == null) return undefined;
      return new Set([...(ids ?? []), ...(groupIds ?? []).flatMap((id) => groups.get(id) ?? [])]);
    },
  };
}

function productOf(
  id: string,
  purls: ReadonlyMap<string, readonly PackageUrl[]>,
  relationships: ReadonlyMap<string, CsafRelationship>,
): VexProduct | undefined {
  const own = purls.get(id) ?? [];
  if (own.length > 0) return { kind: 'purl', purls: own };
  const relationship = relationships.get(id);
  if (relationship === undefined || !partOf.has(relationship.category)) return undefined;
  const whole = purls.get(relationship.relates_to_product_reference) ?? [];
  let part = relationship.product_reference;
  for (let depth = 0; depth < vexLimits.relationshipDepth; depth += 1) {
    const subcomponents = purls.get(part) ?? [];
    if (subcomponents.length > 0) return whole.length === 0 ? undefined : { kind: 'purl', purls: whole, subcomponents };
    const inner = relationships.get(part);
    // What is a part of a part is narrower than both, so the name of one in the middle would say too much.
    if (inner === undefined || !partOf.has(inner.category)) return undefined;
    if ((purls.get(inner.relates_to_product_reference) ?? []).length > 0) return undefined;
    part = inner.product_reference;
  }
  return undefined;
}
