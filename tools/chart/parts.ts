import type { Command } from 'commander';
import { defaultManifestSettings, type ManifestSettings } from '../../src/admission/manifests/model.ts';
import { renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import { addAdmissionCommands } from '../../src/cli/program/admission.ts';
import { addOperatorCommands } from '../../src/cli/program/operator.ts';
import { defaultOperatorSettings } from '../../src/cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../src/cluster/operator/manifests/render-manifests.ts';
import { gatekeeperStandIns, standIns } from './stand-ins.ts';

/** What of a part's manifests differs. */
export interface PartSettings {
  readonly secretNamespaces?: readonly string[];
  readonly clusterWideSecrets?: boolean;
}

/** A server of the chart. */
export interface ChartPart {
  /** Its command, its values, its templates. */
  readonly name: 'admission' | 'operator';
  readonly addCommands: (program: Command, run: () => Promise<void>) => void;
  /** Its objects, with stand-ins for what only the chart is told. */
  readonly manifests: (settings: PartSettings) => readonly Manifest[];
  /** What the chart may be told that has the server do more, as a condition, and its objects then. */
  readonly extras: readonly (readonly [when: string, manifests: () => readonly Manifest[]])[];
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
    manifests: admissionManifests,
    extras: [
      [
        'and $.Values.admission.gatekeeper.enabled $.Values.admission.gatekeeper.providers',
        () => admissionManifests({ gatekeeper: gatekeeperStandIns }),
      ],
      ['$.Values.admission.secrets.clusterWide', () => admissionManifests({ clusterWideSecrets: true })],
    ],
    given: [
      '--listen',
      '--metrics-listen',
      '--cluster',
      '--namespace',
      '--service',
      '--cert-dir',
      '--inject-ca-from',
      '--cache-dir',
      '--gatekeeper-listen',
      '--gatekeeper-client-ca',
      '--gatekeeper-provider',
      '--gatekeeper-timeout',
      '--gatekeeper-mutate-timeout',
    ],
    elsewhere: ['--policy', '--kubeconfig', '--context', '--url', '--config', '--no-progress'],
  },
  {
    name: 'operator',
    addCommands: addOperatorCommands,
    manifests: operatorManifests,
    extras: [['$.Values.operator.secrets.clusterWide', () => operatorManifests({ clusterWideSecrets: true })]],
    given: ['--listen', '--namespace', '--cache-dir'],
    elsewhere: ['--kubeconfig', '--context', '--config', '--no-progress'],
  },
];

/** The part of a name. */
export function chartPart(name: ChartPart['name']): ChartPart {
  return chartParts.find((part) => part.name === name) as ChartPart;
}

function admissionManifests(settings: Partial<ManifestSettings>): readonly Manifest[] {
  return renderManifests({ ...defaultManifestSettings, namespace: standIns.namespace, image: 'unused', ...settings });
}

function operatorManifests(settings: PartSettings): readonly Manifest[] {
  return renderOperatorManifests({
    ...defaultOperatorSettings,
    namespace: standIns.namespace,
    image: 'unused',
    ...settings,
  });
}
