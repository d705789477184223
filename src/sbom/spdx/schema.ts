import { z } from 'zod';

/** What is read of SPDX JSON 2.2 and 2.3. Loose on purpose: one odd package must not hide the others. */

const text = z.string().optional().catch(undefined);
const annotations = z
  .array(z.object({ comment: text }))
  .optional()
  .catch(undefined);

const spdxPackage = z.object({
  SPDXID: z.string(),
  name: z.string(),
  versionInfo: text,
  primaryPackagePurpose: text,
  supplier: text,
  licenseDeclared: text,
  licenseConcluded: text,
  sourceInfo: text,
  checksums: z
    .array(z.object({ algorithm: z.string(), checksumValue: z.string() }))
    .optional()
    .catch(undefined),
  externalRefs: z
    .array(z.object({ referenceType: text, referenceLocator: text }))
    .optional()
    .catch(undefined),
  annotations,
  attributionTexts: z.array(z.string()).optional().catch(undefined),
});

const relationship = z.object({
  spdxElementId: z.string(),
  relatedSpdxElement: z.string(),
  relationshipType: z.string(),
});

const document = z.object({
  spdxVersion: z.string(),
  name: text,
  documentNamespace: text,
  documentDescribes: z.array(z.string()).optional().catch(undefined),
  creationInfo: z
    .object({ created: text, creators: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
  annotations,
  packages: z.array(z.unknown()).optional(),
  relationships: z.array(z.unknown()).optional(),
  hasExtractedLicensingInfos: z
    .array(z.object({ licenseId: text, extractedText: text }))
    .optional()
    .catch(undefined),
});

type Maybe<Value> = Value | undefined;

/** Remarks in which producers keep their own facts. */
export type SpdxAnnotations = Maybe<readonly { readonly comment?: Maybe<string> }[]>;

/** The parts of a package that are read. */
export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: Maybe<string>;
  readonly primaryPackagePurpose?: Maybe<string>;
  readonly supplier?: Maybe<string>;
  readonly licenseDeclared?: Maybe<string>;
  readonly licenseConcluded?: Maybe<string>;
  readonly sourceInfo?: Maybe<string>;
  readonly checksums?: Maybe<readonly { readonly algorithm: string; readonly checksumValue: string }[]>;
  readonly externalRefs?: Maybe<
    readonly { readonly referenceType?: Maybe<string>; readonly referenceLocator?: Maybe<string> }[]
  >;
  readonly annotations?: SpdxAnnotations;
  readonly attributionTexts?: Maybe<readonly string[]>;
}

/** One edge. */
export interface SpdxRelationship {
  readonly spdxElementId: string;
  readonly relatedSpdxElement: string;
  readonly relationshipType: string;
}

/** The parts of a document that are read; packages and edges are checked one by one. */
export interface SpdxDocument {
  readonly spdxVersion: string;
  readonly name?: Maybe<string>;
  readonly documentNamespace?: Maybe<string>;
  readonly documentDescribes?: Maybe<readonly string[]>;
  readonly creationInfo?: Maybe<{ readonly created?: Maybe<string>; readonly creators?: Maybe<readonly string[]> }>;
  readonly annotations?: SpdxAnnotations;
  readonly packages?: Maybe<readonly unknown[]>;
  readonly relationships?: Maybe<readonly unknown[]>;
  readonly hasExtractedLicensingInfos?: Maybe<
    readonly { readonly licenseId?: Maybe<string>; readonly extractedText?: Maybe<string> }[]
  >;
}

/** Checks the document's outline; undefined when it is none. */
export function readDocument(json: unknown): SpdxDocument | undefined {
  return document.safeParse(json).data;
}

/** Checks one package. */
export function readPackage(json: unknown): SpdxPackage | undefined {
  return spdxPackage.safeParse(json).data;
}

/** Checks one edge. */
export function readRelationship(json: unknown): SpdxRelationship | undefined {
  return relationship.safeParse(json).data;
}
