/** Caps on documents from outside; each is far above what the largest known images need. */
export interface SbomLimits {
  /** In bytes, of the whole document. */
  readonly bytes: number;
  /** Of nested objects and lists. */
  readonly depth: number;
  /** Members of objects and lists in the whole document: what the parsed form needs of memory, whatever the bytes. */
  readonly values: number;
  /** Components or packages, nested ones included. */
  readonly components: number;
  /** Edges between them. */
  readonly edges: number;
  /** Properties, annotations and attribution texts of one component. */
  readonly properties: number;
}

/**
 * The caps that hold unless a caller sets others: the fullest real images have some 40,000 packages, of which this program
 * writes 60 MB. A document at all of these caps takes some seconds and less than a gigabyte.
 */
export const sbomLimits: SbomLimits = {
  bytes: 128 * 1024 * 1024,
  depth: 64,
  values: 5_000_000,
  components: 100_000,
  edges: 1_000_000,
  properties: 10_000,
};
