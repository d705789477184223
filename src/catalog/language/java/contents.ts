import { CodecError } from '../../../codec/error.ts';
import type { ZipArchive } from '../../../codec/zip/archive.ts';
import type { ZipEntry } from '../../../codec/zip/entry.ts';
import { type ArchiveName, parseArchiveName } from './archive-name.ts';

/** The entries of an archive that say what it is, or are archives themselves. */
export interface Contents {
  readonly manifest?: ZipEntry;
  readonly descriptors: readonly DescriptorEntries[];
  readonly archives: readonly NestedEntry[];
  /** Why the list ends early, when the directory is damaged. */
  readonly failure?: CodecError;
}

/** One artifact's Maven files; at least one of them is there. */
export interface DescriptorEntries {
  readonly properties?: ZipEntry;
  readonly pom?: ZipEntry;
}

/** An archive in the archive. */
export interface NestedEntry extends ArchiveName {
  readonly entry: ZipEntry;
}

const manifestName = 'meta-inf/manifest.mf';
const propertiesSuffix = '/pom.properties';
/** Elsewhere a pom.xml is data, such as a template of a code generator. */
const pomPattern = /^(?:.*\/)?META-INF\/maven\/[^/]+\/[^/]+\/pom\.xml$/s;

/** Sorts out an archive's entries in one pass; of entries with one name the last counts, as in the JVM. */
export function listContents(zip: ZipArchive): Contents {
  let manifest: ZipEntry | undefined;
  const descriptors = new Map<string, { properties?: ZipEntry; pom?: ZipEntry }>();
  const archives = new Map<string, NestedEntry>();
  let failure: CodecError | undefined;
  try {
    for (const entry of zip.entries()) {
      const { name } = entry;
      if (name.endsWith('.class')) continue;
      if (name.endsWith(propertiesSuffix)) {
        descriptorAt(descriptors, name).properties = entry;
      } else if (name.endsWith('/pom.xml') && pomPattern.test(name)) {
        descriptorAt(descriptors, name).pom = entry;
      } else if (name.length === manifestName.length && name.toLowerCase() === manifestName) {
        manifest = entry;
      } else {
        const archive = parseArchiveName(name);
        if (archive !== undefined) archives.set(name, { ...archive, entry });
      }
    }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    failure = error;
  }
  return {
    ...(manifest === undefined ? {} : { manifest }),
    descriptors: [...descriptors.values()],
    archives: [...archives.values()],
    ...(failure === undefined ? {} : { failure }),
  };
}

function descriptorAt(
  descriptors: Map<string, { properties?: ZipEntry; pom?: ZipEntry }>,
  name: string,
): { properties?: ZipEntry; pom?: ZipEntry } {
  const folder = name.slice(0, name.lastIndexOf('/'));
  const found = descriptors.get(folder);
  if (found !== undefined) return found;
  const made = {};
  descriptors.set(folder, made);
  return made;
}
