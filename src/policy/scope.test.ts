import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSubject } from '../../testing/policy/make-evidence.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { Subject } from './evidence.ts';
import type { RuleScope } from './model.ts';
import { compileScope } from './scope.ts';

const unknown = undefined as never;

const cases: readonly (readonly [scope: RuleScope | undefined, subject: Partial<Subject>, covers: boolean])[] = [
  [undefined, {}, true],
  [{}, {}, true],
  [{ gates: ['pull', 'push'] }, {}, true],
  [{ gates: ['push'] }, {}, false],
  [{ repositories: ['team/*'] }, {}, true],
  [{ repositories: ['team'] }, {}, false],
  [{ repositories: ['a/**', 'team/**'], exceptRepositories: ['team/app'] }, {}, false],
  [{ exceptRepositories: ['team/other'] }, {}, true],
  [{ sources: ['registry.example.com/**'] }, {}, true],
  [{ sources: ['docker.io/**'] }, {}, false],
  [{ exceptSources: ['registry.example.com/team/app'] }, {}, false],
  [{ tags: ['1.*'] }, {}, true],
  [{ tags: ['1.*'] }, { tags: ['latest', '1.9'] }, true],
  [{ tags: ['2.*'] }, {}, false],
  [{ tags: ['2.*'] }, { tags: [] }, false],
  [{ tags: ['2.*'] }, { tags: unknown }, true],
  [{ references: ['registry.example.com/team/app:2.*'] }, { named: 'tag' }, false],
  [{ references: ['registry.example.com/team/app:1.*'] }, { named: 'tag' }, true],
  [{ references: ['registry.example.com/team/app:1.*'] }, { named: 'digest' }, false],
  [{ references: ['registry.example.com/team/app@*'] }, { named: 'digest', tags: unknown }, true],
  [{ references: ['registry.example.com/team/app@*'] }, { named: 'tag' }, false],
  [{ references: ['registry.example.com/team/other:*'] }, { named: 'tag', tags: unknown }, true],
  [{ references: ['registry.example.com/team/other:*'] }, { tags: unknown }, true],
  [{ references: ['registry.example.com/team/app@*'] }, {}, true],
  [{ references: ['index.docker.io/nginx:1.4'] }, { source: 'docker.io/library/nginx', named: 'tag' }, true],
  [{ references: ['docker.io/library/nginx:*'] }, { source: 'Index.docker.io/nginx', named: 'tag' }, true],
  [{ references: ['nginx:*'] }, { source: 'docker.io/library/nginx', named: 'tag' }, false],
  [{ exceptReferences: ['registry.example.com/team/app:1.*'] }, { named: 'tag' }, false],
  [{ exceptReferences: ['registry.example.com/team/app:1.*'] }, { named: 'digest' }, true],
  [{ exceptReferences: ['registry.example.com/**'] }, { named: 'tag', tags: unknown }, true],
  [{ platforms: ['linux/amd64'] }, {}, true],
  [{ platforms: ['linux/arm64', 'windows/amd64'] }, {}, false],
  [{ platforms: ['linux/arm64'] }, { platform: unknown }, true],
  [{ platforms: ['linux/amd64'] }, { platform: { os: 'linux', architecture: 'x86_64' } }, true],
  [{ platforms: ['linux/x86_64'] }, {}, true],
  [{ platforms: ['linux/amd64'] }, { platform: { os: 'Linux', architecture: 'AMD64' } }, true],
  [{ platforms: ['linux/amd64'] }, { platform: { os: 'no such/os', architecture: '' } }, true],
  [{ platforms: ['linux/arm'] }, { platform: parsePlatform('linux/arm/v6') }, true],
  [{ platforms: ['linux/arm/v7'] }, { platform: parsePlatform('linux/arm/v6') }, false],
  [{ platforms: ['linux/arm/v7'] }, { platform: parsePlatform('linux/arm') }, true],
  [{ platforms: ['linux/arm64/v8'] }, { platform: parsePlatform('linux/arm64') }, true],
  [{ gates: ['pull'], repositories: ['team/**'], tags: ['2.*'] }, {}, false],
];

for (const [scope, subject, covers] of cases) {
  test(`${JSON.stringify(scope)} ${covers ? 'covers' : 'leaves out'} ${JSON.stringify(subject)}`, () => {
    assert.equal(compileScope(scope)(makeSubject(subject)), covers);
  });
}
