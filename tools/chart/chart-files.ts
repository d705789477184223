import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { definitionTemplate } from './definition-template.ts';
import { generatedTemplate } from './generated-template.ts';
import { chartParts } from './parts.ts';
import { rolesTemplate } from './roles-template.ts';
import { schemaText } from './schema.ts';
import { serveSettings } from './serve-settings.ts';
import { valuesText } from './values.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where the chart is. */
export const chartFolder: string = join(root, 'deploy', 'helm', 'seaworthy');

/** The files of the chart that are written from the program, by their paths, as they are to be. */
export function chartFiles(): ReadonlyMap<string, string> {
  const at = (...parts: readonly string[]): string => join(chartFolder, ...parts);
  const settings = new Map(chartParts.map((part) => [part.name, serveSettings(part)] as const));
  let values = readFileSync(at('values.yaml'), 'utf8');
  for (const [name, own] of settings) values = valuesText(values, name, own);
  const schema = schemaText(readFileSync(at('values.schema.json'), 'utf8'), values, settings);
  return new Map([
    [at('Chart.yaml'), chartText()],
    [at('values.yaml'), values],
    [at('values.schema.json'), schema],
    ...chartParts.flatMap((part) => [
      [
        at('templates', part.name === 'admission' ? '_generated.tpl' : `_${part.name}.tpl`),
        generatedTemplate(part, settings.get(part.name) ?? []),
      ] as const,
      [at('templates', part.name, 'roles.yaml'), rolesTemplate(part)] as const,
      ...part
        .manifests({})
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .map(
          (each) =>
            [at('templates', 'crds', `${each.metadata.name}.yaml`), definitionTemplate(part.name, each)] as const,
        ),
    ]),
  ]);
}

function chartText(): string {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
  };
  const chart = {
    apiVersion: 'v2',
    name: 'seaworthy',
    description: 'Lets a cluster run only what passes its policies about images, and reports on what it runs.',
    type: 'application',
    version,
    appVersion: version,
    // The first that has all that is asked for: conditions of webhooks are out of beta.
    kubeVersion: '>=1.30.0-0',
    keywords: ['admission', 'policy', 'supply-chain', 'kyverno', 'sigstore'],
    annotations: { 'artifacthub.io/license': license },
  };
  return `# Written by tools/chart.ts.\n${dump(chart, { lineWidth: -1, quoteStyle: 'single' })}`;
}
