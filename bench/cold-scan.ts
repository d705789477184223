import { median, run, type Cost } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

const rounds = 3;
/** Other scanners, with what makes them do the same on an OCI layout; run only where they are on PATH. */
const peers: Readonly<Record<string, (image: string) => readonly string[]>> = {
  trivy: (image) => ['image', '--input', image, '--scanners', 'vuln', '--skip-db-update', '--skip-java-db-update'],
  grype: (image) => [`oci-dir:${image}`],
  syft: (image) => [`oci-dir:${image}`],
};

/** A first scan, against `gzip -dc` over the same layers one after another; the two take turns. */
export async function coldScan(space: Workspace): Promise<Line[]> {
  const ours: Cost[] = [];
  const gzip: number[] = [];
  const others = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    for (const { path } of space.layers) await run('gzip', ['-dc', path], { discard: true });
    gzip.push(performance.now() - started);
    const cache = await space.freshCache();
    ours.push(await space.seaworthy(['image', '--input', space.image, '-f', 'json'], cache));
    for (const [name, args] of Object.entries(peers)) {
      const cost = await run(name, args(space.image), { discard: true }).catch(() => undefined);
      if (cost !== undefined) others.set(name, [...(others.get(name) ?? []), cost.wall]);
    }
  }
  const wall = median(ours.map((cost) => cost.wall));
  const ratio = wall / median(gzip);
  const memory = Math.max(...ours.map((cost) => cost.memory));
  return [
    { label: 'gzip -dc over the layers', value: `${median(gzip).toFixed(0)} ms` },
    { label: 'cold scan, whole process', value: `${wall.toFixed(0)} ms` },
    { label: 'ratio to gzip -dc', value: ratio.toFixed(2), bar: '<= 0.90', met: ratio <= 0.9 },
    { label: 'peak memory', value: `${memory.toFixed(0)} MiB`, bar: '<= 350', met: memory <= 350 },
    ...[...others].map(([name, times]) => ({
      label: `${name}, whole process`,
      value: `${median(times).toFixed(0)} ms`,
    })),
  ];
}
