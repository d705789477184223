import { isTable, parseToml, type TomlDocument, type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import { printable } from '../../../base/printable.ts';
import type { Finding } from '../../endpoint.ts';
import { parseGoUrl } from '../../node/go-url.ts';
import { flagOf, isTexts, oddNames, Refused, textOf, textsOf } from '../../node/toml-values.ts';

/** One host of a `hosts.toml`, or its `server`. */
export interface HostEntry {
  /** As it is written; empty for a server that is not named. */
  readonly name: string;
  readonly scheme: string;
  /** Empty where the text names none, however it looks. */
  readonly authority: string;
  readonly path: string;
  readonly skipVerify: boolean;
  readonly proxy?: string;
}

/** A `hosts.toml` as containerd reads it. */
export interface HostsFile {
  /** In the order in which they are tried. */
  readonly hosts: readonly HostEntry[];
  /** Tried last. */
  readonly server: HostEntry;
  readonly findings: readonly Finding[];
}

/** A file, or why containerd takes none of it: it then goes on as if there were no file. */
export type HostsReading =
  | { readonly file: HostsFile; readonly mistake?: undefined }
  | { readonly file?: undefined; readonly mistake: string };

/**
 * Reads a `hosts.toml` (containerd `core/remotes/docker/config/hosts.go`: `parseHostsFile`, `parseHostConfig`,
 * `getSortedHosts`). What is refused there is refused here, since the way goes straight to the upstream then.
 *
 * @param path of the file on the node, for findings
 * @param isVersion2 the node surely runs containerd 2, which takes some files that 1 does not
 */
export function parseHostsFile(text: string, path: string, isVersion2: boolean): HostsReading {
  if (text.startsWith('\uFEFF')) return { mistake: '1:1: it begins with a byte order mark' };
  const { document, mistake } = parseToml(text);
  if (document === undefined) return { mistake: `${mistake.line}:${mistake.column}: ${mistake.sentence}` };
  const findings: Finding[] = [];
  const tell = (code: string, level: Finding['level'], sentence: string): void => {
    findings.push({ code, level, file: path, sentence });
  };
  try {
    const { root, headers } = document;
    if (root['host'] !== undefined && !isTable(root['host'])) throw new Refused('host is no table');
    const tables = tableIn(root, 'host');
    if (tables === undefined && !isVersion2) {
      // `getSortedHosts` of 1.5 to 1.7 refuses the whole file (containerd issue 10027).
      tell(
        'HOST_TABLE_MISSING',
        'way-out',
        'has no [host] table, without which containerd 1.x takes none of it and asks the upstream; add a line "[host]"',
      );
    }
    const hard = isVersion2 ? undefined : hardForVersion1(text, document);
    if (hard !== undefined) {
      const sentence = `has ${hard}, with which containerd 1.x takes none of it and asks the upstream; leave that out`;
      tell('HARD_FOR_VERSION_1', 'way-out', sentence);
    }
    const order = hostOrder(headers);
    const names = Object.keys(tables ?? {});
    const unordered = names.filter((name) => name !== '' && !order.includes(name));
    for (const name of unordered) {
      tell(
        'HOST_NOT_A_TABLE',
        'unknown',
        `names ${printable(name)} in a form that containerd 2 passes over; write [host."…"]`,
      );
    }
    for (const name of names) checkTypes(name, tableIn(tables, name));
    const entryOf = (name: string): HostEntry => readEntry(name, tableIn(tables, name), tell);
    const hosts = [...order, ...unordered].map(entryOf);
    const server = readEntry(textOf(root, 'server') ?? '', root, tell);
    return { file: { hosts, server, findings } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { mistake: error.message };
  }
}

/** What go-toml 1, by which containerd 1.x reads the file, cannot read though it is TOML. */
function hardForVersion1(text: string, { root, headers }: TomlDocument): string | undefined {
  const odd = headers.some((names) => names.some((name) => /[[\]]/.test(name))) || /^[ \t]*\[[^\n]*\\/m.test(text);
  if (odd) return 'brackets or escapes in the name of a table';
  if (headers.some(([first, second]) => first === 'host' && second === '')) return 'a host without a name';
  return isHard(root) ? 'a date, or a number that is too large,' : undefined;
}

function isHard(value: unknown): boolean {
  if (typeof value === 'bigint' || value === Infinity || value === -Infinity) return true;
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Date || Object.values(value).some(isHard);
}

/** Hosts in the order of their tables, as containerd 2 goes through them: a table that follows one of its host is of that one. */
function hostOrder(headers: readonly (readonly string[])[]): string[] {
  const order: string[] = [];
  for (const [first, second] of headers) {
    if (first === 'host' && second !== undefined && second !== (order.at(-1) ?? '')) order.push(second);
  }
  return order;
}

/** Names of what a host, or the file, sets. */
const settingNames: readonly string[] = [
  'host',
  'server',
  'capabilities',
  'ca',
  'client',
  'skip_verify',
  'header',
  'override_path',
  'dial_timeout',
  'proxy',
];

const known: ReadonlySet<string> = new Set(['pull', 'resolve', 'push', 'referrers']);

/** What is decoded of every host, be it asked or not. */
function checkTypes(name: string, table: TomlTable | undefined): asserts table is TomlTable {
  if (table === undefined) throw new Refused(`host.${name} is no table`);
  textsOf(table, 'capabilities');
  for (const each of ['skip_verify', 'override_path']) flagOf(table, each);
  textOf(table, 'dial_timeout');
  if (table['header'] !== undefined && !isTable(table['header'])) throw new Refused('header is no table');
}

function readEntry(
  name: string,
  table: TomlTable | undefined,
  tell: (code: string, level: Finding['level'], sentence: string) => void,
): HostEntry {
  checkTypes(name, table);
  for (const odd of oddNames(table, settingNames)) {
    const sentence = `writes ${printable(odd)}, which containerd 2 takes for ${odd.toLowerCase()}, and containerd 1 may not; write it in small letters`;
    tell('NAME_CAPITALS', 'unknown', sentence);
  }
  for (const word of textsOf(table, 'capabilities') ?? []) {
    if (!known.has(word.toLowerCase())) throw new Refused(`${printable(word)} is no capability`);
    if (word.toLowerCase() !== 'referrers') continue;
    const sentence =
      'names the capability referrers, which older versions take for a mistake in the whole file; leave it out';
    tell('CAPABILITY_NEW', 'way-out', sentence);
  }
  checkCertificates(table);
  checkHeader(table);
  const skipVerify = flagOf(table, 'skip_verify');
  const timeout = textOf(table, 'dial_timeout') ?? '';
  if (timeout !== '' && !goDuration.test(timeout)) throw new Refused(`${printable(timeout)} is no duration`);
  const proxy = textOf(table, 'proxy') ?? '';
  const address = readAddress(name, flagOf(table, 'override_path'));
  return { name, ...address, skipVerify, ...(proxy === '' ? {} : { proxy }) };
}

/** Go's `time.ParseDuration`, which knows no days. */
const goDuration = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** The address of a host as `parseHostConfig` makes it: what begins with "http" is taken for a whole URL. */
function readAddress(name: string, override: boolean): Pick<HostEntry, 'scheme' | 'authority' | 'path'> {
  if (name === '') return { scheme: '', authority: '', path: '' };
  const url = parseGoUrl(name.startsWith('http') ? name : `https://${name}`);
  if (url === undefined) throw new Refused(`${printable(name)} is no address`);
  const path = url.path === '' ? '' : cleanPath(url.path);
  return { scheme: url.scheme, authority: url.host, path: override || path.endsWith('/v2') ? path : `${path}/v2` };
}

/** Go's `path.Clean` of an absolute path. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function checkCertificates({ ca, client }: TomlTable): void {
  if (ca !== undefined && typeof ca !== 'string' && !isTexts(ca)) throw new Refused('ca is neither a text nor a list');
  if (client === undefined || typeof client === 'string') return;
  const pairs = Array.isArray(client) ? (client as unknown[]) : undefined;
  if (pairs?.every((pair) => typeof pair === 'string' || (isTexts(pair) && pair.length === 2)) === true) return;
  throw new Refused('client is neither a text, a list, nor a list of pairs');
}

function checkHeader(table: TomlTable): void {
  const { header } = table;
  if (!isTable(header)) return;
  for (const [name, value] of Object.entries(header)) {
    if (typeof value !== 'string' && !isTexts(value)) throw new Refused(`header ${printable(name)} is no text`);
  }
}
