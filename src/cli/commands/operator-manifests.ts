import { defaultOperatorSettings } from '../../cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../cluster/operator/manifests/render-manifests.ts';
import { manifestsText } from '../../kubernetes/manifests-text.ts';
import { parseReference } from '../../oci/reference.ts';
import { checkNamespace } from '../admission/names.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** What is given to `operator manifests`. */
export interface OperatorManifestsOptions {
  readonly image: string;
  readonly namespace?: string;
  readonly replicas?: string;
  readonly secretNamespace: readonly string[];
  readonly clusterWideSecrets?: true;
  readonly definitions: boolean;
}

/** `operator manifests`: writes what a cluster needs to run the operator. @throws ConfigError, OciError REFERENCE_INVALID */
export async function operatorManifestsCommand(options: OperatorManifestsOptions, host: Host): Promise<number> {
  const { image, namespace, replicas, secretNamespace, clusterWideSecrets, definitions } = options;
  // A cluster would say so only when it pulls.
  parseReference(image);
  for (const name of [...secretNamespace, ...(namespace === undefined ? [] : [namespace])]) checkNamespace(name);
  if (replicas !== undefined && !/^[1-9]\d?$/.test(replicas)) {
    throw new ConfigError('SETTING_INVALID', `--replicas is "${replicas}"; give a number from 1 to 99`);
  }
  const manifests = renderOperatorManifests({
    ...defaultOperatorSettings,
    image,
    definitions,
    secretNamespaces: [...new Set(secretNamespace)],
    clusterWideSecrets: clusterWideSecrets === true,
    ...(namespace === undefined ? {} : { namespace }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
  });
  await host.stdout.write(manifestsText(manifests));
  return exitCode.ok;
}
