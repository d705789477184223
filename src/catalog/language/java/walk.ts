import { hash } from 'node:crypto';
import type { Problem } from '../../../base/problem.ts';
import { CodecError } from '../../../codec/error.ts';
import { isZipMagic, openZip, type ZipArchive } from '../../../codec/zip/archive.ts';
import { budgetFor, type ZipBudget } from '../../../codec/zip/budget.ts';
import type { ZipEntry } from '../../../codec/zip/entry.ts';
import type { Package } from '../../../package/package.ts';
import { cleanTexts, textLimits } from '../../document/text.ts';
import { type ArchiveName, holdsNoCode } from './archive-name.ts';
import { type DescriptorEntries, listContents, type NestedEntry } from './contents.ts';
import { type Coordinates, formatName } from './coordinates.ts';
import { type Descriptor, toDescriptor } from './descriptor.ts';
import { identify } from './identity.ts';
import { manifestLicenses } from './licenses.ts';
import { javaLimits } from './limits.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { parsePom } from './pom.ts';
import { ProblemList } from './problem-list.ts';
import { parseProperties } from './properties.ts';

/** What one file and everything inside it came to. */
export interface Walked {
  readonly packages: readonly Package[];
  readonly problems: readonly Problem[];
}

/** Reads an archive and those inside it, from memory, within one budget. */
export class ArchiveWalk {
  readonly #cataloger: string;
  readonly #budget: ZipBudget;
  readonly #packages: Package[] = [];
  readonly #problems: ProblemList;
  #archives = 0;
  #descriptors = 0;
  #descriptorBytes = 0;

  /**
   * @param path of the file, for problems
   * @param cataloger id for the packages
   */
  constructor(path: string, cataloger: string, fileBytes: number) {
    this.#problems = new ProblemList(path);
    this.#cataloger = cataloger;
    this.#budget = budgetFor(fileBytes, javaLimits.entries);
  }

  /** @throws CodecError when the file itself is no archive */
  walk(bytes: Buffer, name: ArchiveName): Walked {
    this.#readArchive(bytes, name, undefined, 0);
    return { packages: this.#packages, problems: this.#problems.list() };
  }

  #readArchive(bytes: Buffer, name: ArchiveName, innerPath: string | undefined, depth: number): void {
    const zip = openZip(bytes, this.#budget);
    if (holdsNoCode(name.stem)) return;
    const contents = listContents(zip);
    if (contents.failure !== undefined) this.#problems.add(innerPath, contents.failure.message);
    const manifest = this.#readManifest(zip, contents.manifest, innerPath);
    // Agents' instrumentation modules are named and versioned like what they instrument.
    if (!manifest.has('weave-classes')) this.#addPackages(zip, bytes, name, manifest, contents.descriptors, innerPath);
    for (const nested of contents.archives) this.#readNested(zip, nested, innerPath, depth);
  }

  #addPackages(
    zip: ZipArchive,
    bytes: Buffer,
    name: ArchiveName,
    manifest: Manifest,
    entries: readonly DescriptorEntries[],
    innerPath: string | undefined,
  ): void {
    const descriptors = entries
      .map((each) => this.#readDescriptor(zip, each, innerPath))
      .filter((each) => each !== undefined);
    const own = identify(name.stem, manifest, descriptors);
    const seen = new Set<string>();
    if (own !== undefined) {
      const stated = own.descriptor?.licenses ?? [];
      const licenses = stated.length > 0 ? stated : manifestLicenses(manifest);
      seen.add(`${formatName(own)}@${own.version}`);
      this.#addPackage(own, licenses, innerPath, { digest: `sha1:${hash('sha1', bytes)}` });
    }
    for (const each of descriptors) {
      const key = `${formatName(each)}@${each.version}`;
      if (seen.has(key)) continue;
      seen.add(key);
      this.#addPackage(each, each.licenses, join(innerPath, each.entry), {});
    }
  }

  #addPackage(
    coordinates: Coordinates,
    licenses: readonly string[],
    innerPath: string | undefined,
    more: Pick<Package, 'digest'>,
  ): void {
    this.#packages.push({
      type: 'maven',
      name: formatName(coordinates),
      version: coordinates.version,
      licenses: cleanTexts(licenses, textLimits.license, textLimits.licenses),
      ...more,
      cataloger: this.#cataloger,
      ...(innerPath === undefined ? {} : { innerPath }),
    });
  }

  #readManifest(zip: ZipArchive, entry: ZipEntry | undefined, innerPath: string | undefined): Manifest {
    const bytes = entry === undefined ? undefined : this.#readEntry(zip, entry, javaLimits.manifest, innerPath);
    return bytes === undefined ? new Map() : parseManifest(bytes);
  }

  #readDescriptor(zip: ZipArchive, entries: DescriptorEntries, innerPath: string | undefined): Descriptor | undefined {
    const entry = entries.properties ?? entries.pom;
    if (entry === undefined) return undefined;
    this.#descriptors++;
    this.#descriptorBytes += (entries.properties?.size ?? 0) + (entries.pom?.size ?? 0);
    if (this.#isSpent()) {
      this.#problems.add(
        join(innerPath, entry.name),
        'The archive holds more Maven descriptors than any real one; skip it',
      );
      return undefined;
    }
    const properties =
      entries.properties === undefined
        ? undefined
        : this.#readEntry(zip, entries.properties, javaLimits.properties, innerPath);
    const pom = entries.pom === undefined ? undefined : this.#readEntry(zip, entries.pom, javaLimits.pom, innerPath);
    return toDescriptor(
      entry.name,
      properties === undefined ? undefined : parseProperties(properties.toString('utf8')),
      pom === undefined ? undefined : parsePom(pom.toString('utf8')),
    );
  }

  #isSpent(): boolean {
    return this.#descriptors > javaLimits.descriptors || this.#descriptorBytes > javaLimits.descriptorBytes;
  }

  #readNested(zip: ZipArchive, nested: NestedEntry, innerPath: string | undefined, depth: number): void {
    const path = join(innerPath, nested.entry.name);
    if (nested.entry.size === 0 || holdsNoCode(nested.stem)) return;
    this.#archives++;
    const isTooDeep = depth + 1 > javaLimits.depth || path.length > javaLimits.innerPath;
    // Past the cap on descriptors, archives that share their bytes would only be unpacked again and again.
    if (this.#isSpent() || isTooDeep || this.#archives > javaLimits.archives) {
      this.#problems.add(path, 'Archives are nested too deep or are too many here; look into this one by hand');
      return;
    }
    const bytes = this.#readEntry(zip, nested.entry, javaLimits.nestedFile, innerPath);
    if (bytes === undefined || (!nested.unmistakable && !isZipMagic(bytes))) return;
    try {
      this.#readArchive(bytes, nested, path, depth + 1);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#problems.add(path, error.message);
    }
  }

  #readEntry(zip: ZipArchive, entry: ZipEntry, limit: number, innerPath: string | undefined): Buffer | undefined {
    try {
      return zip.read(entry, limit);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#problems.add(join(innerPath, entry.name), error.message);
      return undefined;
    }
  }
}

function join(innerPath: string | undefined, name: string): string {
  return innerPath === undefined ? name : `${innerPath}!/${name}`;
}
