import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSettings } from '../config/resolve.ts';
import { withLooseRegistries } from './cosign-options.ts';

test("withLooseRegistries() loosens the registries of the images alone, as far as cosign's switches say", () => {
  const flags = new Map([['insecure', { texts: ['old.example'], place: '--insecure' }]] as const);
  const resolved = resolveSettings({ flags, env: {}, home: '/home/u' });
  const names = ['a.example/app:v1', 'b.example:5000/app', 'alpine'];
  const hosts = ['a.example', 'b.example:5000', 'docker.io'];
  const loosened = (given: Parameters<typeof withLooseRegistries>[1]): unknown => {
    const { insecure, plainHttp } = withLooseRegistries(resolved, given, names).settings;
    return { insecure, plainHttp };
  };
  assert.deepEqual(loosened({}), { insecure: ['old.example'], plainHttp: [] });
  assert.deepEqual(loosened({ allowHttpRegistry: true }), { insecure: ['old.example'], plainHttp: hosts });
  assert.deepEqual(loosened({ allowInsecureRegistry: true }), {
    insecure: ['old.example', ...hosts],
    plainHttp: hosts,
  });
});
