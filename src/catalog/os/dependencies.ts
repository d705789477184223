import { textLimits } from '../document/text.ts';
import { osLimits } from './limits.ts';

/** A package as others depend on it. */
export interface Provider {
  readonly name: string;
  /** Capabilities and virtual names, versions stripped. Asked for once, so that they need not all be kept. */
  provides(): Iterable<string>;
}

/** Finds the installed package that answers to a name or capability. */
export type FindProvider = (name: string) => string | undefined;

/**
 * Indexes the packages of one database. A package's own name comes before what others provide; of several providers
 * the first listed one is taken, so that each need becomes one edge however many could meet it. Past the limit of
 * capabilities further ones are not indexed: edges may be missing then, never packages.
 */
export function indexProviders(packages: readonly Provider[]): FindProvider {
  const providers = new Map<string, string>();
  for (const { name } of packages) providers.set(name, name);
  const most = providers.size + osLimits.capabilities;
  for (const provider of packages) {
    if (providers.size >= most) break;
    for (const capability of provider.provides()) {
      if (!providers.has(capability)) providers.set(capability, provider.name);
    }
  }
  return (name) => providers.get(name);
}

/**
 * Turns needs into the names of the installed packages that meet them, each once, the package itself left out.
 *
 * @param needs each a list of alternatives, of which the first that is installed counts
 */
export function resolveDependencies(
  needs: readonly (readonly string[])[],
  self: string,
  find: FindProvider,
): readonly string[] {
  const names = new Set<string>();
  for (const alternatives of needs) {
    if (names.size >= textLimits.dependencies) break;
    for (const alternative of alternatives) {
      const provider = find(alternative);
      if (provider === undefined) continue;
      if (provider !== self) names.add(provider);
      break;
    }
  }
  return [...names];
}
