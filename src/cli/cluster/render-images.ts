import { printableJson } from '../../base/printable-json.ts';
import type { ClusterInventory } from '../../cluster/model.ts';
import { shownName } from '../../cluster/report/shown-name.ts';
import type { RunningImage } from '../../cluster/running-images.ts';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import { countOf } from '../terminal/count-of.ts';
import { few } from '../terminal/few.ts';

/** Images that run as JSON: with the cluster, and with what could not be listed. */
export function imagesAsJson(
  { cluster, version, listedAt, gaps }: ClusterInventory,
  images: readonly RunningImage[],
): string {
  return `${printableJson({ cluster, version, listedAt, images, gaps })}\n`;
}

/** Images that run as a table. */
export function imagesAsTable(
  images: readonly RunningImage[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  if (images.length === 0) return '';
  const columns = [
    { header: 'Digest' },
    { header: 'Image', least: 16 },
    { header: 'Pods', align: 'right' },
    { header: 'Platforms', least: 11 },
    { header: 'Workloads', least: 16 },
  ] as const;
  const rows = images.map(({ digest, images: names, pods, platforms, users }) => ({
    cells: [
      digest === undefined ? 'not known' : digest.slice(0, digest.indexOf(':') + 13),
      few(names.map(shownName)),
      String(pods),
      platforms.join(', '),
      few([...new Set(users.map(({ namespace, kind, name }) => `${namespace} ${kind}/${name}`))]),
    ],
  }));
  const lines = renderTextTable(columns, rows, { width, paint: paintWith(colour) });
  return lines.map((line) => `${line}\n`).join('');
}

/** How much runs, in a sentence. */
export function sumOf({ workloads, cluster }: ClusterInventory, images: readonly RunningImage[]): string {
  const named = images.filter(({ digest }) => digest === undefined).length;
  const rest = named === 0 ? '' : `, and ${countOf(named, 'name')} of which no digest is known`;
  return `${cluster} runs ${countOf(images.length - named, 'digest')}${rest}, in ${countOf(workloads.length, 'workload')}`;
}
