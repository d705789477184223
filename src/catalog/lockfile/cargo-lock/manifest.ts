import { member, members } from '../../document/json.ts';
import { readTomlManifest } from '../read-toml.ts';

/** What a `Cargo.toml` says of its own crate. */
export interface CargoManifest {
  readonly name: string;
  /** Names of crates that only tests, examples and benchmarks need. */
  readonly development: ReadonlySet<string>;
}

/** Reads the manifest beside a lock file; undefined when there is none that describes a crate. */
export function readCargoToml(bytes: Buffer | undefined): CargoManifest | undefined {
  const document = readTomlManifest(bytes);
  const name = member(member(document, 'package'), 'name');
  if (typeof name !== 'string') return undefined;
  const tables = [document, ...members(member(document, 'target')).map(([, target]) => target)];
  const needed = new Set(
    tables.flatMap((table) => [
      ...cratesOf(table, 'dependencies'),
      ...cratesOf(table, 'build-dependencies'),
      ...cratesOf(table, 'build_dependencies'),
    ]),
  );
  const development = tables.flatMap((table) => [
    ...cratesOf(table, 'dev-dependencies'),
    ...cratesOf(table, 'dev_dependencies'),
  ]);
  return { name, development: new Set(development.filter((crate) => !needed.has(crate))) };
}

/** A dependency may go by a name of the project's choice; `package` is the crate's own then. */
function cratesOf(table: unknown, section: string): string[] {
  return members(member(table, section)).map(([name, value]) => {
    const renamed = member(value, 'package');
    return typeof renamed === 'string' ? renamed : name;
  });
}
