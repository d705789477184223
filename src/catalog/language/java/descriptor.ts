import { type Coordinates, cleanId, cleanVersion } from './coordinates.ts';
import type { Pom } from './pom.ts';

/** What Maven left in an archive about one artifact: `pom.properties`, `pom.xml`, or both. */
export interface Descriptor extends Coordinates {
  readonly group: string;
  readonly licenses: readonly string[];
  /** Path of the entry that says so. */
  readonly entry: string;
}

/** Joins a `pom.properties` with the `pom.xml` beside it; undefined when they do not name an artifact and a version. */
export function toDescriptor(
  entry: string,
  properties: ReadonlyMap<string, string> | undefined,
  pom: Pom | undefined,
): Descriptor | undefined {
  const group = cleanId(properties?.get('groupId')) ?? cleanId(pom?.group);
  const artifact = cleanId(properties?.get('artifactId')) ?? cleanId(pom?.artifact);
  const version = cleanVersion(properties?.get('version')) ?? cleanVersion(pom?.version);
  if (group === undefined || artifact === undefined || version === undefined) return undefined;
  return { group, artifact, version, licenses: pom?.licenses ?? [], entry };
}
