import type { VexStatus } from '../../../finding/vex.ts';
import { instantOf, malformed, statementList, type VexDocument } from '../document.ts';
import { VexError } from '../error.ts';
import { type ProductTree, readProductTree } from './product-tree.ts';
import { csafDocument, csafVulnerability, type CsafConcerns, type CsafVulnerability } from './schema.ts';

/**
 * The lists of `product_status` (CSAF 2.0, 3.2.3.9) with what they say, the worst last: of statements of one time, the last counts, and a document that
 * says two things of one product must not hide a flaw.
 */
const lists = [
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_not_affected', 'not_affected'],
  ['under_investigation', 'under_investigation'],
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
] as const satisfies readonly (readonly [keyof NonNullable<CsafVulnerability['product_status']>, VexStatus])[];

/** True for what says that it is CSAF. */
export function isCsaf(json: Readonly<Record<string, unknown>>): boolean {
  const { document } = json;
  return typeof document === 'object' && document !== null && Object.hasOwn(document, 'csaf_version');
}

/**
 * Reads a CSAF 2.0 document: the VEX profile (4.5), and advisories that say the same in the same place. Products are those of the tree that have a
 * package URL; of relationships, the first product is a part of the second.
 *
 * @param source as the user named it
 * @throws VexError
 */
export function parseCsafVex(json: unknown, source: string): VexDocument {
  const { data: document, error } = csafDocument.safeParse(json);
  if (document === undefined) throw malformed(source, 'it is no CSAF document', error);
  const { csaf_version: version, tracking } = document.document;
  if (version !== '2.0') {
    const message = `${source} is CSAF ${version.slice(0, 20)}, which is not read; write it as 2.0`;
    throw new VexError('VEX_VERSION_UNSUPPORTED', message);
  }
  const tree = readProductTree(document, source);
  const list = statementList(source);
  for (const [at, each] of (document.vulnerabilities ?? []).entries()) {
    const { data: flaw, error: cause } = csafVulnerability.safeParse(each);
    if (flaw === undefined) throw malformed(source, `its vulnerability ${at + 1} is none`, cause);
    if (flaw.product_status == null) continue;
    const [id = '', ...aliases] = [flaw.cve, ...(flaw.ids ?? []).map(({ text }) => text)].filter(
      (text) => text != null,
    );
    const justifications = reasons(flaw.flags ?? [], ({ label }) => label, tree);
    const impacts = (flaw.threats ?? []).filter(({ category }) => category === 'impact');
    const statements = reasons(impacts, ({ details }) => details, tree);
    for (const [name, status] of lists) {
      const alike = Map.groupBy(new Set(flaw.product_status[name]), (product) =>
        JSON.stringify([justifications(product), statements(product)]),
      );
      for (const products of alike.values()) {
        const [first = ''] = products;
        const justification = status === 'not_affected' ? justifications(first) : undefined;
        const statement = statements(first);
        list.add({
          id,
          aliases,
          products: products.map((product) => tree.product(product)),
          status,
          ...(justification === undefined ? {} : { justification }),
          ...(statement === undefined ? {} : { statement }),
          ...instantOf(tracking?.current_release_date),
        });
      }
    }
  }
  return list.done();
}

/** What is said of each product: the first word for it, else the first for all. */
function reasons<Entry extends CsafConcerns>(
  entries: readonly Entry[],
  textOf: (entry: Entry) => string,
  tree: ProductTree,
): (product: string) => string | undefined {
  const byProduct = new Map<string, string>();
  let usual: string | undefined;
  for (const entry of entries) {
    const concerned = tree.concerned(entry);
    if (concerned === undefined) usual ??= textOf(entry);
    for (const product of concerned ?? []) if (!byProduct.has(product)) byProduct.set(product, textOf(entry));
  }
  return (product) => byProduct.get(product) ?? usual;
}
