import { defaultManifestSettings } from '../../admission/manifests/model.ts';
import { manifestsText } from '../../kubernetes/manifests-text.ts';
import { renderManifests } from '../../admission/manifests/render-manifests.ts';
import { parseReference } from '../../oci/reference.ts';
import { gatekeeperManifestSettings, type GatekeeperManifestFlags } from '../admission/gatekeeper-manifests.ts';
import { checkNamespace } from '../admission/names.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** What is given to `admission manifests`. */
export interface AdmissionManifestsOptions extends GatekeeperManifestFlags {
  readonly image: string;
  readonly namespace?: string;
  readonly replicas?: string;
  readonly secretNamespace: readonly string[];
  readonly clusterWideSecrets?: true;
  readonly priorityClass?: string;
}

/** `admission manifests`: writes what a cluster needs to run the webhook. */
export async function admissionManifestsCommand(options: AdmissionManifestsOptions, host: Host): Promise<number> {
  const { image, namespace, replicas, secretNamespace, clusterWideSecrets, priorityClass } = options;
  // A cluster would say so only when it pulls.
  parseReference(image);
  for (const name of [...secretNamespace, ...(namespace === undefined ? [] : [namespace])]) checkNamespace(name);
  if (replicas !== undefined && !/^[1-9]\d?$/.test(replicas)) {
    throw new ConfigError('SETTING_INVALID', `--replicas is "${replicas}"; give a number from 1 to 99`);
  }
  const manifests = renderManifests({
    ...defaultManifestSettings,
    image,
    secretNamespaces: [...new Set(secretNamespace)],
    clusterWideSecrets: clusterWideSecrets === true,
    ...(namespace === undefined ? {} : { namespace }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    ...(priorityClass === undefined ? {} : { priorityClass }),
    ...gatekeeperManifestSettings(options),
  });
  await host.stdout.write(manifestsText(manifests));
  return exitCode.ok;
}
