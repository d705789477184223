import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../../src/base/atomic-file.ts';
import { reviewOfPod, sendReview, type ReviewAnswer } from '../review.ts';
import type { Server } from '../server.ts';
import type { Stage } from '../stage.ts';
import type { StockedRegistry } from './registry.ts';

/** Has the webhook of a cluster admit the signed image by its digest, and deny one that nobody signed. */
export async function showAdmission(stage: Stage, stocked: StockedRegistry, version: string): Promise<void> {
  const { registry, digest } = stocked;
  const repository = `${registry.host}/shop/app`;
  stage.title('Admit it to a cluster by its digest, and nothing that nobody signed');
  stage.say("Kyverno's own kind of policy, beside the one from before:");
  await stage.file('policies/signed.yaml', signedPolicy(registry, await readFile(stage.path('cosign.pub'), 'utf8')));
  const webhook = await stage.serve('webhook', [
    'admission',
    'serve',
    '--policy',
    stage.path('policies'),
    '--listen',
    '127.0.0.1:0',
    '--allow-registry',
    registry.host,
  ]);

  stage.say(`\nWhat an API server sends for a new Pod with the image ${repository}:${version}:`);
  const admitted = await review(stage, webhook, 'signed', `${repository}:${version}`);
  stage.showOutput(`allowed: ${admitted.allowed}`);
  for (const step of admitted.patch) stage.showOutput(`patch: ${JSON.stringify(step)}`);
  const pinned = admitted.patch.find(({ path, op }) => path === '/spec/containers/0/image' && op === 'replace')?.value;
  if (!admitted.allowed || pinned !== `${repository}:${version}@${digest}`) {
    stage.fail('the signed image was not admitted by its digest', JSON.stringify(admitted));
  }
  stage.say('  → admitted, and what runs is what was verified, wherever the tag goes');

  stage.say('\nAn image of the same files that somebody made otherwise, and nobody signed:');
  const unsigned = `${repository}:unsigned`;
  await stage.type(['build', '--from', `${repository}:${version}`, '--label', 'built-by=somebody', '--push', unsigned]);
  const denied = await review(stage, webhook, 'unsigned', unsigned);
  stage.showOutput(`allowed: ${denied.allowed}\n${denied.status?.message.trim() ?? ''}`, { characters: 800 });
  if (denied.allowed || !/no signatures found/.test(denied.status?.message ?? '')) {
    stage.fail('the unsigned image was not denied for that', JSON.stringify(denied));
  }
  stage.say('  → denied, with what to do about it');
}

async function review(stage: Stage, webhook: Server, name: string, image: string): Promise<ReviewAnswer> {
  const text = `${JSON.stringify(reviewOfPod(image), undefined, 2)}\n`;
  const file = stage.path(`review-${name}.json`);
  await writeFileAtomic(file, Buffer.from(text));
  // The certificate that the webhook made is for this name.
  const url = new URL('/mutate/fail?timeout=30s', webhook.url);
  url.hostname = 'localhost';
  const ca = stage.path('cache', 'admission', 'ca.crt');
  stage.showCommand([
    'curl',
    '--silent',
    '--cacert',
    ca,
    '--header',
    'content-type: application/json',
    '--data',
    `@${file}`,
    url.href,
  ]);
  return await sendReview(url, Buffer.from(text), ca, stage.signal);
}

function signedPolicy({ host }: Server, publicKey: string): string {
  const pem = publicKey.trim().replaceAll(/^/gm, ' '.repeat(22));
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: by-the-team
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['${host}/*']
          attestors:
            - entries:
                - keys:
                    publicKeys: |-
${pem}
                    rekor: { ignoreTlog: true }
`;
}
