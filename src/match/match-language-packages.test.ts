import { flaw, type MatchCase, one, pkg, testMatches, two } from '../../testing/matching.ts';
import { makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';

const cases: readonly MatchCase[] = [
  {
    what: 'a version that cannot be compared, when there is what to compare it with',
    packages: [pkg('npm a latest'), pkg('npm b latest')],
    advisories: [flaw(one, ['npm a', '0 2.0.0'])],
    findings: [],
    problems: ['VERSION_UNREADABLE npm'],
  },
  {
    what: 'a language without data',
    packages: [pkg('npm a 1.0.0'), pkg('generic b 1.0.0')],
    advisories: [flaw(one, ['PyPI a', '0'])],
    findings: [],
    problems: ['NO_ADVISORIES_FOR_ECOSYSTEM npm', 'NO_ADVISORIES_FOR_TYPE generic'],
  },
  {
    what: 'every spelling of a Python name',
    packages: [pkg('pypi Zope.Interface_X 1.0')],
    advisories: [flaw(one, ['PyPI zope-interface.x', '0 2.0'])],
    findings: [`Zope.Interface_X: ${one} 2.0`],
  },
  {
    what: 'names of NuGet and Packagist in any case',
    packages: [pkg('nuget newtonsoft.JSON 1.0'), pkg('composer Symfony/Http 1.0')],
    advisories: [flaw(one, ['NuGet Newtonsoft.Json', '0 2.0'], ['Packagist symfony/http', '0 2.0'])],
    findings: [`Symfony/Http: ${one} 2.0`, `newtonsoft.JSON: ${one} 2.0`],
  },
  {
    what: 'Go paths letter for letter',
    packages: [pkg('golang github.com/A/b v1.0.0'), pkg('golang github.com/a/b v1.0.0')],
    advisories: [flaw(one, ['Go github.com/a/b', '0 1.2.0'])],
    findings: [`github.com/a/b: ${one} 1.2.0`],
  },
  {
    what: "Go's standard library by the version that built the program",
    packages: [pkg('golang stdlib go1.21.3')],
    advisories: [flaw(one, ['Go stdlib', '0 1.20.11', '1.21.0-0 1.21.4']), flaw(two, ['Go stdlib', '0 1.21.3'])],
    findings: [`stdlib: ${one} 1.21.4`],
  },
  {
    what: "Go's main module without a version",
    packages: [pkg('golang a (devel)', { main: true }), pkg('golang b (devel)', { main: true })],
    advisories: [flaw(one, ['Go a', '0 1.20.11'])],
    findings: [],
    problems: ['VERSION_UNREADABLE Go'],
  },
  {
    what: 'the other languages',
    packages: [
      pkg('bitnami redis 1.0.0'),
      pkg('cargo tokio 1.0.0'),
      pkg('gem rails 1.0.0'),
      pkg('maven g:a 1.0.0'),
      pkg('npm @s/p 1.0.0'),
    ],
    advisories: [
      flaw(one, ['Bitnami redis', '0 2'], ['crates.io tokio', '0 2.0.0'], ['RubyGems rails', '0 2']),
      flaw(two, ['Maven g:a', '0 2'], ['npm @s/p', '0 2.0.0']),
    ],
    findings: [`@s/p: ${two} 2.0.0`, `g:a: ${two} 2`, `rails: ${one} 2`, `redis: ${one} 2`, `tokio: ${one} 2.0.0`],
  },
  {
    what: 'withdrawn advisories, which match nothing',
    packages: [pkg('npm a 1.0.0')],
    advisories: [{ ...flaw(one, ['npm a', '0']), withdrawn: '2024-01-01T00:00:00Z' }, flaw(two, ['npm a', '0'])],
    findings: [`a: ${two}`],
  },
  {
    what: 'every fix that databases of a language name, the own one first',
    packages: [pkg('npm a 2.1.0')],
    advisories: [
      makeAdvisory({
        id: 'GHSA-a',
        aliases: [one],
        affected: [makeAffected('npm a', ['0 1.5.0', '2.0.0 2.3.0', '3.0.0 3.1.0'])],
      }),
      makeAdvisory({ id: 'X-1', aliases: ['GHSA-a'], affected: [makeAffected('npm a', ['0 2.2.0'])] }),
    ],
    findings: [`a: ${one} 2.2.0 2.3.0 3.1.0`],
  },
];

testMatches(cases);
