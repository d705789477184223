import { isJsonObject, member, members, parseJson } from '../document/json.ts';
import { lockLimits } from './limits.ts';

/** What a `package.json` asks for: ranges by name. */
export interface PackageManifest {
  readonly production: ReadonlyMap<string, string>;
  /** Without what production asks for too. */
  readonly development: ReadonlyMap<string, string>;
  /** There are more projects below that ask for things. */
  readonly hasWorkspaces: boolean;
}

/** Reads the manifest beside a lock file of npm or Yarn; undefined when there is none that can be read. */
export function readPackageJson(bytes: Buffer | undefined): PackageManifest | undefined {
  if (bytes === undefined || bytes.length > lockLimits.manifest) return undefined;
  let document: unknown;
  try {
    document = parseJson(bytes);
  } catch {
    return undefined;
  }
  if (!isJsonObject(document)) return undefined;
  const production = new Map([...rangesOf(document, 'optionalDependencies'), ...rangesOf(document, 'dependencies')]);
  const development = new Map(rangesOf(document, 'devDependencies').filter(([name]) => !production.has(name)));
  return { production, development, hasWorkspaces: member(document, 'workspaces') !== undefined };
}

function rangesOf(document: unknown, section: string): [string, string][] {
  return members(member(document, section)).flatMap(([name, range]): [string, string][] =>
    typeof range === 'string' ? [[name, range]] : [],
  );
}
