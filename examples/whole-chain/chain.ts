import { layOut, type TarballOf } from './images.ts';
import type { Recipes } from './packages.ts';
import type { Stage } from './stage.ts';
import { showAdmission } from './step/admission.ts';
import { showBuild } from './step/build.ts';
import { showGate } from './step/gate.ts';
import { showRegistry } from './step/registry.ts';
import { showSbom } from './step/sbom.ts';
import { showSigning } from './step/sign.ts';
import { showTriage } from './step/triage.ts';
import { showUpstream } from './step/upstream.ts';

/**
 * Shows the whole chain, step by step.
 *
 * @throws ChainError when a step does not do what it shows
 */
export async function showChain(stage: Stage, { app, tools }: Recipes, tarballOf: TarballOf): Promise<void> {
  for (const recipe of app) await layOut(stage, 'app', recipe, tarballOf);
  for (const recipe of tools) await layOut(stage, 'tools', recipe, tarballOf);
  const [flawed, mended] = [app[0].version, app[1].version];
  const [flawedTools, mendedTools] = [tools[0].version, tools[1].version];
  await showBuild(stage, flawed);
  await showGate(stage, [flawed, mended]);
  await showSbom(stage, mended);
  const stocked = await showRegistry(stage, [flawed, mended], [flawedTools, mendedTools]);
  await showSigning(stage, stocked);
  await showAdmission(stage, stocked, mended);
  await showUpstream(stage, stocked, [flawedTools, mendedTools]);
  await showTriage(stage, stocked);
}
