import type { SbomLimits } from './limits.ts';
import type { SbomDocument } from './model.ts';

/** A format of documents. To add one: a folder with `encode.ts`, `decode.ts` and `schema.ts`, and a line in `list.ts`. */
export interface SbomFormat {
  /** What users write after `-o`: `cyclonedx-json`. */
  readonly id: string;
  /** The artifact type that reports on such a document name. */
  readonly artifactType: 'cyclonedx' | 'spdx';
  /** The same document always gives the same text. */
  encode(document: SbomDocument): Promise<string>;
  /** Absent for formats that are only written. */
  readonly decoder?: SbomDecoder;
}

/** Reads one format. */
interface SbomDecoder {
  /** Tells by the content alone, cheaply. */
  recognises(candidate: SbomCandidate): boolean;
  /**
   * Reads a document that was recognised.
   *
   * @throws SbomError; the signal's reason
   */
  decode(candidate: SbomCandidate, limits: SbomLimits, signal?: AbortSignal): Promise<SbomDocument>;
}

/** Bytes that may be a document. */
export interface SbomCandidate {
  readonly bytes: Uint8Array;
  /** The bytes parsed, when they are JSON. */
  readonly json?: unknown;
}
