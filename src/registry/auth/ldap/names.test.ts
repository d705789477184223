import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EqualityFilter, FilterParser } from 'ldapts';
import { isRegistryAuthError } from '../error.ts';
import { isBelow, parseDistinguishedName } from './distinguished-name.ts';
import { checkFilter, escapeFilterValue, fillFilter } from './filter.ts';
import { checkLdapSettings, type LdapSettings } from './settings.ts';

test('escapeFilterValue() takes the meaning from what means something', () => {
  assert.equal(escapeFilterValue('*)(uid=*'), String.raw`\2a\29\28uid=\2a`);
  assert.equal(escapeFilterValue('a\\2a\0'), String.raw`a\5c2a\00`);
  assert.equal(escapeFilterValue('zoë O’Neil-1_2.x@y'), 'zoë O’Neil-1_2.x@y');
  assert.equal(
    fillFilter('(&(uid={user})(member={dn}))', { user: '*', dn: '(' }),
    String.raw`(&(uid=\2a)(member=\28))`,
  );
  // What was filled in is not filled again.
  assert.equal(fillFilter('(uid={user})', { user: '{dn}', dn: 'x' }), '(uid={dn})');
});

test('whatever a user is called, the filter asks for exactly that', () => {
  const characters = fc.constantFrom(...Array.from('ab*()\\&|!=<>~:{}, \0é🔑0'));
  fc.assert(
    fc.property(fc.string({ unit: characters, minLength: 1 }), (user) => {
      const filter = FilterParser.parseString(fillFilter('(uid={user})', { user }));
      assert.ok(filter instanceof EqualityFilter);
      assert.deepEqual([filter.attribute, filter.value], ['uid', user]);
    }),
  );
});

test('checkFilter() wants a filter with the user in it', () => {
  for (const good of ['(uid={user})', '(&(objectClass=person)(|(uid={user})(mail={user})))']) {
    assert.equal(checkFilter(good, ['user'], 'x'), good);
  }
  const bad = ['', 'uid={user}', '(uid=alice)', '(uid={user})(', '(uid={user})(a=b)', '(uid={user}', '(&(uid={user})'];
  for (const filter of [...bad, '(uid={name})', '(uid={user}{dn})', '(uid={})', '({user}=x)', '(uid{user})']) {
    assert.throws(
      () => checkFilter(filter, ['user'], 'x'),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID'),
      filter,
    );
  }
});

const names: readonly (readonly [text: string, first: string | undefined, parts: number])[] = [
  ['cn=dev,ou=groups,dc=example', 'dev', 3],
  ['CN = Dev Team , OU=Groups', 'Dev Team', 2],
  [String.raw`cn=a\,b,dc=x`, 'a,b', 2],
  [String.raw`cn=a\2cb\c3\ab,dc=x`, 'a,bë', 2],
  [String.raw`cn=a\+b,dc=x`, 'a+b', 2],
  [String.raw`cn=a\\,dc=x`, 'a\\', 2],
  [String.raw`cn=\ a\ ,dc=x`, ' a ', 2],
  ['2.5.4.3=dev', 'dev', 1],
  // What groups do not have is read as no name at all.
  ['cn=a+ou=b,dc=x', undefined, 0],
  ['cn=#0403646576,dc=x', undefined, 0],
  ['cn="a,b",dc=x', undefined, 0],
  ['cn=,dc=x', undefined, 0],
  ['dev', undefined, 0],
  ['', undefined, 0],
  ['cn=a,', undefined, 0],
  ['cn=a\\', undefined, 0],
];

test('parseDistinguishedName() reads the names of groups', () => {
  for (const [text, first, parts] of names) {
    const name = parseDistinguishedName(text);
    assert.deepEqual([name?.[0]?.value, name?.length ?? 0], [first, parts], text);
  }
});

test('isBelow() compares whole parts', () => {
  const below = (name: string, base: string): boolean =>
    isBelow(parseDistinguishedName(name) ?? [], parseDistinguishedName(base) ?? []);
  assert.equal(below('cn=dev,OU=Groups, DC=Example', 'ou=groups,dc=example'), true);
  assert.equal(below('ou=groups,dc=example', 'ou=groups,dc=example'), true);
  assert.equal(below('cn=dev,ou=evilgroups,dc=example', 'ou=groups,dc=example'), false);
  assert.equal(below(String.raw`cn=dev\,ou=groups,dc=example`, 'ou=groups,dc=example'), false);
  assert.equal(below('dc=example', 'ou=groups,dc=example'), false);
});

test('checkLdapSettings() refuses what would send passwords in the open, or find nobody', () => {
  const good: LdapSettings = {
    url: 'ldaps://ldap.example.com',
    users: { base: 'dc=example', filter: '(uid={user})', nameAttribute: 'uid' },
  };
  const plain = (url: string, more: Partial<LdapSettings> = {}): string =>
    checkLdapSettings({ ...good, url, ...more }).tls;
  assert.deepEqual([checkLdapSettings(good).port, checkLdapSettings(good).host], [636, 'ldap.example.com']);
  assert.equal(plain('ldap://ldap.example.com', { startTls: true }), 'start tls');
  assert.equal(plain('ldap://ldap.example.com', { allowPlain: true }), 'none');
  assert.equal(plain('ldap://127.0.0.1:1389'), 'none');
  assert.equal(checkLdapSettings({ ...good, url: 'ldaps://[::1]:1636' }).host, '::1');
  const bad: readonly Partial<LdapSettings>[] = [
    { url: 'ldap://ldap.example.com' },
    { url: 'https://ldap.example.com' },
    { url: 'ldap.example.com' },
    { url: 'ldaps://' },
    { url: 'ldaps://user:secret@ldap.example.com' },
    { url: 'ldaps://ldap.example.com/dc=example?uid' },
    { startTls: true },
    { bind: { dn: 'cn=reader', password: '' } },
    { bind: { dn: '', password: 'x' } },
    { bind: { dn: 'EXTERNAL', password: 'x' } },
    { users: { ...good.users, base: '' } },
    { users: { ...good.users, filter: '(uid=*)' } },
    { users: { ...good.users, nameAttribute: 'u id' } },
    { users: { ...good.users, passwordAttribute: '' } },
    { groups: { kind: 'attribute', attribute: 'memberOf', base: '' } },
    { groups: { kind: 'attribute', attribute: 'memberOf', base: 'groups' } },
    { groups: { kind: 'attribute', attribute: '*', base: 'ou=groups' } },
    { groups: { kind: 'search', base: '', filter: '(member={dn})', nameAttribute: 'cn' } },
    { groups: { kind: 'search', base: 'ou=groups', filter: '(cn=*)', nameAttribute: 'cn' } },
  ];
  for (const more of bad) {
    assert.throws(
      () => checkLdapSettings({ ...good, ...more }),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID') && !error.message.includes('secret'),
      JSON.stringify(more),
    );
  }
});
