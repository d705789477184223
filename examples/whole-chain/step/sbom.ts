import { readFile } from 'node:fs/promises';
import type { Stage } from '../stage.ts';

/** Writes the bill of materials of the mended image. */
export async function showSbom(stage: Stage, version: string): Promise<void> {
  stage.title('List what is in it');
  const file = stage.path('app.cdx.json');
  await stage.type(['sbom', `oci-dir:${stage.path(`image-${version}`)}`, '-o', `cyclonedx-json=${file}`]);
  const { components = [] } = JSON.parse(await readFile(file, 'utf8')) as { components?: { purl?: string }[] };
  const packages = components.flatMap(({ purl }) => purl ?? []);
  if (packages.length === 0) stage.fail('the bill of materials has no packages');
  stage.say(`  → $W/app.cdx.json lists ${packages.join(', ')}`);
}
