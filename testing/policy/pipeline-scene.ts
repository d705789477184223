import { after } from 'node:test';
import { buildProgram } from '../../src/cli/program/build-program.ts';
import { addPolicyCommands } from '../../src/cli/program/policies.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import type { Signer } from '../../src/signing/signer.ts';
import { predicateTypes } from '../../src/signing/statement/predicate-type.ts';
import { openSignatureScene, type SignatureScene } from '../evidence/signature-scene.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../image/temporary-directory.ts';
import { plainHost } from '../plain-host.ts';

/** What a command said. */
export interface Said {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** A registry with an image that one key signed, and a folder with policies of several kinds. */
export interface PipelineScene {
  readonly scene: SignatureScene;
  readonly folder: TemporaryDirectory;
  /** Its name, by a tag. */
  readonly image: string;
  /** `signed.yaml` and so on, by their names. */
  readonly files: Readonly<Record<string, string>>;
  /** Runs `seaworthy policy …` in the folder. */
  readonly policy: (...args: readonly string[]) => Promise<Said>;
  /** Runs `policy check` by a file, in the namespace `shop`. */
  readonly check: (file: string, ...args: readonly string[]) => Promise<Said>;
}

/** A policy of one requirement. */
export function own(name: string, requirement: string): string {
  return `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: ${name}}
spec:
  exceptionHelp: ask security@example.com
  ${requirement}
`;
}

/** The signers that they name. */
const signers = `apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  signers:
    - {name: mine, keys: [{file: mine.pub}]}
    - {name: theirs, keys: [{file: theirs.pub}]}
`;

const kyverno = (name: string, rule: string): string => `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: ${name}}
spec:
  validationFailureAction: Enforce
  rules:
    - name: rule
      match: {any: [{resources: {kinds: [Pod], namespaces: [shop]}}]}
      ${rule}
`;

const verifyImages = (key: Signer): string =>
  `verifyImages: [{imageReferences: ['*'], attestors: [{entries: [{keys: {publicKeys: ${JSON.stringify(formatPublicKey(key.publicKey))}, rekor: {ignoreTlog: true}}}]}]}]`;

const clusterImagePolicy = (key: Signer): string => `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: cip}
spec:
  images: [{glob: '**'}]
  authorities: [{name: a, key: {data: ${JSON.stringify(formatPublicKey(key.publicKey))}}}]
`;

/** As policies are named on a command line. */
export const named = (...files: readonly string[]): string[] => files.flatMap((name) => ['--policy', name]);

/** Signers, for policies of our own. */
const withSigners = (file: string): string[] =>
  /kyverno|controller|map/.test(file) ? named(file) : named(file, 'signers.yaml');

/** Opens one, which is closed after the tests of a file. */
export async function openPipelineScene(): Promise<PipelineScene> {
  const [mine, theirs] = (await Promise.all([1, 2].map(() => generateKeyPair()))).map(({ privateKey }) =>
    localSigner(privateKey),
  ) as [Signer, Signer];
  const folder = temporaryDirectory();
  const scene = await openSignatureScene();
  after(async () => {
    await scene[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  await scene.signByBundle(mine);
  await scene.attest(mine, predicateTypes.slsaprovenance1, { builder: 'ours' });
  folder.write('mine.pub', formatPublicKey(mine.publicKey));
  folder.write('theirs.pub', formatPublicKey(theirs.publicKey));
  const files = filesOf(mine, theirs);
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  const policy: PipelineScene['policy'] = async (...args) => {
    const { host, out, err } = plainHost(folder.path, { env: { SEAWORTHY_INSECURE_IGNORE_TLOG: 'true' } });
    let status: number | undefined;
    const program = buildProgram(host, (ended) => (status = ended), [addPolicyCommands]);
    await program.parseAsync(['policy', ...args], { from: 'user' });
    return { status, out: out(), err: err() };
  };
  return {
    scene,
    folder,
    image: `${scene.registry.host}/team/app:v1`,
    files,
    policy,
    check: (file, ...args) => policy('check', ...withSigners(file), '--namespace', 'shop', ...args),
  };
}

const filesOf = (mine: Signer, theirs: Signer): Readonly<Record<string, string>> => ({
  'signed.yaml': own('signed', 'signatures: [{signers: [mine]}]'),
  'others.yaml': own('others', 'signatures: [{signers: [theirs], help: let them sign it}]'),
  'warns.yaml': own('warns', 'signatures: [{signers: [theirs], enforcement: warn}]'),
  'provenance.yaml': own(
    'provenance',
    'attestations: [{type: slsaprovenance1, signers: [mine], condition: predicate.builder == "ours"}]',
  ),
  'critical.yaml': own('critical', 'vulnerabilities: [{severity: CRITICAL}]'),
  'elsewhere.yaml': own('elsewhere', 'gates: [admission]\n  signatures: [{signers: [theirs]}]'),
  'pinned.yaml': own('pinned', 'digest: {pin: true}'),
  'kms.yaml': own('kms', 'signers: [{name: far, keys: [{secret: signing/key}]}]\n  signatures: [{signers: [far]}]'),
  'signers.yaml': signers,
  'excepted.yaml': `${own('excepted', 'signatures: [{signers: [theirs]}]')}---
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  exceptions:
    - {name: soon, owner: team-a, reason: they are on holiday, until: 2027-01-01, rules: [excepted/signatures]}
    - {name: old, owner: team-b, reason: r, until: 2026-01-01, rules: [excepted/signatures]}
`,
  'kyverno.yaml': kyverno('kyverno-signed', verifyImages(mine)),
  'kyverno-theirs.yaml': kyverno('kyverno-theirs', verifyImages(theirs)),
  'kyverno-tag.yaml': kyverno(
    'kyverno-tag',
    "validate: {message: v1 is old, pattern: {spec: {containers: [{image: '!*:v1'}]}}}",
  ),
  'kyverno-map.yaml': kyverno(
    'kyverno-map',
    "context: [{name: m, configMap: {name: m, namespace: shop}}]\n      validate: {message: that is set, deny: {conditions: {any: [{key: '{{ m.data.a }}', operator: Equals, value: b}]}}}",
  ),
  'kyverno-data.yaml': kyverno(
    'kyverno-data',
    `validate:
        message: no variables
        foreach:
          - list: request.object.spec.containers
            context: [{name: data, imageRegistry: {reference: '{{ element.image }}'}}]
            deny: {conditions: {any: [{key: '{{ data.configData.config.Env || \`[]\` }}', operator: AnyIn, value: ['PATH=/usr/bin']}]}}`,
  ),
  'controller.yaml': clusterImagePolicy(mine),
  'controller-theirs.yaml': clusterImagePolicy(theirs),
  'map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n',
  'comments.yaml': '# spec:\n---\n#   rules: []\n',
  'blank.yaml': ' \n\n',
  'unknown.yaml': 'apiVersion: policies.kyverno.io/v1\nkind: MutatingPolicy\nmetadata: {name: m}\n',
});
