import { isTable, lineOf, parseToml, type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import { printable } from '../../../base/printable.ts';
import type { Finding } from '../../endpoint.ts';
import { parseGoUrl } from '../../node/go-url.ts';
import { type TellOfHosts, tellOfVersion1 } from './hosts-version-1.ts';
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
  /** Files with certificates and keys, as they are written: absolute, or from the file's folder. */
  readonly certificates: readonly string[];
  /** Where it stands. */
  readonly line?: number;
}

/** A `hosts.toml` as containerd reads it. */
export interface HostsFile {
  /** In the order in which they are tried. */
  readonly hosts: readonly HostEntry[];
  /** Tried last. */
  readonly server: HostEntry;
  readonly findings: readonly Finding[];
  /** Where `server` stands. */
  readonly serverLine: number | undefined;
}

/** A file, or why containerd takes none of it, and where: it then goes on as if there were no file. */
export type HostsReading =
  | { readonly file: HostsFile; readonly mistake?: undefined }
  | { readonly file?: undefined; readonly mistake: Pick<Finding, 'line' | 'sentence'> };

/**
 * Reads a `hosts.toml` (containerd `core/remotes/docker/config/hosts.go`: `parseHostsFile`, `parseHostConfig`,
 * `getSortedHosts`). What is refused there is refused here, since the way goes straight to the upstream then.
 *
 * @param path of the file on the node, for findings
 * @param isVersion2 the node surely runs containerd 2, which takes some files that 1 does not
 */
export function parseHostsFile(text: string, path: string, isVersion2: boolean): HostsReading {
  if (text.startsWith('\uFEFF')) return { mistake: { line: 1, sentence: 'it begins with a byte order mark' } };
  const { document, mistake } = parseToml(text);
  if (document === undefined) return { mistake };
  const findings: Finding[] = [];
  const tell: TellOfHosts = (code, level, sentence, names) => {
    const line = names === undefined ? undefined : lineOf(document, names);
    findings.push({ code, level, file: path, ...(line === undefined ? {} : { line }), sentence });
  };
  /** The table that is being read, for the place of what is refused in it. */
  let table: readonly string[] = ['host'];
  try {
    const { root, headers } = document;
    if (root['host'] !== undefined && !isTable(root['host'])) throw new Refused('host is no table');
    const tables = tableIn(root, 'host');
    if (!isVersion2) tellOfVersion1(text, document, tell);
    const order = hostOrder(headers);
    const names = Object.keys(tables ?? {});
    const unordered = names.filter((name) => name !== '' && !order.includes(name));
    for (const name of unordered) {
      const sentence = `names ${printable(name)} in a form that containerd 2 passes over; write [host."…"]`;
      tell('HOST_NOT_A_TABLE', 'unknown', sentence, ['host', name]);
    }
    for (const name of names) {
      table = ['host', name];
      checkTypes(name, tableIn(tables, name));
    }
    const hosts = [...order, ...unordered].map((name): HostEntry => {
      table = ['host', name];
      return at(lineOf(document, table), readEntry(name, tableIn(tables, name), table, tell));
    });
    table = [];
    const server = readEntry(textOf(root, 'server') ?? '', root, table, tell);
    const serverLine = lineOf(document, ['server']);
    return { file: { hosts, server: at(serverLine, server), findings, serverLine } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = lineOf(document, error.setting === undefined ? table : [...table, error.setting]);
    return { mistake: { ...(line === undefined ? {} : { line }), sentence: error.message } };
  }
}

function at(line: number | undefined, entry: HostEntry): HostEntry {
  return line === undefined ? entry : { ...entry, line };
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
  if (table['header'] !== undefined && !isTable(table['header'])) throw new Refused('header is no table', 'header');
}

function readEntry(name: string, table: TomlTable | undefined, place: readonly string[], tell: TellOfHosts): HostEntry {
  checkTypes(name, table);
  for (const odd of oddNames(table, settingNames)) {
    const sentence = `writes ${printable(odd)}, which containerd 2 takes for ${odd.toLowerCase()}, and containerd 1 may not; write it in small letters`;
    tell('NAME_CAPITALS', 'unknown', sentence, [...place, odd]);
  }
  for (const word of textsOf(table, 'capabilities') ?? []) {
    if (!known.has(word.toLowerCase())) throw new Refused(`${printable(word)} is no capability`, 'capabilities');
    if (word.toLowerCase() !== 'referrers') continue;
    const sentence =
      'names the capability referrers, which older versions take for a mistake in the whole file; leave it out';
    tell('CAPABILITY_NEW', 'way-out', sentence, [...place, 'capabilities']);
  }
  checkCertificates(table);
  checkHeader(table);
  const skipVerify = flagOf(table, 'skip_verify');
  const timeout = textOf(table, 'dial_timeout') ?? '';
  if (timeout !== '' && !goDuration.test(timeout))
    throw new Refused(`${printable(timeout)} is no duration`, 'dial_timeout');
  const proxy = textOf(table, 'proxy') ?? '';
  const address = readAddress(name, flagOf(table, 'override_path'));
  return { name, ...address, skipVerify, certificates: certificatesOf(table), ...(proxy === '' ? {} : { proxy }) };
}

/** Go's `time.ParseDuration`, which knows no days. */
const goDuration = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** The address of a host as `parseHostConfig` makes it: what begins with "http" is taken for a whole URL. */
function readAddress(name: string, override: boolean): Pick<HostEntry, 'scheme' | 'authority' | 'path'> {
  if (name === '') return { scheme: '', authority: '', path: '' };
  const url = parseGoUrl(name.startsWith('http') ? name : `https://${name}`);
  if (url === undefined) throw new Refused(`${printable(name)} is no address`, 'server');
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
  if (ca !== undefined && typeof ca !== 'string' && !isTexts(ca))
    throw new Refused('ca is neither a text nor a list', 'ca');
  if (client === undefined || typeof client === 'string') return;
  const pairs = Array.isArray(client) ? (client as unknown[]) : undefined;
  if (pairs?.every((pair) => typeof pair === 'string' || (isTexts(pair) && pair.length === 2)) === true) return;
  throw new Refused('client is neither a text, a list, nor a list of pairs', 'client');
}

/** A client's certificate may stand alone, with its key in the same file or in none (`parseHostConfig`). */
function certificatesOf({ ca, client }: TomlTable): string[] {
  return [ca, client].flat(2).filter((path): path is string => typeof path === 'string' && path !== '');
}

function checkHeader(table: TomlTable): void {
  const { header } = table;
  if (!isTable(header)) return;
  for (const [name, value] of Object.entries(header)) {
    if (typeof value !== 'string' && !isTexts(value))
      throw new Refused(`header ${printable(name)} is no text`, 'header');
  }
}
