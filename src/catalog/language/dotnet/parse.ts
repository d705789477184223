import type { Package } from '../../../package/package.ts';
import { member, members, parseJsonObject, type JsonObject } from '../../document/json.ts';
import { cleanText, textLimits, tryIdentity, type Identity } from '../../document/text.ts';

/** What a `.deps.json` holds. */
export interface DependencyPackages {
  readonly packages: readonly Package[];
  /** Entries whose name or version cannot be one. */
  readonly unusable: number;
}

interface Library {
  readonly identity: Identity;
  readonly description: unknown;
  readonly target: unknown;
}

/** Parts of a target's entry that name files to load; `compile` names what only a compiler reads. */
const assetKinds = ['runtime', 'runtimeTargets', 'native', 'resources'] as const;

/**
 * Reads the runtime dependencies of a .NET application.
 *
 * Listed are packages and runtime packs; projects, among them the application itself, come from no registry. With a
 * target for the runtime at hand only libraries count that bring files there: the host drops the others, such as
 * packages of which the shared framework has a newer copy. Source: dotnet/sdk, "Runtime Configuration Files".
 *
 * @throws CatalogError MALFORMED or LIMIT_EXCEEDED
 */
export function parseDepsJson(bytes: Buffer): DependencyPackages {
  const document = parseJsonObject(bytes);
  const target = runtimeTarget(document);
  const libraries: Library[] = [];
  let unusable = 0;
  for (const [key, description] of members(member(document, 'libraries'))) {
    const type = member(description, 'type');
    if (type !== 'package' && type !== 'runtimepack') continue;
    const entry = target === undefined ? undefined : member(target, key);
    if (target !== undefined && !bringsFiles(entry)) continue;
    const identity = parseKey(key);
    if (identity === undefined) unusable += 1;
    else libraries.push({ identity, description, target: entry });
  }
  const names = new Set(libraries.map(({ identity }) => identity.name));
  return { packages: libraries.map((library) => readPackage(library, names)), unusable };
}

/** The target that `runtimeTarget` names, as an object with a name or (before .NET Core 2) as the name alone. */
function runtimeTarget(document: JsonObject): unknown {
  const named = member(document, 'runtimeTarget');
  const name = typeof named === 'string' ? named : member(named, 'name');
  return typeof name === 'string' ? member(member(document, 'targets'), name) : undefined;
}

function bringsFiles(entry: unknown): boolean {
  return assetKinds.some((kind) => members(member(entry, kind)).length > 0);
}

/** Splits `name/version`. A runtime pack's name lacks the prefix in the registry. */
function parseKey(key: string): Identity | undefined {
  const slash = key.lastIndexOf('/');
  if (slash < 0) return undefined;
  return tryIdentity(registryName(key.slice(0, slash)), key.slice(slash + 1));
}

function registryName(name: string): string {
  return name.startsWith('runtimepack.') ? name.slice('runtimepack.'.length) : name;
}

function readPackage({ identity, description, target }: Library, names: ReadonlySet<string>): Package {
  const digest = readDigest(member(description, 'sha512'));
  const dependsOn = members(member(target, 'dependencies'))
    .map(([name]) => registryName(name))
    .filter((name) => names.has(name));
  return {
    type: 'nuget',
    ...identity,
    licenses: [],
    cataloger: 'dotnet-deps',
    ...(digest !== undefined && { digest }),
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.slice(0, textLimits.dependencies) }),
  };
}

/** `sha512-` and base64, as hexadecimal. */
function readDigest(value: unknown): string | undefined {
  const base64 = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(cleanText(value, 200) ?? '')?.[1];
  return base64 === undefined ? undefined : `sha512:${Buffer.from(base64, 'base64').toString('hex')}`;
}
