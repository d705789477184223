import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { needsSharedData } from '../../testing/shared-data.ts';
import { run } from '../end-to-end/program.ts';
import { conformanceCases } from './sigstore-cases.ts';

/** Of the suite's cases, which all run without the command line elsewhere: both outcomes, both signers, both logs. */
const sample: readonly string[] = [
  'happy-path-v0.3',
  'managed-key-happy-path',
  'rekor2-dsse-happy-path',
  'intoto-with-custom-trust-root',
  'bundle-malformed-json_fail',
  'managed-key-wrong-key_fail',
  'message-digest-mismatch_fail',
  'rekor2-no-timestamp_fail',
  'trust-root-tlog-missing-validity-start_fail',
  'invalid-ct-key_fail',
];

/** Runs the command as the suite does: its arguments in its order, of a file or of its digest. */
test('conformance verify-bundle gives the suite its answers', needsSharedData('sigstore-conformance'), async () => {
  using folder = temporaryDirectory();
  const cases = conformanceCases().filter(({ name }) => sample.includes(name));
  assert.equal(cases.length, sample.length);
  for (const { name, passes, bundle, artifact, trustedRoot, identity, issuer, key } of cases) {
    folder.write('bundle.json', bundle);
    folder.write('artifact', artifact);
    folder.write('root.json', trustedRoot);
    if (key !== undefined) folder.write('key.pub', key);
    const signer =
      key === undefined
        ? ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer]
        : ['--key', 'key.pub'];
    const before = [
      'conformance',
      'verify-bundle',
      '--bundle',
      'bundle.json',
      ...signer,
      '--trusted-root',
      'root.json',
    ];
    const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}`;
    for (const target of ['artifact', digest]) {
      const { status, stdout, stderr } = await run([...before, target], { cwd: folder.path });
      assert.equal(status === 0, passes, `${name} of ${target}: ${stderr}`);
      assert.equal(stdout, '');
      if (!passes) assert.match(stderr, /^error [A-Z_]+: .+\n$/, name);
    }
  }
});
