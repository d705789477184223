import { errorMessage } from '../../base/error.ts';
import { runProgram } from '../../base/run-program.ts';
import type { Network } from '../../net/network.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { fetchManifest, resolveDigest } from '../../oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { EgressError } from '../error.ts';
import type { Finding } from '../endpoint.ts';
import { egressLimits } from '../limits.ts';
import { findPulls, type FoundPull } from './audit-search.ts';
import { repositoryAt } from './repository-at.ts';

/** Programs of a node that pull through its runtime, and how they are called. */
export const pullers: Readonly<Record<string, readonly string[]>> = {
  crictl: ['pull'],
  podman: ['pull', '--quiet'],
  nerdctl: ['pull', '--quiet'],
  docker: ['pull', '--quiet'],
};

/** A pull whose trace is looked for. */
export interface CanaryQuestion {
  /** As workloads name it. */
  readonly reference: string;
  /** Host and port of the private registry. */
  readonly registry: string;
  /** Where its API is; absent: where the registry itself is found. */
  readonly auditUrl?: string;
  /** One of {@link pullers}; absent: this program asks the private registry itself. */
  readonly puller?: string;
}

/** What a canary needs of its surroundings. */
export interface CanarySurroundings {
  readonly network: Network;
  readonly keychain: Keychain;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Between two looks at the trail, in milliseconds. */
const pauseMs = 250;

/** The clocks of two machines may differ by so much, in milliseconds. */
const skewMs = 120_000;

/**
 * Pulls an image, and looks for the pull in the audit trail of the private registry. One that is not there came from elsewhere.
 *
 * @throws EgressError EGRESS_CANARY_FAILED when the image cannot be pulled, or the trail cannot be asked
 */
export async function pullCanary(
  { reference, registry, auditUrl, puller }: CanaryQuestion,
  { network, keychain, env, signal }: CanarySurroundings,
): Promise<readonly Finding[]> {
  const image = parseReference(reference);
  const { clock } = network;
  const client = new RegistryClient(network, registry, { keychain });
  const repository = image.registry === registry ? image.repository : await repositoryAt(client, image, signal);
  const url = auditUrl ?? (await client.origin(signal));
  const question = { url, repository, since: clock.now() - skewMs };
  // Their clocks may differ, so that what is new is told by what was there before.
  const known = new Set((await findPulls(question, network, keychain, signal)).map(({ hash }) => hash));
  if (puller === undefined) await pullItself(client, repository, image, signal);
  else await pullBy(puller, reference, env, signal);
  const names = await namesOfPull(client, repository, image, puller !== undefined, signal);
  const end = clock.monotonic() + egressLimits.canaryMs;
  do {
    const pulls: FoundPull[] = [];
    for (const name of names)
      pulls.push(...(await findPulls({ ...question, reference: name }, network, keychain, signal)));
    const found = pulls.find(({ hash }) => !known.has(hash));
    if (found !== undefined) {
      const from = found.address === undefined ? '' : ` from ${found.address}`;
      const sentence = `${reference} was pulled by ${found.actor}${from} at ${found.time}`;
      return [{ code: 'CANARY_SEEN', level: 'note', sentence }];
    }
    await clock.sleep(pauseMs, signal);
  } while (clock.monotonic() < end);
  const sentence = `${reference} was pulled, and ${registry} knows of no such pull: it came from elsewhere, or lay on the node already`;
  return [{ code: 'CANARY_UNSEEN', level: 'way-out', sentence }];
}

/**
 * What a pull of an image is called in the trail. Programs of a node may ask what a tag means (HEAD), which is no pull, and then for that
 * digest, as containerd does.
 */
async function namesOfPull(
  client: RegistryClient,
  repository: string,
  image: Reference,
  mayResolve: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const named = referenceIn(image);
  if (!mayResolve || image.digest !== undefined) return [named];
  try {
    const digest = await resolveDigest(client, repository, named, signal);
    return digest === undefined ? [named] : [named, digest];
  } catch {
    // What it does not have was not pulled from it.
    signal?.throwIfAborted();
    return [named];
  }
}

function referenceIn({ digest, tag }: Reference): string {
  return digest ?? tag ?? 'latest';
}

async function pullItself(
  client: RegistryClient,
  repository: string,
  image: Reference,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await fetchManifest(client, repository, referenceIn(image), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = `${repository} cannot be pulled from ${client.registry}: ${errorMessage(cause)}`;
    throw new EgressError('EGRESS_CANARY_FAILED', message, { cause });
  }
}

async function pullBy(
  program: string,
  reference: string,
  env: CanarySurroundings['env'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const args = [...(pullers[program] ?? []), reference];
  const end = await runProgram({ program, args, env, timeoutMs: 300_000, maxOutputBytes: 1_048_576, signal });
  if (end.kind === 'ended' && end.status === 0) return;
  const why = end.kind === 'ended' ? `it ended with ${end.status ?? 'a signal'}` : `it is ${end.kind}`;
  throw new EgressError(
    'EGRESS_CANARY_FAILED',
    `${program} could not pull ${reference}: ${why}; run it by hand to see why`,
  );
}
