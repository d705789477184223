import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { trustLab } from '../../../testing/registry/gate/trust-lab.ts';
import { systemClock } from '../../net/clock.ts';
import { GateFiles } from './gate-files.ts';

const policyWith = (rest: string): string =>
  `apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec:\n  rules: [{name: bad, vulnerabilities: {severity: critical}}]\n${rest}`;

test('GateFiles follows a policy that changes, and keeps the one before while it is wrong', async () => {
  using folder = temporaryDirectory();
  const file = folder.write('policy.yaml', policyWith(''));
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  const logger = { debug: tell, info: tell, warn: tell, error: tell };
  const gate = {
    policies: [file],
    holdMs: 0,
    retryAfterMs: 1,
    platforms: [],
    exempt: [],
    logKeys: false,
  };
  await using lab = trustLab(folder.path, true);
  await using files = await GateFiles.open(gate, { ...lab, everyMs: 5, clock: systemClock, logger });
  const before = files.rules;
  const until = async (done: () => boolean): Promise<void> => {
    for (let look = 0; !done() && look < 1000; look += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(done(), told.join('\n'));
  };
  folder.write('policy.yaml', policyWith('  unknown: perhaps\n'));
  await until(() => told.some((message) => message.startsWith('The policy cannot be used any more')));
  assert.equal(files.rules, before);
  folder.write('policy.yaml', policyWith('  unknown: allow\n'));
  await until(() => files.rules !== before);
  assert.equal(files.rules?.policy.policy.unknown, 'allow');
});
