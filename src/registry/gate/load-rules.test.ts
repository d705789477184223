import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { GateConfig } from '../config/gate/model.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { loadGateRules } from './load-rules.ts';

const head = 'apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec:\n';
const rule = '  rules: [{name: bad, vulnerabilities: {severity: critical}}]\n';

function configOf(more: Partial<GateConfig>): GateConfig {
  return { policies: [], holdMs: 1, retryAfterMs: 2, platforms: [], exempt: [], logKeys: true, ...more };
}

test('loadGateRules() gives nothing where there is no policy', async () => {
  assert.equal(await loadGateRules(configOf({})), undefined);
});

test('loadGateRules() reads policies and keys, and says which file is wrong', async () => {
  using folder = temporaryDirectory();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const { publicKey } = await generateKeyPair();
  const key = file('key.pem', publicKey.key.export({ type: 'spki', format: 'pem' }).toString());
  const good = file('good.yaml', head + rule);
  const signed = file(
    'signed.yaml',
    `${head}  signers: [{name: us, keys: [{file: key.pem}]}]\n  rules: [{name: signed, signatures: {signers: [us]}}]\n`,
  );
  const loaded = await loadGateRules(configOf({ policies: [good, signed], logKeys: false }));
  const rules = loaded?.rules;
  assert.deepEqual(loaded?.files, [good, signed, key]);
  assert.deepEqual(
    rules?.policy.rules.map(({ rule: { name } }) => name),
    ['bad', 'signed'],
  );
  assert.deepEqual([rules?.hold, rules?.retryAfter, rules?.trust.logsForKeys], [1, 2, 0]);
  assert.equal(loaded?.anchor, undefined);
  // Whose signatures must be in a log, is judged by Sigstore's own, unless a file or another repository is named.
  const logged = await loadGateRules(configOf({ policies: [signed] }));
  assert.deepEqual(
    [logged?.anchor?.mirror, logged?.rules.trust.trust],
    ['https://tuf-repo-cdn.sigstore.dev', undefined],
  );
  const tufRoot = file('1.root.json', '{}');
  const own = await loadGateRules(configOf({ policies: [signed], tufMirror: 'https://tuf.example.com', tufRoot }));
  assert.deepEqual([own?.anchor?.mirror, own?.anchor?.root.toString()], ['https://tuf.example.com', '{}']);
  assert.deepEqual(own?.files, [signed, key, tufRoot]);
  assert.equal((await loadGateRules(configOf({ policies: [good] })))?.anchor, undefined);
  mkdirSync(join(folder.path, 'folder'));
  for (const [config, code, words] of [
    [{ policies: [join(folder.path, 'none.yaml')] }, 'GATE_FILE_UNREADABLE', /none\.yaml cannot be read \(ENOENT\)/],
    [{ policies: [join(folder.path, 'folder')] }, 'GATE_FILE_UNREADABLE', /folder cannot be read/],
    [
      { policies: [file('wrong.yaml', `${head}  rules: [{name: bad, vulnerabilities: {severity: awful}}]\n`)] },
      'GATE_FILE_INVALID',
      /wrong\.yaml:4:\d+: .*awful/,
    ],
    [{ policies: [good], trustedRoot: file('root.json', '{') }, 'GATE_FILE_INVALID', /root\.json cannot be used/],
    [
      { policies: [signed], tufMirror: 'https://tuf.example.com' },
      'GATE_FILE_INVALID',
      /Nothing says how to trust https:\/\/tuf\.example\.com; add gate\.tufRoot/,
    ],
    [{ policies: [signed], tufRoot: file('tuf.json', '{') }, 'GATE_FILE_INVALID', /tuf\.json cannot be used/],
    [{ policies: [file('text.yaml', 'no policy')] }, 'GATE_FILE_INVALID', /text\.yaml/],
  ] as const) {
    await assert.rejects(loadGateRules(configOf(config)), (error: { code?: string; message: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      return true;
    });
  }
  writeFileSync(key, 'no key');
  await assert.rejects(loadGateRules(configOf({ policies: [signed], logKeys: false })), {
    code: 'GATE_FILE_INVALID',
    file: key,
  });
});
