import { isTable, lineOf, parseToml, type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import { flagOf, oddNames, Refused, textOf, textsOf } from '../../node/toml-values.ts';
import { imageHostOf } from '../runtime.ts';

/** A place that a registry table names. */
export interface RegistryLocation {
  /** Host and path, without a scheme; empty only for a wildcard. */
  readonly location: string;
  readonly insecure: boolean;
  readonly proxy?: string;
}

/** One `[[registry]]` (containers/image `sysregistriesv2`). */
export interface RegistryTable extends RegistryLocation {
  readonly prefix: string;
  readonly blocked: boolean;
  readonly mirrors: readonly RegistryLocation[];
  /** The file that it is from, and its line there. */
  readonly file: string;
  readonly line?: number;
}

/** What one file, or several together, say. */
export interface RegistriesConf {
  /** Each prefix once. */
  readonly registries: readonly RegistryTable[];
  /** Registries that are asked for names without one; undefined where a file does not say. */
  readonly search?: readonly string[];
  /** The file that says so. */
  readonly searchFile?: string;
  /** Registries that short names lead to. */
  readonly aliasHosts: readonly string[];
  /** Names in capitals, see `oddNames`. */
  readonly odd: readonly string[];
  readonly shortNameMode?: string;
}

/** Settings, or why the library takes none: pulls fail then. */
export type RegistriesReading =
  | { readonly conf: RegistriesConf; readonly mistake?: undefined }
  | { readonly conf?: undefined; readonly mistake: { readonly line?: number; readonly sentence: string } };

/**
 * Reads a `registries.conf` as `loadConfigFile` and `postProcessRegistries` do; the form of version 1, too.
 *
 * @param isDropIn files of `registries.conf.d` may not have the form of version 1
 */
export function parseRegistriesConf(text: string, file: string, isDropIn: boolean): RegistriesReading {
  const { document, mistake } = parseToml(text);
  if (document === undefined) return { mistake };
  const { root } = document;
  /** Where the table stands that is being read. */
  let at: number | undefined;
  try {
    if (root['registries'] !== undefined) {
      if (isDropIn || root['registry'] !== undefined || root['unqualified-search-registries'] !== undefined) {
        throw new Refused('it has the form of version 1, which may not be mixed with that of version 2');
      }
      return { conf: readVersion1(root, file) };
    }
    const list = root['registry'] ?? [];
    if (!Array.isArray(list) || !list.every(isTable)) throw new Refused('registry is no list of tables');
    const lines = document.places.filter(({ isTable: own, names }) => own && names.join('.') === 'registry');
    const registries = list.map((table, index) => {
      at = lines[index]?.line;
      return { ...readTable(table, file), ...(at === undefined ? {} : { line: at }) };
    });
    at = undefined;
    refuseConflicts(registries);
    const search = textsOf(root, 'unqualified-search-registries')?.map(trimmed);
    const mode = textOf(root, 'short-name-mode');
    if (mode !== undefined && !['', 'disabled', 'enforcing', 'permissive'].includes(mode)) {
      throw new Refused(`short-name-mode is "${mode}"`, 'short-name-mode');
    }
    return {
      conf: {
        registries: firstOfEach(registries),
        aliasHosts: aliasHosts(root),
        odd: oddIn(root, list),
        ...(search === undefined ? {} : { search, searchFile: file }),
        ...(mode === undefined || mode === '' ? {} : { shortNameMode: mode }),
      },
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = at ?? (error.setting === undefined ? undefined : lineOf(document, [error.setting]));
    return { mistake: { ...(line === undefined ? {} : { line }), sentence: error.message } };
  }
}

/** Settings of a file over those before (`updateWithConfigurationFrom`): a table takes the place of one with its prefix. */
export function mergeRegistriesConf(below: RegistriesConf, above: RegistriesConf): RegistriesConf {
  const byPrefix = new Map(below.registries.map((table) => [table.prefix, table]));
  for (const table of above.registries) byPrefix.set(table.prefix, table);
  const aliases = new Set([...below.aliasHosts, ...above.aliasHosts]);
  return { ...below, ...above, registries: [...byPrefix.values()], aliasHosts: [...aliases] };
}

/** `[aliases]`: full names by short ones. */
function aliasHosts(root: TomlTable): string[] {
  const names = Object.values(tableIn(root, 'aliases') ?? {}).filter((each) => typeof each === 'string' && each !== '');
  return [...new Set(names.map((each) => imageHostOf(each as string)))];
}

const mirrorNames = ['location', 'insecure', 'proxy', 'pull-from-mirror'];

function oddIn(root: TomlTable, tables: readonly TomlTable[]): string[] {
  const names = [...mirrorNames, 'prefix', 'blocked', 'mirror', 'mirror-by-digest-only'];
  return [
    ...oddNames(root, ['registry', 'registries', 'unqualified-search-registries', 'short-name-mode', 'aliases']),
    ...tables.flatMap((table) => [
      ...oddNames(table, names),
      ...(Array.isArray(table['mirror'])
        ? (table['mirror'] as TomlTable[]).flatMap((mirror) => oddNames(mirror, mirrorNames))
        : []),
    ]),
  ];
}

function readTable(table: TomlTable, file: string): RegistryTable {
  const location = locationOf(table, 'location');
  const prefix = locationOf(table, 'prefix') || location;
  if (prefix === '') throw new Refused('a registry has neither location nor prefix');
  if (location === '' && !prefix.startsWith('*.')) throw new Refused(`${prefix} has no location`);
  if (prefix.startsWith('*.') && /[/@:]/.test(prefix)) throw new Refused(`${prefix} is no wildcard for hosts`);
  if (textOf(table, 'pull-from-mirror')) throw new Refused('pull-from-mirror is for mirrors alone');
  const digestOnly = flagOf(table, 'mirror-by-digest-only');
  const list = table['mirror'] ?? [];
  if (!Array.isArray(list) || !list.every(isTable)) throw new Refused('mirror is no list of tables');
  const mirrors = list.map((mirror): RegistryLocation => {
    const when = textOf(mirror, 'pull-from-mirror') ?? '';
    if (when !== '' && digestOnly) throw new Refused('pull-from-mirror and mirror-by-digest-only exclude each other');
    if (!['', 'all', 'digest-only', 'tag-only'].includes(when)) throw new Refused(`pull-from-mirror is "${when}"`);
    const place = locationOf(mirror, 'location');
    if (place === '') throw new Refused('a mirror has no location');
    return { location: place, ...placeOf(mirror) };
  });
  return { prefix, location, ...placeOf(table), blocked: flagOf(table, 'blocked'), mirrors, file };
}

function placeOf(table: TomlTable): Omit<RegistryLocation, 'location'> {
  const proxy = textOf(table, 'proxy') ?? '';
  return { insecure: flagOf(table, 'insecure'), ...(proxy === '' ? {} : { proxy }) };
}

function readVersion1(root: TomlTable, file: string): RegistriesConf {
  const section = tableIn(root, 'registries');
  const listOf = (name: string): readonly string[] => textsOf(tableIn(section, name) ?? {}, 'registries') ?? [];
  const tables = new Map<string, RegistryTable>();
  const change = (host: string, changes: Partial<RegistryTable>): void => {
    const prefix = trimmed(host);
    const old = tables.get(prefix) ?? { prefix, location: prefix, insecure: false, blocked: false, mirrors: [], file };
    tables.set(prefix, { ...old, ...changes });
  };
  for (const host of listOf('block')) change(host, { blocked: true });
  for (const host of listOf('insecure')) change(host, { insecure: true });
  return { registries: [...tables.values()], search: listOf('search'), searchFile: file, aliasHosts: [], odd: [] };
}

function refuseConflicts(registries: readonly RegistryTable[]): void {
  const byPlace = new Map<string, RegistryTable>();
  for (const table of registries) {
    const place = table.location || table.prefix;
    const other = byPlace.get(place) ?? table;
    byPlace.set(place, other);
    if (other.blocked !== table.blocked || other.insecure !== table.insecure) {
      throw new Refused(`${place} is there twice, once blocked or insecure and once not`);
    }
  }
}

function firstOfEach(registries: readonly RegistryTable[]): RegistryTable[] {
  const byPrefix = new Map<string, RegistryTable>();
  for (const table of registries) if (!byPrefix.has(table.prefix)) byPrefix.set(table.prefix, table);
  return [...byPrefix.values()];
}

function locationOf(table: TomlTable, name: string): string {
  return trimmed(textOf(table, name) ?? '');
}

function trimmed(text: string): string {
  if (/^https?:\/\//.test(text)) throw new Refused(`${text} has a scheme, which locations have not`);
  return text.replace(/\/+$/, '');
}
