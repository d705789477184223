import { CodecError } from '../../../codec/error.ts';
import { parseRpmHeader } from '../../../codec/rpm-database/header.ts';
import type { RpmHeader } from '../../../codec/rpm-database/header.ts';
import { rpmDatabaseLimits } from '../../../codec/rpm-database/limits.ts';
import { readRpmDatabase } from '../../../codec/rpm-database/read.ts';
import type { Package } from '../../../package/package.ts';
import type { Provider } from '../dependencies.ts';
import { osLimits } from '../limits.ts';
import type { PathBudget } from '../path-budget.ts';
import { ownedPaths } from './files.ts';
import { toPackage } from './package.ts';
import { rpmTag } from './tags.ts';

/** One package of the database, its needs not yet resolved. */
export interface Installed extends Provider {
  readonly package: Package;
  readonly requires: readonly string[];
  readonly paths: readonly string[];
}

/** What could be read of a database, and what could not. */
interface InstalledPackages {
  readonly installed: readonly Installed[];
  /** Headers that are damaged or name no package. */
  readonly unusable: number;
  /** The first thing that was wrong with anything else. */
  readonly failure?: CodecError;
}

/** Reads all packages of a database; what is wrong ends or shortens the list, it never throws. */
export function readInstalled(bytes: Buffer, wal: Buffer | undefined, budget: PathBudget): InstalledPackages {
  const installed: Installed[] = [];
  let unusable = 0;
  let relations = 0;
  let failure: CodecError | undefined;
  try {
    for (const blob of readRpmDatabase(bytes, wal)) {
      const header = attempt(() => parseRpmHeader(blob));
      const found = header instanceof CodecError ? header : attempt(() => toPackage(header));
      if (header instanceof CodecError || found instanceof CodecError || found === undefined) {
        unusable += 1;
        // Each costs an error, and a header of no bytes takes next to nothing of the file.
        if (unusable > rpmDatabaseLimits.damagedPlaces) throw tooMany('damaged headers');
        continue;
      }
      const details = attempt(() => readDetails(header, budget));
      // A package whose file list or needs are damaged is still a package.
      const { provided, requires, paths } = details instanceof CodecError ? noDetails : details;
      if (details instanceof CodecError) failure ??= details;
      relations += provided.length + requires.length;
      if (installed.length >= osLimits.stanzas || relations > osLimits.capabilities) {
        throw tooMany('packages');
      }
      installed.push({ name: found.name, package: found, provides: () => provided, requires, paths });
    }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    failure ??= error;
  }
  return { installed, unusable, ...(failure !== undefined && { failure }) };
}

function tooMany(what: string): CodecError {
  return new CodecError('LIMIT_EXCEEDED', `The rpm database lists more ${what} than any distribution has packages.`);
}

interface Details {
  readonly provided: readonly string[];
  readonly requires: readonly string[];
  readonly paths: readonly string[];
}

const noDetails: Details = { provided: [], requires: [], paths: [] };

function readDetails(header: RpmHeader, budget: PathBudget): Details {
  return {
    provided: header.strings(rpmTag.provideName),
    requires: header.strings(rpmTag.requireName),
    paths: ownedPaths(header, budget),
  };
}

function attempt<Value>(read: () => Value): Value | CodecError {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
}
