import type { GatekeeperManifestSettings } from '../../src/admission/manifests/model.ts';
import { literal } from './literal.ts';

/**
 * What stands in objects for what only the chart is told: they are made with these in the place of values, and written as templates
 * with the values in the place of these.
 */
export const standIns = {
  namespace: 'the-namespace-of-the-release',
  secretNamespace: 'a-namespace-of-secrets',
  gatekeeperNamespace: 'the-namespace-of-gatekeeper',
  provider: 'a-provider-of-gatekeeper',
  clientCa: 'the-authorities-of-gatekeeper',
  // Numbers of objects are numbers: these are of no port, and of nothing else.
  port: 765_431,
  verifySeconds: 765_432,
  mutateSeconds: 765_433,
} as const;

/** How Gatekeeper is answered, with what stands for the values. */
export const gatekeeperStandIns: GatekeeperManifestSettings & { readonly clientCa: string } = {
  port: standIns.port,
  namespace: standIns.gatekeeperNamespace,
  providers: [standIns.provider],
  clientCa: standIns.clientCa,
  verifySeconds: standIns.verifySeconds,
  mutateSeconds: standIns.mutateSeconds,
};

/** What every stand-in but that of a list's items becomes. */
const values: readonly (readonly [standIn: string | number, template: string])[] = [
  [standIns.namespace, '{{ $.Release.Namespace }}'],
  [standIns.secretNamespace, '{{ $namespace }}'],
  [standIns.gatekeeperNamespace, '{{ $.Values.admission.gatekeeper.namespace | quote }}'],
  [standIns.clientCa, '{{ $.Values.admission.gatekeeper.clientCaConfigMap | quote }}'],
  [standIns.port, '{{ $.Values.admission.gatekeeper.port }}'],
  [standIns.verifySeconds, '{{ $.Values.admission.gatekeeper.timeoutSeconds }}'],
  [standIns.mutateSeconds, '{{ $.Values.admission.gatekeeper.mutateTimeoutSeconds }}'],
];

const item = new RegExp(`^( *)- (.*)${standIns.provider}$`, 'gm');

/** A text of YAML as a template, in which `$` is what the chart is told. */
export function templateOf(text: string): string {
  const ranged = literal(text).replaceAll(item, (_, indent: string, before: string) => {
    const each = before === '' ? '{{ . | quote }}' : `${before}{{ . }}`;
    const lines = ['{{- range $.Values.admission.gatekeeper.providers }}', `- ${each}`, '{{- end }}'];
    return lines.map((line) => `${indent}${line}`).join('\n');
  });
  return values.reduce((now, [standIn, template]) => now.replaceAll(String(standIn), template), ranged);
}
