import { elements, member } from '../../document/json.ts';
import { textOf } from '../../document/text.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { packageTableLines } from '../lines-of.ts';
import { developmentOnly } from '../reach.ts';
import { readToml } from '../read-toml.ts';
import { readCargoToml } from './manifest.ts';

interface Listed {
  readonly entry: unknown;
  readonly name: string;
  readonly id: string;
  /** The project's own crates come from no registry or repository. */
  readonly isOwn: boolean;
}

/**
 * Reads `Cargo.lock` of versions 1 to 4. A dependency is a name, with the version where there are several, and with the source
 * where that is not enough (rust-lang/cargo, core/resolver/encode.rs).
 *
 * @param manifest the `Cargo.toml` beside it: the lock file does not tell what is for development
 * @throws CatalogError MALFORMED
 */
export function parseCargoLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const listed = elements(member(readToml(bytes), 'package')).map((entry): Listed => {
    const name = textOf(member(entry, 'name'));
    const id = lockId(name, textOf(member(entry, 'version')));
    return { entry, name, id, isOwn: member(entry, 'source') === undefined };
  });
  const byName = new Map(listed.map(({ name, id }) => [name, id]));
  const idOf = (need: unknown): string | undefined => {
    const [name = '', version] = textOf(need).split(' ', 2);
    return version === undefined ? byName.get(name) : lockId(name, version);
  };
  const needsOf = ({ entry }: Listed): string[] =>
    elements(member(entry, 'dependencies'))
      .map(idOf)
      .filter((id) => id !== undefined);
  const graph = new Map(listed.map((each) => [each.id, needsOf(each)]));
  const own = listed.filter(({ isOwn }) => isOwn);
  const asked = own.flatMap(needsOf);
  const root = readCargoToml(manifest);
  const production = own.flatMap((each) => {
    const isRoot = root !== undefined && each.name === root.name;
    return needsOf(each).filter((id) => !isRoot || !root.development.has(id.slice(0, id.lastIndexOf('@'))));
  });
  const direct = new Set(asked);
  // What the project's own crates ask for is among the roots already, tests told apart.
  for (const { id } of own) graph.set(id, []);
  const development = developmentOnly(graph, production, asked);
  const lines = packageTableLines(bytes.toString('utf8'));
  const entries = listed.flatMap((each, index): LockEntry[] => {
    if (each.isOwn) return [];
    return [
      {
        name: member(each.entry, 'name'),
        version: member(each.entry, 'version'),
        direct: direct.has(each.id),
        development: development.has(each.id),
        dependsOn: graph.get(each.id),
        ...(lines.length === listed.length ? { lines: lines[index] } : {}),
      },
    ];
  });
  return packagesOf('cargo', 'cargo-lock', entries);
}
