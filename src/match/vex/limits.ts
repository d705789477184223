/** Bounds for VEX documents, far above the largest that are published. */
export interface VexLimits {
  /** Bytes of a document. */
  readonly bytes: number;
  /** Of nested objects and lists; branches of a CSAF product tree are two levels each. */
  readonly depth: number;
  /** Members of objects and lists in the whole document: what the parsed form needs of memory. */
  readonly values: number;
  /** Of one document. */
  readonly statements: number;
  /** Of all statements of a document together, with their parts. */
  readonly products: number;
  /** UTF-16 code units of an id; a reason is cut there. */
  readonly idLength: number;
  readonly reasonLength: number;
  /** Aliases of one flaw. */
  readonly aliases: number;
  /** How often a CSAF relationship may be about another one. */
  readonly relationshipDepth: number;
}

/** What one VEX document may hold: those of Red Hat's whole distribution for one flaw stay under 20 MB. */
export const vexLimits: VexLimits = {
  bytes: 64 * 1024 * 1024,
  depth: 128,
  values: 3_000_000,
  statements: 200_000,
  products: 1_000_000,
  idLength: 200,
  reasonLength: 4_096,
  aliases: 100,
  relationshipDepth: 4,
};
