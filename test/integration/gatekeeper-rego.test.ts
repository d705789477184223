import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gatekeeperManifests } from '../../src/admission/gatekeeper/manifests.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { verifyPolicy } from '../../testing/admission/admission-scene.ts';
import type { ProviderResponse } from '../../testing/admission/own-provider.ts';
import { openProviderScene, type ProviderScene } from '../../testing/admission/provider-scene.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';

// The Rego that Gatekeeper is given, run by Open Policy Agent with what the provider really answers.

const run = promisify(execFile);
const template = gatekeeperManifests({
  url: 'https://webhook.default.svc:8444',
  caBundle: 'PEM',
  verifySeconds: 3,
  mutateSeconds: 1,
  enforcement: 'deny',
  excludedNamespaces: [],
  mutate: false,
  scan: false,
}).find(({ kind }) => kind === 'ConstraintTemplate');
assert.ok(template);
const { rego } = (template.spec['targets'] as readonly { readonly rego: string }[])[0] as { readonly rego: string };
const packageName = 'seaworthyimages';

/** As Ratify's own template has it, for the values of its second version. */
const ratify = `package ratify

images := {sprintf("[%v]%v", [input.review.namespace, c.image]) | c := input.review.object.spec.containers[_]}
keys := sort([key | images[key]])
response := external_data({"provider": "ratify", "keys": keys})
violation[{"msg": msg}] { msg := response.system_error; msg != "" }
violation[{"msg": msg}] { count(response.errors) > 0; msg := sprintf("%v", [response.errors]) }
violation[{"msg": msg}] { r := response.responses[_]; r[1].succeeded == false; msg := r[0] }
violation[{"msg": msg}] { r := response.responses[_]; r[1].isSuccess == false; msg := r[0] }
`;

type Answer = ProviderResponse['response'];

/** What Rego sees of an answer (frameworks, \`NewRegoResponse\`). */
function regoResponse({ items = [], systemError = '' }: Answer): object {
  const failed = items.filter(({ error = '' }) => error !== '');
  const told = items.filter(({ error = '' }) => error === '');
  return {
    responses: told.map(({ key, value }) => [key, value]),
    errors: failed.map(({ key, error }) => [key, error]),
    status_code: 200,
    system_error: systemError,
  };
}

async function evaluate(text: string, query: string, input: object, answer: object | undefined): Promise<unknown> {
  using folder = temporaryDirectory();
  // The function is Gatekeeper's own: here it gives what stands in the data.
  const own =
    answer === undefined ? 'external_data(_) = response { false; response := {} }' : 'external_data(_) = data.answer';
  const files = [
    ['--data', folder.write('template.rego', `${text}\n${own}\n`)],
    ['--data', folder.write('answer.json', JSON.stringify({ answer: answer ?? {} }))],
    ['--input', folder.write('input.json', JSON.stringify(input))],
  ].flat();
  const { stdout } = await run(
    findProgram('opa') as string,
    ['eval', '--v0-compatible', '--format=json', ...files, query],
    {
      timeout: 60_000,
    },
  );
  const { result = [] } = JSON.parse(stdout) as {
    readonly result?: readonly { readonly expressions: readonly { readonly value: unknown }[] }[];
  };
  return result[0]?.expressions[0]?.value;
}

const mine = localSigner((await generateKeyPair()).privateKey);

describe('the constraint template, by Open Policy Agent', { skip: needsProgram('opa').skip }, () => {
  let scene: ProviderScene;
  const cleanup = new AsyncDisposableStack();
  before(async () => {
    scene = cleanup.use(await openProviderScene());
    const references = [`${scene.images.registry.host}/team/*`];
    await scene.lab.policies(JSON.stringify(verifyPolicy({ key: mine, references, entry: { verifyDigest: false } })));
    await scene.images.signByTag(mine);
  });
  after(() => cleanup.disposeAsync());

  /** What Gatekeeper would tell of an object. @param change what becomes of the answer on its way */
  async function violations(
    object: object,
    change: (answer: Answer) => Answer | undefined = (answer) => answer,
    text: string = rego,
    name: string = packageName,
  ): Promise<readonly string[]> {
    const input = { review: { namespace: 'team', object } };
    const keys = (await evaluate(text, `data.${name}.keys`, input, undefined)) as readonly string[];
    const answer = change(keys.length === 0 ? {} : await scene.ask('verify', ...keys));
    const seen = answer === undefined ? undefined : regoResponse(answer);
    const found = (await evaluate(text, `data.${name}.violation`, input, seen)) as readonly { readonly msg: string }[];
    return found.map(({ msg }) => msg);
  }

  const signed = (): string => scene.name('team/app:v1');
  const unsigned = (): string => scene.name('team/other:v1');
  const podOf = (...images: readonly string[]): object => ({
    kind: 'Pod',
    spec: { containers: images.map((image) => ({ name: 'a', image })) },
  });

  test('a Pod of signed images passes, and one with another does not', async () => {
    assert.deepEqual(await violations(podOf(signed(), 'ghcr.io/other/app:1')), []);
    const found = await violations(podOf(signed(), unsigned()));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /team\/other:v1/);
  });

  test('images are found wherever Pods are described, those of volumes too', async () => {
    const wrong = unsigned();
    const specs: readonly object[] = [
      { containers: [], initContainers: [{ image: wrong }] },
      { containers: [], ephemeralContainers: [{ image: wrong }] },
      {
        containers: [],
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', image: { reference: wrong } },
        ],
      },
    ];
    for (const spec of specs) {
      const places = [
        { kind: 'Pod', spec },
        { kind: 'Deployment', spec: { template: { spec } } },
        { kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec } } } } },
        { kind: 'PodTemplate', template: { spec } },
      ];
      for (const object of places) {
        assert.equal((await violations(object)).length, 1, JSON.stringify(object));
      }
    }
    assert.deepEqual(await violations({ kind: 'ConfigMap', data: {} }), []);
    assert.match((await violations({ spec: { containers: [{ image: 5 }] } }))[0] ?? '', /no text/);
  });

  test('an answer that leaves an image out denies, and so does none, and an error of any kind', async () => {
    const pod = podOf(signed());
    const without = await violations(pod, (answer) => ({ ...answer, items: [] }));
    assert.match(without[0] ?? '', /said nothing of it/);
    assert.match((await violations(pod, () => undefined))[0] ?? '', /did not answer/);
    assert.match((await violations(pod, () => ({ items: [], systemError: 'late' })))[0] ?? '', /late/);
    const failed = (answer: Answer): Answer => ({
      items: answer.items?.map((item) => ({ ...item, error: 'broken' })) ?? [],
    });
    assert.match((await violations(pod, failed))[0] ?? '', /broken/);
    const odd = (answer: Answer): Answer => ({ items: answer.items?.map((item) => ({ ...item, value: {} })) ?? [] });
    assert.match((await violations(pod, odd))[0] ?? '', /not allowed/);
  });

  test('a registry that cannot be asked denies, with why', async () => {
    scene.images.registry.faults.add({ kind: 'status', status: 503, path: '/v2/team/down/' });
    const found = await violations(podOf(scene.name('team/down:v1'), signed()));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /could not be judged: .*team\/down:v1/);
  });

  test('templates of Ratify work as they are', async () => {
    const judge = (...images: readonly string[]): Promise<readonly string[]> =>
      violations(podOf(...images), undefined, ratify, 'ratify');
    assert.deepEqual(await judge(signed()), []);
    assert.deepEqual(await judge(signed(), unsigned()), [`[team]${unsigned()}`]);
  });
});
