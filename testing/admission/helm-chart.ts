import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { findProgram } from '../registry/find-program.ts';

/** Where the chart is. */
export const chartPath: string = join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'seaworthy');

/** The version of Kubernetes that charts are rendered for where there is no cluster: that of the tests' API server. */
const kubeVersion = '1.37.2';

/** An object of a chart. */
export interface ChartObject extends Manifest {
  readonly metadata: Manifest['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
}

/** Runs helm, in a home of its own. @param kubeconfig its text, for what needs a cluster @returns what it wrote @throws where it fails */
export async function helm(args: readonly string[], kubeconfig?: string): Promise<string> {
  using folder = temporaryDirectory();
  const env = {
    HOME: folder.path,
    ...(kubeconfig === undefined ? {} : { KUBECONFIG: folder.write('config', kubeconfig) }),
  };
  const options = { env, timeout: 120_000, maxBuffer: 16_777_216 };
  const { stdout } = await promisify(execFile)(findProgram('helm') as string, args, options);
  return stdout;
}

/** Renders the chart as `helm template` does. @param values as in a values file */
export async function renderChart(
  values: object,
  namespace: string,
  path: string = chartPath,
): Promise<readonly ChartObject[]> {
  using folder = temporaryDirectory();
  const file = folder.write('values.json', JSON.stringify(values));
  const asked = ['--namespace', namespace, '--values', file, '--kube-version', kubeVersion];
  const text = await helm(['template', 'sea', path, ...asked]);
  return loadAll(text).filter((each) => each !== null && each !== undefined) as ChartObject[];
}

/** What whoever installs the chart is told. `helm template` leaves that out, so that it is made an object of a copy of the chart. */
export async function renderNotes(values: object, namespace: string): Promise<string> {
  using folder = temporaryDirectory();
  const copy = join(folder.path, 'chart');
  cpSync(chartPath, copy, { recursive: true });
  const notes = readFileSync(join(copy, 'templates', 'NOTES.txt'), 'utf8');
  rmSync(join(copy, 'templates', 'NOTES.txt'));
  writeFileSync(join(copy, 'templates', '_notes.tpl'), `{{- define "notes" -}}\n${notes}{{- end -}}\n`);
  const object =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\ndata: {text: {{ include "notes" . | quote }}}\n';
  writeFileSync(join(copy, 'templates', 'notes.yaml'), object);
  const found = (await renderChart(values, namespace, copy)).find(({ metadata }) => metadata.name === 'notes');
  if (found === undefined) throw new Error('the copy of the chart has no notes');
  return (found['data'] as { readonly text: string }).text;
}

/** Looks at the chart as `helm lint` does. @throws where something is wrong */
export async function lintChart(values: object): Promise<void> {
  using folder = temporaryDirectory();
  const file = folder.write('values.json', JSON.stringify(values));
  await helm(['lint', '--strict', '--quiet', '--values', file, '--kube-version', kubeVersion, chartPath]);
}

/** Whether an object is there for what is done before the chart is uninstalled. */
export function isCleanup({ metadata }: ChartObject): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === 'seaworthy-admission-cleanup';
}
