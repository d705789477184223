import { dump } from 'js-yaml';
import { cleanupRules } from '../../src/admission/cleanup/cleanup-rules.ts';
import { clientCaPart, listenerPart } from '../../src/admission/manifests/gatekeeper-part.ts';
import { type Manifest, renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import type { ServeSetting } from './serve-settings.ts';
import { gatekeeperStandIns, templateOf, toldNothing } from './stand-ins.ts';

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly topologySpreadConstraints: readonly object[];
  readonly volumes: readonly object[];
  readonly containers: readonly [Container];
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly object[];
  readonly startupProbe: object;
  readonly livenessProbe: object;
  readonly readinessProbe: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
}

/** Named templates for what the plain manifests have too, from these. */
export function generatedTemplate(settings: readonly ServeSetting[]): string {
  const objects = renderManifests(toldNothing);
  const of = (kind: string): Manifest => objects.find((each) => each.kind === kind) as Manifest;
  const deployment = of('Deployment')['spec'] as {
    readonly strategy: object;
    readonly selector: { readonly matchLabels: object };
    readonly template: { readonly spec: PodSpec };
  };
  const { spec } = deployment.template;
  const [container] = spec.containers;
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const cleanup = cleanupRules();
  const listener = listenerPart(gatekeeperStandIns);
  const clientCa = clientCaPart(gatekeeperStandIns.clientCa);
  const parts: Readonly<Record<string, object | string | number>> = {
    name: of('Deployment').metadata.name,
    selector: deployment.selector.matchLabels,
    strategy: deployment.strategy,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    podSecurityContext: spec.securityContext,
    topologySpreadConstraints: spec.topologySpreadConstraints,
    volumes: spec.volumes,
    args: container.args,
    containerPorts: container.ports,
    probes: { startupProbe, livenessProbe, readinessProbe },
    securityContext: container.securityContext,
    volumeMounts: container.volumeMounts,
    servicePorts: (of('Service')['spec'] as { readonly ports: object }).ports,
    ingressPorts: (of('NetworkPolicy')['spec'] as { readonly ingress: readonly [{ readonly ports: object }] })
      .ingress[0].ports,
    'gatekeeper.args': listener.args,
    'gatekeeper.containerPorts': listener.containerPorts,
    'gatekeeper.servicePorts': listener.servicePorts,
    'gatekeeper.ingress': listener.ingress,
    'gatekeeper.clientCa.args': clientCa.args,
    'gatekeeper.clientCa.volumeMounts': clientCa.volumeMounts,
    'gatekeeper.clientCa.volumes': clientCa.volumes,
    cleanupClusterRules: cleanup.cluster,
    cleanupOwnRules: cleanup.own,
  };
  return [
    '{{- /* Written by tools/chart.ts, from what `seaworthy admission manifests` writes. */ -}}\n',
    ...Object.entries(parts).map(([name, value]) => define(name, textOf(value))),
    define('flags', settings.map(flagTemplate).join('')),
  ].join('\n');
}

function textOf(value: object | string | number): string {
  const text = typeof value === 'object' ? dump(value, { lineWidth: -1, noRefs: true }) : `${value}\n`;
  return templateOf(text);
}

function define(name: string, text: string): string {
  return `{{- define "seaworthy.admission.${name}" -}}\n${text}{{- end }}\n`;
}

function flagTemplate({ flag, name, kind }: ServeSetting): string {
  const value = `.Values.admission.settings.${name}`;
  if (kind === 'switch') return `{{- if ${value} }}\n- ${flag}\n{{- end }}\n`;
  return `{{- ${kind === 'text' ? 'with' : 'range'} ${value} }}\n- {{ printf "${flag}=%s" . | quote }}\n{{- end }}\n`;
}
