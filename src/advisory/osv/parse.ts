import type { Advisory, AffectedPackage, AffectedRange } from '../../finding/advisory.ts';
import { schemeOf } from '../../version/list.ts';
import type { VersionScheme } from '../../version/scheme.ts';
import { checkShape } from '../check-shape.ts';
import type { DropReason, DroppedRecord, FeedDocument, ParsedDocument } from '../feed.ts';
import { feedLimits } from '../limits.ts';
import type { RateCvss } from '../rate-cvss.ts';
import { parseEcosystem } from './ecosystem.ts';
import { isNotice, isUpdate } from './kind.ts';
import { rangesOfEvents } from './ranges.ts';
import { osvRecord, type OsvAffected, type OsvRecord } from './schema.ts';
import { cvssOf, severityOfAffected, severityOfRecord, statusOfAffected } from './severity.ts';
import { sourceOf } from './source.ts';

/**
 * Reads one OSV record (OSV schema 1.7).
 *
 * @param ecosystem of the zip that the record came in: packages of others are left out, since their own zips hold the
 * same record again
 * @returns one advisory, or none with the reason. A record that is gone, or speaks of no package any more, is given as
 * withdrawn, so that it takes the place of what was known
 */
export function parseOsv(document: FeedDocument, ecosystem: string, rate: RateCvss): ParsedDocument<Advisory> {
  const { bytes, name, overlong } = document;
  if (overlong === true) return drop(name, 'LIMIT_EXCEEDED');
  if (bytes === undefined) return { items: [gone(name, ecosystem)], dropped: [] };
  if (bytes.length > feedLimits.recordBytes) return drop(name, 'LIMIT_EXCEEDED');
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return drop(name, 'MALFORMED');
  }
  const { value: record, tooBig } = checkShape(osvRecord, json);
  if (record === undefined) return drop(name, tooBig ? 'LIMIT_EXCEEDED' : 'MALFORMED');
  if (hasControlCharacter(record.id)) return drop(name, 'MALFORMED');
  const scheme = schemeOf(ecosystem);
  if (scheme === undefined) return drop(record.id, 'ECOSYSTEM_UNSUPPORTED');
  if (isNotice(record)) return drop(record.id, 'NOT_A_VULNERABILITY');
  return advisoryOf(record, ecosystem, scheme, rate);
}

function advisoryOf(
  record: OsvRecord,
  ecosystem: string,
  scheme: VersionScheme,
  rate: RateCvss,
): ParsedDocument<Advisory> {
  const dropped: DroppedRecord[] = [];
  const own = (record.affected ?? []).filter(
    (entry) => entry.package != null && parseEcosystem(entry.package.ecosystem).name === ecosystem,
  );
  const affected: AffectedPackage[] = [];
  if (record.withdrawn == null) {
    for (const entry of own) {
      const { made, unreadable } = affectedOf(entry, scheme);
      if (unreadable) dropped.push({ subject: record.id, reason: 'VERSION_UNREADABLE' });
      if (made !== undefined) affected.push(made);
    }
  }
  const cvss = cvssOf(record, own, rate);
  const severity = severityOfRecord(record, cvss);
  const upstream = isUpdate(record.id)
    ? [...(record.upstream ?? []), ...(record.related ?? []).filter((id) => id.startsWith('CVE-'))]
    : (record.upstream ?? []);
  const item: Advisory = {
    id: record.id,
    aliases: tidyIds(record.aliases ?? [], record.id),
    upstream: tidyIds(upstream, record.id),
    summary: cut(record.summary ?? '', feedLimits.summaryCharacters),
    details: cut(record.details ?? '', feedLimits.detailsCharacters),
    ...timeOf('published', record.published),
    ...timeOf('modified', record.modified),
    ...(record.withdrawn == null ? {} : { withdrawn: record.withdrawn }),
    ...(severity === undefined ? {} : { severity }),
    cvss,
    cwes: [...new Set(record.database_specific?.cwe_ids ?? [])].filter((cwe) => /^CWE-\d{1,6}$/.test(cwe)).sort(),
    references: referencesOf(record),
    affected,
    source: sourceOf(record.id, ecosystem),
  };
  return { items: [item], dropped };
}

