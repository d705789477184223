import { openSignatureScene, type SignatureScene } from '../evidence/signature-scene.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import type { TestRegistryOptions } from '../registry/test-registry.ts';
import type { ProviderQuestion } from '../../src/admission/gatekeeper/answer.ts';
import { gatekeeperLimits } from '../../src/admission/gatekeeper/limits.ts';
import type { ProviderServer } from '../../src/admission/gatekeeper/serve/open-provider-server.ts';
import { type AdmissionLab, type AdmissionLabOptions, startAdmissionLab } from './admission-lab.ts';
import { askProvider, type ProviderResponse } from './own-provider.ts';
import { openClient } from './review-client.ts';

/** A webhook that answers Gatekeeper as well, and a registry. */
export interface ProviderScene extends AsyncDisposable {
  readonly images: SignatureScene;
  readonly lab: AdmissionLab;
  /** With the registry's host. */
  readonly name: (image: string) => string;
  /** Asks as Gatekeeper does. */
  readonly ask: (question: ProviderQuestion, ...keys: readonly string[]) => Promise<ProviderResponse['response']>;
}

/** How a scene differs from the usual one. */
export interface ProviderSceneOptions extends Partial<AdmissionLabOptions> {
  readonly registry?: TestRegistryOptions;
}

/** Opens one. It has no policies yet, and no cluster where no client is given. */
export async function openProviderScene(options: ProviderSceneOptions = {}): Promise<ProviderScene> {
  const { registry = {}, settings, ...lab } = options;
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  const images = opened.use(await openSignatureScene(registry));
  const { mutateSeconds } = gatekeeperLimits;
  // Machines of tests may be slow.
  const gatekeeper = { listen: { host: '127.0.0.1', port: 0 }, verifySeconds: 30, mutateSeconds: mutateSeconds * 30 };
  const admission = opened.use(
    await startAdmissionLab({ cacheFolder: folder.path, settings: { gatekeeper, ...settings }, ...lab }),
  );
  const { address } = admission.admission.gatekeeper as ProviderServer;
  const client = opened.use(openClient('HTTP/1.1', address.port, admission.authority));
  const held = opened.move();
  return {
    images,
    lab: admission,
    name: (image) => `${images.registry.host}/${image}`,
    ask: (question, ...keys) => askProvider(client, question, ...keys),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
