import type { Command } from 'commander';
import { defaultManifestSettings } from '../../src/admission/manifests/model.ts';
import { type Manifest, renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import { addAdmissionCommands } from '../../src/cli/program/admission.ts';
import { addOperatorCommands } from '../../src/cli/program/operator.ts';
import { defaultOperatorSettings } from '../../src/cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../src/cluster/operator/manifests/render-manifests.ts';

/** What of a part's manifests differs. */
export interface PartSettings {
  readonly namespace?: string;
  readonly secretNamespaces?: readonly string[];
  readonly clusterWideSecrets?: boolean;
}

/** A server of the chart. */
export interface ChartPart {
  /** Its command, its values, its templates. */
  readonly name: 'admission' | 'operator';
  readonly addCommands: (program: Command, run: () => Promise<void>) => void;
  readonly manifests: (settings: PartSettings) => readonly Manifest[];
  /** Flags that the chart itself gives, by what else it is told. */
  readonly given: readonly string[];
  /** Flags of a server that is no Pod of a chart, and of terminals. */
  readonly elsewhere: readonly string[];
}

/** All servers of the chart. */
export const chartParts: readonly ChartPart[] = [
  {
    name: 'admission',
    addCommands: addAdmissionCommands,
    manifests: (settings) => renderManifests({ ...defaultManifestSettings, image: 'unused', ...settings }),
    given: [
      '--listen',
      '--metrics-listen',
      '--cluster',
      '--namespace',
      '--service',
      '--cert-dir',
      '--inject-ca-from',
      '--cache-dir',
    ],
    elsewhere: ['--policy', '--kubeconfig', '--context', '--url', '--config', '--no-progress'],
  },
  {
    name: 'operator',
    addCommands: addOperatorCommands,
    manifests: (settings) => renderOperatorManifests({ ...defaultOperatorSettings, image: 'unused', ...settings }),
    given: ['--listen', '--namespace', '--cache-dir'],
    elsewhere: ['--kubeconfig', '--context', '--config', '--no-progress'],
  },
];

/** The part of a name. */
export function chartPart(name: ChartPart['name']): ChartPart {
  return chartParts.find((part) => part.name === name) as ChartPart;
}
