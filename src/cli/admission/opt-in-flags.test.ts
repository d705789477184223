import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveFlags } from '../../../testing/admission/serve-flags.ts';
import { type AdmissionFlags, admissionSettingsOf } from './flags.ts';

const flags = serveFlags();
const place = { cacheFolder: '/tmp', ownNamespace: undefined };

test('policies of policy-controller are read as the flags say', () => {
  const of = (more: Partial<AdmissionFlags>): unknown =>
    admissionSettingsOf({ ...flags, ...more }, place).policyController;
  assert.deepEqual(of({}), { optIn: false });
  assert.deepEqual(of({ optInNamespaces: true, unmatched: 'deny' }), { optIn: true, noMatch: 'deny' });
  assert.throws(() => of({ unmatched: 'block' }), /--unmatched is "block"; write it as deny, warn or allow/);
});
