import { defaultManifestSettings } from '../../admission/manifests/model.ts';
import { manifestsText } from '../../admission/manifests/manifests-text.ts';
import { renderManifests } from '../../admission/manifests/render-manifests.ts';
import { parseReference } from '../../oci/reference.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** What is given to `admission manifests`. */
export interface AdmissionManifestsOptions {
  readonly image: string;
  readonly namespace?: string;
  readonly replicas?: string;
  readonly secretNamespace: readonly string[];
  readonly clusterWideSecrets?: true;
  readonly priorityClass?: string;
  readonly gatekeeperProvider?: readonly string[];
  readonly gatekeeperClientCa?: string;
}

/** `admission manifests`: writes what a cluster needs to run the webhook. */
export async function admissionManifestsCommand(options: AdmissionManifestsOptions, host: Host): Promise<number> {
  const { image, namespace, replicas, secretNamespace, clusterWideSecrets, priorityClass } = options;
  // A cluster would say so only when it pulls.
  parseReference(image);
  const { gatekeeperProvider: providers = [], gatekeeperClientCa: clientCa } = options;
  const names = [...secretNamespace, ...(namespace === undefined ? [] : [namespace])];
  for (const name of names) {
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      throw new ConfigError('SETTING_INVALID', `"${name}" is no name of a namespace; write letters, digits and dashes`);
    }
  }
  if (replicas !== undefined && !/^[1-9]\d?$/.test(replicas)) {
    throw new ConfigError('SETTING_INVALID', `--replicas is "${replicas}"; give a number from 1 to 99`);
  }
  for (const name of [...providers, ...(clientCa === undefined ? [] : [clientCa])]) {
    if (/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) continue;
    throw new ConfigError(
      'SETTING_INVALID',
      `"${name}" is no name of an object; write letters, digits, dots and dashes`,
    );
  }
  if (clientCa !== undefined && providers.length === 0) {
    throw new ConfigError('SETTING_INVALID', '--gatekeeper-client-ca is of no use alone; add --gatekeeper-provider');
  }
  const manifests = renderManifests({
    ...defaultManifestSettings,
    image,
    secretNamespaces: [...new Set(secretNamespace)],
    clusterWideSecrets: clusterWideSecrets === true,
    ...(namespace === undefined ? {} : { namespace }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    ...(priorityClass === undefined ? {} : { priorityClass }),
    ...(providers.length === 0 ? {} : { gatekeeper: { providers, ...(clientCa === undefined ? {} : { clientCa }) } }),
  });
  await host.stdout.write(manifestsText(manifests));
  return exitCode.ok;
}
