import { compareText } from '../../base/compare-text.ts';
import { countSeverities } from '../../report/count-severities.ts';
import type { SeverityCounts } from '../../finding/scan-report.ts';
import type { Workload } from '../model.ts';
import type { ClusterReport, Flaw, ReportedImage } from './model.ts';

/** A workload with what was found in its images. */
export interface WorkloadRow {
  readonly workload: Workload;
  /** Each once, in the order of the report. */
  readonly images: readonly ReportedImage[];
  /** Of all its images together; one flaw of an image for several platforms is one. */
  readonly counts: SeverityCounts;
  /** What of it could not be looked at: sentences. */
  readonly unknown: readonly string[];
}

/** All workloads, by namespace, name and kind. */
export function workloadRows({
  inventory,
  images,
}: Pick<ClusterReport, 'inventory' | 'images'>): readonly WorkloadRow[] {
  const places = new Map(images.map((image, at) => [keyOf(image), at]));
  const rows = inventory.workloads.map((workload): WorkloadRow => {
    const own = [...new Set(keysOf(workload))].flatMap((key) => places.get(key) ?? []).sort((a, b) => a - b);
    const found = own.map((at) => images[at] as ReportedImage);
    // Two names of one digest are one image.
    const once = found.filter(
      ({ digest }, at) => digest === undefined || found.findIndex((other) => other.digest === digest) === at,
    );
    return {
      workload,
      images: once,
      counts: countSeverities(once.flatMap(flawsOf)),
      unknown: [...once.flatMap(unknownOf), ...workload.unreadable],
    };
  });
  return rows.sort((a, b) => compareWorkloads(a.workload, b.workload));
}

/** The flaws of an image, each once for all its platforms. */
export function flawsOf({ platforms }: Pick<ReportedImage, 'platforms'>): readonly Flaw[] {
  const read = platforms.flatMap((each) => (each.state === 'scanned' ? [each.report.flaws] : []));
  if (read.length < 2) return read[0] ?? [];
  const found = new Map<string, Flaw>();
  for (const flaw of read.flat()) found.set(flawKey(flaw), flaw);
  return [...found.values()];
}

/** Tells the flaws of one image apart. */
export function flawKey({ id, package: name, version }: Pick<Flaw, 'id' | 'package' | 'version'>): string {
  return `${id}\0${name}\0${version}`;
}

/** What of an image is not known: sentences. */
export function unknownOf({ name, state, failure, platforms }: ReportedImage): readonly string[] {
  if (state === 'skipped') return [];
  if (state === 'left') return [`${name} was not scanned: the time was over`];
  if (failure !== undefined) return [`${name} could not be scanned: ${failure.message}`];
  return platforms.flatMap((each) => {
    if (each.state === 'failed') return [`${name} could not be scanned for ${each.platform}: ${each.failure.message}`];
    const { problems } = each.report;
    const incomplete = problems.filter((problem) => problem.incomplete === true);
    return incomplete.map(({ subject, message }) => `${name} was read in part (${subject}): ${message}`);
  });
}

/** As {@link keysOf} names it. */
function keyOf({ image: { digest, images } }: ReportedImage): string {
  return digest ?? ` ${images[0] ?? ''}`;
}

/** The images of a workload, as `runningImages` tells them apart. */
function keysOf({ images }: Workload): readonly string[] {
  return images.flatMap(({ image, running, undigested }) => [
    ...running.map(({ digest }) => digest),
    ...(running.length === 0 || undigested > 0 ? [` ${image}`] : []),
  ]);
}

function compareWorkloads(a: Workload, b: Workload): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group)
  );
}
