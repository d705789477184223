import { type HeldParts, holdReport, type SharedTexts } from '../../cluster/report/hold-report.ts';
import type { HeldReport } from '../../cluster/report/model.ts';
import { filterReport } from '../../match/ignore/apply-to-report.ts';
import type { IgnoreRule, IgnoreRules } from '../../match/ignore/rules.ts';
import type { StatementIndex } from '../../match/vex/statement-index.ts';
import type { Settings } from '../config/settings.ts';
import { scanStatus } from '../gate.ts';
import type { Host } from '../host.ts';
import type { Lookup } from '../lookup.ts';
import { targetsOfReport } from '../report-all.ts';
import { encodeRecord } from './image-record.ts';
import type { ImageRecords } from './image-records.ts';
import type { ScannerOptions } from './open-scanner.ts';

/** Makes of what was read of an image what is held of it. */
export type ImageReducer = ScannerOptions<HeldReport>['reduce'];

/** What images are judged with. */
export interface ReducerParts {
  readonly lookup: Pick<Lookup, 'report'>;
  /** For questions about what runs, which are answered without reading images. */
  readonly records: ImageRecords | undefined;
  readonly parts: HeldParts;
  readonly rules: IgnoreRules | undefined;
  readonly vex: StatementIndex | undefined;
  /** Takes rules whose time is over, once. */
  readonly expired: IgnoreRule[];
  readonly settings: Settings;
  readonly host: Pick<Host, 'now'>;
}

/** Filters what was found in an image, judges it, and keeps what is told of it. */
export function imageReducer({
  lookup,
  records,
  parts,
  rules,
  vex,
  expired,
  settings,
  host,
}: ReducerParts): ImageReducer {
  const texts: SharedTexts = new Map();
  const severities = new Set(settings.severity);
  return async (read, { digest, platform }) => {
    const report = lookup.report(read);
    const kept = await records?.get(digest, platform);
    const isOld = kept?.builtAt !== report.database?.builtAt || kept?.isPartlyRead === true || kept?.isPartlyLookedUp;
    if (isOld) await records?.put(digest, platform, await encodeRecord(report));
    const filtered = filterReport(report, {
      severities,
      ignoreUnfixed: settings.ignoreUnfixed,
      now: host.now(),
      targetOf: targetsOfReport(report),
      ...(rules === undefined ? {} : { rules }),
      ...(vex === undefined ? {} : { vex }),
    });
    if (expired.length === 0) expired.push(...filtered.expired);
    const status = scanStatus([filtered.unfiltered], [filtered.shown], settings);
    return await holdReport(filtered.shown, status, parts, texts);
  };
}