interface AffectedEntry {
  /** Absent when the entry names no affected version. */
  readonly made?: AffectedPackage;
  /** True when a range could not be read: what is made of the rest may be too little. */
  readonly unreadable: boolean;
}

function affectedOf(entry: OsvAffected, scheme: VersionScheme): AffectedEntry {
  const named = entry.package;
  if (named == null) return { unreadable: false };
  const ranges: AffectedRange[] = [];
  let unreadable = false;
  for (const range of entry.ranges ?? []) {
    const runs = rangesOfEvents(range, scheme);
    if (runs === undefined) unreadable = true;
    else ranges.push(...runs.map((run) => withLastKnown(run, entry, scheme)));
  }
  const versions = [...new Set(entry.versions ?? [])];
  if (ranges.length === 0 && versions.length === 0) return { unreadable };
  const { name, release } = parseEcosystem(named.ecosystem);
  const severity = severityOfAffected(entry);
  const status = statusOfAffected(entry);
  const arch = archOf(named.purl);
  const made: AffectedPackage = {
    ecosystem: name,
    release,
    name: named.name,
    ranges,
    versions,
    ...(severity === undefined ? {} : { severity }),
    ...(status === undefined ? {} : { status }),
    ...(arch === undefined ? {} : { arches: [arch] }),
  };
  return { made, unreadable };
}

/**
 * GitHub states the end of a run without a fix apart from the events, as `<= 1.2.3` or `< 1.2.3`: it is the last version
 * that was looked at, and later ones are not claimed.
 */
function withLastKnown(run: AffectedRange, entry: OsvAffected, scheme: VersionScheme): AffectedRange {
  if (run.fixed !== undefined || run.lastAffected !== undefined) return run;
  const stated = entry.database_specific?.last_known_affected_version_range;
  const [, operator, version] = /^(<=?) ?(\S{1,500})$/.exec(stated ?? '') ?? [];
  if (version === undefined || !scheme.isValid(version)) return run;
  if (run.introduced !== '0' && scheme.compare(run.introduced, version) > 0) return run;
  return operator === '<' ? { ...run, fixed: version } : { ...run, lastAffected: version };
}

/** The architecture that a purl limits an entry to; `source` and its like mean all. */
function archOf(purl: string | null | undefined): string | undefined {
  const arch = /[?&]arch=([\w-]{1,30})(?:[&#]|$)/.exec(purl ?? '')?.[1];
  return arch === undefined || arch === 'source' || arch === 'src' || arch === 'noarch' || arch === 'all'
    ? undefined
    : arch;
}

function referencesOf(record: OsvRecord): string[] {
  const urls = new Set<string>();
  for (const reference of record.references ?? []) {
    if (urls.size === feedLimits.references) break;
    const url = reference !== null && typeof reference === 'object' && 'url' in reference ? reference.url : undefined;
    if (typeof url === 'string' && url.length <= 2000 && /^https?:\/\/\S+$/i.test(url)) urls.add(url);
  }
  return [...urls];
}

function tidyIds(ids: readonly string[], own: string): string[] {
  return [...new Set(ids)].filter((id) => id !== own && !hasControlCharacter(id)).sort();
}

/** RFC 3339 only; the Go database writes year 1 where it knows no time. */
function timeOf<Key extends string>(key: Key, time: string | null | undefined): { readonly [Name in Key]?: string } {
  if (time == null || time.length > 40 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(time) || time.startsWith('0001-')) {
    return {};
  }
  return { [key]: time } as { readonly [Name in Key]: string };
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // A cut in the middle of a surrogate pair would leave half a character.
  return `${text
    .slice(0, length - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}

function hasControlCharacter(text: string): boolean {
  return /[\u0000-\u001F\u007F\s]/.test(text);
}

function gone(id: string, ecosystem: string): Advisory {
  return {
    id,
    aliases: [],
    upstream: [],
    summary: '',
    details: '',
    withdrawn: '1970-01-01T00:00:00Z',
    cvss: [],
    cwes: [],
    references: [],
    affected: [],
    source: sourceOf(id, ecosystem),
  };
}

function drop(subject: string, reason: DropReason): ParsedDocument<Advisory> {
  return { items: [], dropped: [{ subject: subject.slice(0, feedLimits.idCharacters), reason }] };
}
