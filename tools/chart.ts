/**
 * Writes what the chart in `deploy/helm/seaworthy/` has in common with the program, from the program itself:
 *
 *   Chart.yaml                the version of the package
 *   templates/_generated.tpl, _operator.tpl  names, ports, and what is always the same of Pods
 *   templates/admission/roles.yaml, templates/operator/roles.yaml
 *   templates/crds/*.yaml     definitions of custom resources
 *   values.yaml               `admission.settings` and `operator.settings`, the flags of the commands; the rest is written by hand
 *   values.schema.json        the same, and descriptions, which are the comments of values.yaml; the rest by hand
 *
 * Run it after any of that has changed; a test says when it has.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chartFiles } from './chart/chart-files.ts';

for (const [path, text] of chartFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
